/// Batches and their streams.
module Tests.Expecto.Web.BatchTests

open System
open System.IO
open System.Net.Http
open System.Text
open System.Text.Json
open System.Threading
open Expecto
open Tests.Expecto.Web.UploadTests

let internal form (files: (string * byte[]) list) : HttpContent =
    let form = new MultipartFormDataContent()

    for name, bytes in files do
        form.Add(Http.part name bytes)

    form

let internal batch (web: WebUnderTest) headers content =
    web.Send("POST", "/api/classify/batch", headers, Some content)

let private ndjson = [ "Accept", "application/x-ndjson, application/json;q=0.5" ]

let private lines (text: string) =
    [
        for line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries) -> JsonDocument.Parse(line).RootElement
    ]

let private number (name: string) (line: JsonElement) = line.GetProperty(name).GetInt32()

let private list =
    testCaseTask "a batch is answered with a list, of one file, too, in the files' order"
    <| fun () ->
        withWorker [] (fun web _ ->
            task {
                for files in [ 1; 3 ] do
                    let! answer =
                        batch web [] (form [ for file in 1..files -> $"{file}.png", Picture.png 100 ])

                    let! root = Http.json answer
                    let results = List.ofSeq (root.GetProperty("results").EnumerateArray())
                    Expect.equal (results |> List.map (number "index")) [ 0 .. files - 1 ] "in order"

                let! answer = batch web [] (Http.noFile ())
                let! _ = refused 400 answer
                ()
            })

let private stream =
    testCaseTask "with Accept: application/x-ndjson every file has one line, with its place and its name"
    <| fun () ->
        withWorker [] (fun web _ ->
            task {
                let files =
                    [
                        "a.png", Picture.png 100
                        "b.txt", "nonsense"B
                        "c.png", Picture.png 100
                        "d.png", [||]
                    ]

                for path in [ "/api/classify/batch"; "/api/classify" ] do
                    let! answer = web.Send("POST", path, ndjson, Some(form files))
                    Expect.equal (Http.status answer, Http.mediaType answer) (200, "application/x-ndjson") path
                    let! text = Http.text answer

                    let told =
                        [
                            for line in lines text ->
                                number "index" line, line.GetProperty("file").GetString(), number "status" line
                        ]

                    Expect.equal
                        (List.sort told)
                        [ 0, "a.png", 200; 1, "b.txt", 415; 2, "c.png", 200; 3, "d.png", 400 ]
                        path

                let! answer =
                    web.Send("POST", "/api/classify/batch?top=no", ndjson, Some(form files))

                let! _ = refused 400 answer
                ()
            })

let private preferred =
    testCaseTask "lines or a list, by the qualities in Accept"
    <| fun () ->
        withWorker [] (fun web _ ->
            task {
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
                    let! answer = batch web [ "Accept", accept ] (form [ "a.png", Picture.png 100 ])
                    Expect.equal (Http.status answer, Http.mediaType answer) (200, mediaType) accept
            })

/// Reads until the connection ends, or what was read has `text`.
let private readUntil (text: string) (stream: Stream) =
    task {
        use late = new CancellationTokenSource(TimeSpan.FromSeconds 30.0)
        let buffer = Array.zeroCreate<byte> 65_536
        let mutable read = ""
        let mutable going = true

        while going do
            let! count = stream.ReadAsync(Memory buffer, late.Token)
            read <- read + Encoding.UTF8.GetString(buffer, 0, count)
            going <- count > 0 && not (read.Contains text)

        return read
    }

let private early =
    testCaseTask "a result comes as soon as it is ready, before the rest of the form is sent"
    <| fun () ->
        withWorker [] (fun web _ ->
            task {
                // HttpClient reads no answer before it has sent the whole request.
                use! socket = web.Raw()
                use stream = socket.GetStream()

                let part name =
                    Array.concat
                        [
                            Encoding.ASCII.GetBytes
                                $"--x\r\nContent-Disposition: form-data; name=file; filename={name}\r\n\r\n"
                            Picture.png 100
                            "\r\n"B
                        ]

                let begun = Array.append (part "first.png") (part "second.png")
                let rest = Array.append (part "third.png") "--x--\r\n"B

                let head =
                    Encoding.ASCII.GetBytes
                        $"POST /api/classify/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: application/x-ndjson\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {begun.Length + rest.Length}\r\n\r\n"

                do! stream.WriteAsync(ReadOnlyMemory(Array.append head begun))
                let! first = readUntil "Samoyed" stream
                Expect.stringContains first "first.png" "before the third file"
                do! stream.WriteAsync(ReadOnlyMemory rest)
                let! others = readUntil "no such text" stream

                for name in [ "second.png"; "third.png" ] do
                    Expect.stringContains others name "and the others"
            })

let private broken =
    testCaseTask "a form that breaks off after some results: the last line has the problem"
    <| fun () ->
        withWorker [ "--Upload:MaxFiles=3" ] (fun web _ ->
            task {
                let files = form [ for file in 1..5 -> $"{file}.png", Picture.png 100 ]
                let! answer = batch web ndjson files
                let! text = Http.text answer
                let all = lines text
                let last = List.last all
                Expect.equal (number "status" last) 400 "the form's"
                let problem = last.GetProperty "problem"
                Expect.equal (string (problem.GetProperty "code")) "too-many-files" "for programs"
                Expect.isFalse (fst (last.TryGetProperty "index")) "no file's"
                Expect.hasLength all 4 "the files before"
            })

let private lateOption =
    testCaseTask "an option after several files is refused, since the first ones are answered already"
    <| fun () ->
        withWorker [] (fun web _ ->
            task {
                let content = new MultipartFormDataContent()
                content.Add(Http.part "a.png" (Picture.png 100))
                content.Add(Http.part "b.png" (Picture.png 100))
                content.Add(new StringContent("3"), "top")
                let! answer = batch web [] content
                let! detail = refused 400 answer
                Expect.stringContains detail "before the files" "what to do"
            })

let tests = testList "Batch" [ list; stream; preferred; early; broken; lateOption ]
