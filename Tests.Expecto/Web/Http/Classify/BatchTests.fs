/// Batches and their streams, and what every answer tells: its trace and the caller's limit.
module Tests.Expecto.Web.BatchTests

open System
open System.IO
open System.Net.Http
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading
open Expecto
open Tests.Expecto.Web.UploadTests
open Tests.Expecto.Web.ApiUnderTest

let private form (files: (string * byte[]) list) : HttpContent =
    let form = new MultipartFormDataContent()

    for name, bytes in files do
        form.Add(Http.part name bytes)

    form

let private batch (web: WebUnderTest) headers content =
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

let private sizes =
    testCaseTask "too many files, too long a request and too large a picture can be told apart by their codes"
    <| fun () ->
        withWorker
            [
                "--Upload:MaxFiles=3"
                "--Upload:MaxBytes=100000"
                "--Upload:MaxRequest=200000"
            ]
            (fun web _ ->
                task {
                    let files count length =
                        form [ for file in 1..count -> $"{file}.png", Picture.png length ]

                    for path, content, status, code, says in
                        [
                            "/api/classify/batch", files 4 100, 400, "too-many-files", "up to 3 files"
                            "/api/classify", files 4 100, 400, "too-many-files", "up to 3 files"
                            // Their length is announced.
                            "/api/classify/batch", files 3 99_000, 413, "request-too-large", "up to 200,000 bytes"
                            "/api/classify", Http.body (Picture.png 100_001), 413, "too-large", "A picture"
                        ] do
                        let! answer = web.Send("POST", path, [], Some content)
                        let! detail = refused status answer
                        Expect.stringContains detail says path
                        let! problem = Http.json answer
                        Expect.equal (string (problem.GetProperty "code")) code path

                    let! answer =
                        batch web [] (form [ "a.png", Picture.png 100_001; "b.png", Picture.png 100 ])

                    let! root = Http.json answer
                    let problem = root.GetProperty("results").[0].GetProperty("problem")
                    Expect.equal (string (problem.GetProperty "code")) "too-large" "the picture's own"

                    for path, says in
                        [
                            "/v2/models/squeezenet1_1/infer", "200,000 bytes"
                            "/v2/repository/index", "65,536 bytes"
                        ] do
                        let! answer = web.Send("POST", path, [], Some(Http.body (Array.create 300_000 ' 'B)))
                        let! root = Http.json answer
                        Expect.equal (Http.status answer) 413 path
                        Expect.stringContains (string (root.GetProperty "error")) says path
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

let private traced =
    testCaseTask "every answer has its trace id, that of the caller's trace if it has one"
    <| fun () ->
        withWorker [] (fun web _ ->
            task {
                let trace = "0af7651916cd43dd8448eb211c80319c"

                for method, path in
                    [
                        "GET", "/"
                        "GET", "/assets/app.css"
                        "GET", "/health/live"
                        "GET", "/nothing"
                        "GET", "/v2"
                        "POST", "/api/classify"
                    ] do
                    let! answer = web.Send(method, path)
                    let own = Http.header "trace-id" answer
                    Expect.isTrue (Regex.IsMatch(own, "^[0-9a-f]{32}$")) $"{method} {path}: {own}"

                    let! answer =
                        web.Send(method, path, [ "traceparent", $"00-{trace}-b7ad6b7169203331-01" ])

                    Expect.equal (Http.header "trace-id" answer) trace $"{method} {path}: the caller's"

                let! answer = web.Send("POST", "/api/classify")
                let! problem = Http.json answer

                Expect.stringContains
                    (string (problem.GetProperty "traceId"))
                    (Http.header "trace-id" answer)
                    "as in the problem"
            })

let private limits =
    testCaseTask "a caller with a limit is told it, and what is left of it; one without is not"
    <| fun () ->
        task {
            do!
                withWorker [ "--Api:RequestsPerSecond=0.01"; "--Api:Burst=5" ] (fun web _ ->
                    task {
                        let! answer = classifyAs web []
                        Expect.equal (Http.header "RateLimit-Policy" answer) "\"pictures\";q=5;w=500" "the policy"
                        Expect.equal (Http.header "RateLimit" answer) "\"pictures\";r=4;t=100" "after one"

                        let! answer =
                            batch web [] (form [ for file in 1..3 -> $"{file}.png", Picture.png 100 ])

                        Expect.equal (Http.header "RateLimit" answer) "\"pictures\";r=1;t=400" "after four"
                        let! answer = web.Send("GET", "/api/models")
                        Expect.equal (Http.header "RateLimit" answer) "\"pictures\";r=1;t=400" "costs nothing"
                        let! _ = classifyAs web []
                        let! answer = classifyAs web []
                        let! _ = refused 429 answer
                        Expect.equal (Http.header "RateLimit" answer) "\"pictures\";r=0;t=500" "none left"
                        Expect.notEqual (Http.header "Retry-After" answer) "" "and when to come back"
                    })

            do!
                withWorker [] (fun web _ ->
                    task {
                        let! answer = classifyAs web []
                        Expect.equal (Http.header "RateLimit" answer) "" "no limit"
                    })
        }

let tests =
    testList "Batch" [ list; stream; preferred; early; broken; sizes; lateOption; traced; limits ]
