/// `recognize --csv`: what a spreadsheet or another program reads of it.
module Tests.Expecto.CommandLine.CsvTests

open System
open System.IO
open System.Text
open Expecto
open Tests.Expecto

/// The records of RFC 4180, each ended by CR LF.
let private parse (text: string) =
    let records = ResizeArray<string list>()
    let fields = ResizeArray<string>()
    let field = StringBuilder()
    let mutable isQuoted = false
    let mutable at = 0

    let endField () =
        fields.Add(field.ToString())
        field.Clear() |> ignore

    while at < text.Length do
        match text[at] with
        | '"' when isQuoted && at + 1 < text.Length && text[at + 1] = '"' ->
            field.Append '"' |> ignore
            at <- at + 1
        | '"' -> isQuoted <- not isQuoted
        | ',' when not isQuoted -> endField ()
        | '\r' when not isQuoted && text[at + 1] = '\n' ->
            endField ()
            records.Add(List.ofSeq fields)
            fields.Clear()
            at <- at + 1
        | other -> field.Append other |> ignore

        at <- at + 1

    Expect.equal (fields.Count, field.Length, isQuoted) (0, 0, false) "the last record is ended"
    List.ofSeq records

let private csv =
    testTask "CSV has a header and a record for each picture, with its classes or its error" {
        let folder = Directory.CreateTempSubdirectory("recognize-").FullName
        let odd = [ "a,b.png"; "quote\"d.png"; "two\nlines.png"; "=1+1.png"; "Wörter.png" ]

        for name in odd do
            File.Copy(Recognize.sample "daisy", Path.Combine(folder, name))

        let! result =
            Recognize.start
                Recognize.program
                folder
                (odd
                 @ [
                     "nope.png"
                     Path.Combine(Repository.root, "README.md")
                     "--csv"
                     "--top"
                     "2"
                 ])
                []
                [||]

        Directory.Delete(folder, true)
        Expect.equal result.Code 3 result.Err

        match parse result.Out with
        | head :: records ->
            Expect.equal
                head
                [
                    "file"
                    "error"
                    "model"
                    "worker"
                    "milliseconds"
                    "label1"
                    "probability1"
                    "label2"
                    "probability2"
                    "answer"
                    "answer_probability"
                    "answer_id"
                ]
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
