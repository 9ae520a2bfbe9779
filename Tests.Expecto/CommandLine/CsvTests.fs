/// `recognize --csv`: what a spreadsheet or another program reads of it.
module Tests.Expecto.CommandLine.CsvTests

open System.IO
open System.Text.RegularExpressions
open Expecto
open Microsoft.VisualBasic.FileIO
open Tests.Expecto

let private parse (text: string) =
    use parser = new TextFieldParser(new StringReader(text), TrimWhiteSpace = false)
    parser.SetDelimiters ","

    [
        while not parser.EndOfData do
            List.ofArray (nonNull (parser.ReadFields()))
    ]

let private csv =
    testTask "CSV has a header and a record for each picture, with its classes or its error" {
        use folder = new TemporaryFolder()
        let odd = [ "a,b.png"; "quote\"d.png"; "two\nlines.png"; "=1+1.png"; "Wörter.png" ]

        for name in odd do
            File.Copy(Recognize.sample "daisy", folder.Of name)

        let others = [ "nope.png"; Path.Combine(Repository.root, "README.md") ]

        let! result =
            Recognize.start Recognize.program folder.Path (odd @ others @ [ "--csv"; "--top"; "2" ]) [] [||]

        Expect.equal result.Code 3 result.Err
        Expect.stringEnds result.Out "\r\n" "the last record is ended"
        Expect.equal (Regex.Count(result.Out, "\r\n")) 8 "and so is every other, and the header"
        Expect.equal (Regex.Count(result.Out, "(?<!\r)\n")) 1 "the other line end is in a name"

        match parse result.Out with
        | head :: records ->
            Expect.equal
                head
                ("file,error,model,worker,milliseconds,label1,probability1,label2,probability2,"
                 + "answer,answer_probability,answer_id"
                 |> _.Split(',')
                 |> List.ofArray)
                "the header"

            Expect.all records (fun record -> record.Length = head.Length) "as many fields everywhere"

            Expect.equal
                (records |> List.take 5 |> List.map List.head)
                [ "a,b.png"; "quote\"d.png"; "two\nlines.png"; "'=1+1.png"; "Wörter.png" ]
                "names as they are, but for a formula"

            for record in List.take 5 records do
                Expect.equal (record[1], record[2], record[5]) ("", "squeezenet1_1", "daisy") "named"
                Expect.isGreaterThan (float record[6]) 0.9 "the probability"

            let missing, text = records[5], records[6]
            Expect.equal missing[1] "there is no such file" "an error"
            Expect.stringContains text[1] "Plain text isn't supported" "another"
            Expect.all (List.skip 2 missing) ((=) "") "and no classes"
        | [] -> failtest "no header"
    }

let private forms =
    testTask "--csv excludes the other forms" {
        for arguments in [ [ "--csv"; "--json" ]; [ "--csv"; "--plain" ]; [ "--csv"; "--explain" ] ] do
            let! result = Recognize.run (Recognize.sample "daisy" :: arguments)
            Expect.equal result.Code 2 result.Err
            Expect.stringContains result.Err "choose one" "what to do"
    }

let tests = testList "Csv" [ csv; forms ]
