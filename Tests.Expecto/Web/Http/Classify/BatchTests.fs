/// Batches and their streams.
module Tests.Expecto.Web.BatchTests

open System
open System.Text
open System.Text.Json
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.ClassifyUnderTest

let private ndjson = [ "Accept", "application/x-ndjson, application/json;q=0.5" ]

let private lines (text: string) =
    [
        for line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries) -> JsonDocument.Parse(line).RootElement
    ]

let private number (name: string) (line: JsonElement) = line.GetProperty(name).GetInt32()

let private list =
    testTask "a batch is answered with a list, of one file, too, in the files' order" {
        use! web = serve []

        for files in [ 1; 3 ] do
            let! results = results (batch web [] (many "file" files 100))
            Expect.equal (results |> List.map (number "index")) [ 0 .. files - 1 ] "in order"

        do! refuses 400 "" "no file" (batch web [] (Http.noFile ()))
    }

let private stream =
    testTask "with Accept: application/x-ndjson every file has one line, with its place and its name" {
        use! web = serve []

        let files () =
            Http.files
                "file"
                [
                    "a.png", Picture.png 100
                    "b.txt", "nonsense"B
                    "c.png", Picture.png 100
                    "d.png", [||]
                ]

        for path in [ "/api/classify/batch"; "/api/classify" ] do
            let! answer = web.Send("POST", path, ndjson, Some(files ()))
            Expect.equal (Http.status answer, Http.mediaType answer) (200, "application/x-ndjson") path
            let! text = Http.text answer

            let told =
                [
                    for line in lines text ->
                        number "index" line, line.GetProperty("file").GetString(), number "status" line
                ]

            Expect.equal (List.sort told) [ 0, "a.png", 200; 1, "b.txt", 415; 2, "c.png", 200; 3, "d.png", 400 ] path

        do! refuses 400 "top" "before any line" (web.Send("POST", "/api/classify/batch?top=no", ndjson, Some(files ())))
    }

let private preferred =
    testTask "lines or a list, by the qualities in Accept" {
        use! web = serve []

        for accept, mediaType in
            [
                "application/x-ndjson", "application/x-ndjson"
                "Application/X-NDJSON; charset=utf-8", "application/x-ndjson"
                "application/jsonl", "application/x-ndjson"
                "application/json, application/x-ndjson", "application/x-ndjson"
                "application/json;q=0.5, application/x-ndjson;q=0.6", "application/x-ndjson"
                "application/x-ndjson;q=0.1, */*;q=0.9", "application/x-ndjson"
                "application/x-ndjson;q=0", "application/json"
                "application/x-ndjson;q=0, application/json", "application/json"
                "application/json, application/x-ndjson;q=0.5", "application/json"
                "*/*", "application/json"
                "application/*", "application/json"
                "no media type, at all;;", "application/json"
            ] do
            let! answer = batch web [ "Accept", accept ] (Http.file "a.png" (Picture.png 100))
            Expect.equal (Http.status answer, Http.mediaType answer) (200, mediaType) accept
    }

let private early =
    testTask "a result comes as soon as it is ready, before the rest of the form is sent" {
        use! web = serve []
        // HttpClient reads no answer before it has sent the whole request.
        use! socket = web.Raw()

        let part name =
            Array.concat
                [
                    Encoding.ASCII.GetBytes $"--x\r\nContent-Disposition: form-data; name=file; filename={name}\r\n\r\n"
                    Picture.png 100
                    "\r\n"B
                ]

        let begun = Array.append (part "first.png") (part "second.png")
        let rest = Array.append (part "third.png") "--x--\r\n"B

        let head =
            Encoding.ASCII.GetBytes
                $"POST /api/classify/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: application/x-ndjson\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {begun.Length + rest.Length}\r\n\r\n"

        do! socket.Send(Array.append head begun)
        let! first = socket.ReadUntil "Samoyed"
        Expect.stringContains first "first.png" "before the third file"
        do! socket.Send rest
        let! others = socket.ReadToEnd()

        for name in [ "second.png"; "third.png" ] do
            Expect.stringContains others name "and the others"
    }

let private broken =
    testTask "a form that breaks off after some results: the last line has the problem" {
        use! web = serve [ "--Upload:MaxFiles=3" ]
        let! text = Http.textOf (batch web ndjson (many "file" 5 100))
        let all = lines text
        let last = List.last all
        Expect.equal (number "status" last) 400 "the form's"
        let problem = last.GetProperty "problem"
        Expect.equal (string (problem.GetProperty "code")) "too-many-files" "for programs"
        Expect.isFalse (fst (last.TryGetProperty "index")) "no file's"
        Expect.hasLength all 4 "the files before"
    }

let private lateOption =
    testTask "an option after several files is refused, since the first ones are answered already" {
        use! web = serve []
        let picture = Picture.png 100

        let form =
            Http.form [ Http.part "a.png" picture; Http.part "b.png" picture; Http.field "top" "3" ]

        do! refuses 400 "before the files" "what to do" (batch web [] form)
    }

let tests = testList "Batch" [ list; stream; preferred; early; broken; lateOption ]
