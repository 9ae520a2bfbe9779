/// Several files in one request: how many, how much memory they take, and forms that end early.
module Tests.Expecto.Web.BatchLimitsTests

open System
open System.Net.Http
open Expecto
open Web.Giraffe
open Tests.Expecto.Web.UploadTests
open Tests.Expecto.Web.BatchUploadTests

let private bounded =
    testCaseTask "files are classified in parallel up to the limit, and answered in order"
    <| fun () ->
        task {
            use worker = TestWorker.slow 50.0
            use! web = WebUnderTest.Start([ "--Pool:InFlight=100" ], [ worker.Address ])
            let names = [ for number in 1..30 -> $"{number}.png" ]

            let! answer =
                classify web (form "files" [ for name in names -> name, Picture.png 100 ])

            let! results = results answer
            Expect.equal (results |> List.map fileOf) names "in order"
            Expect.all results (fun result -> statusOf result = 200) "all answered"
            Expect.isGreaterThan worker.MaxConcurrent 1 "side by side"
            Expect.isLessThanOrEqual worker.MaxConcurrent BoundedParallel.limit "bounded"
        }

let private tooMany =
    testCaseTask "too many files get 400 with the limit"
    <| fun () ->
        withWorker [ "--Upload:MaxFiles=3" ] (fun web _ ->
            task {
                let files count =
                    form "file" [ for number in 1..count -> $"{number}.png", Picture.png 100 ]

                let! answer = classify web (files 3)
                let! results = results answer
                Expect.hasLength results 3 "up to the limit"
                let! answer = classify web (files 4)
                let! detail = refused 400 answer
                Expect.stringContains detail "up to 3 files" "says so"
            })

let private fieldAfter =
    testCaseTask "a field may follow the only file that a form may have"
    <| fun () ->
        withWorker [ "--Upload:MaxFiles=1" ] (fun web worker ->
            task {
                let form = new MultipartFormDataContent()
                form.Add(Http.part "a.png" (Picture.png 100))
                form.Add(new StringContent("2"), "top")
                let! answer = classify web form
                Expect.equal (Http.status answer) 200 "classified"
                Expect.equal (Array.last worker.ReceivedParameters).Top (ValueSome 2) "with its option"
            })

let private fields =
    testCaseTask "a file may come with a thousand fields, but with no more, whatever the limit on files"
    <| fun () ->
        withWorker [ "--Upload:MaxFiles=1" ] (fun web _ ->
            task {
                let form count =
                    let form = new MultipartFormDataContent()
                    form.Add(Http.part "a.png" (Picture.png 100))

                    for number in 1..count do
                        form.Add(new StringContent(string (number % 1000)), "labels")

                    form

                for count in [ 3; 1000 ] do
                    let! answer = classify web (form count)
                    Expect.equal (Http.status answer) 200 $"{count} fields"

                let! answer = classify web (form 1025)
                let! detail = refused 400 answer
                Expect.stringContains detail "up to 1024 fields" "says so"
            })

let private memory =
    testCaseTask "a batch holds no more memory than its parallel requests, and returns it"
    <| fun () ->
        task {
            use worker = TestWorker.slow 20.0

            use! web =
                WebUnderTest.Start(
                    // Each takes 65,536 bytes, so that 40 of them would not fit at once.
                    [
                        "--Upload:MaxBytes=100000"
                        $"--Upload:MaxBuffered={9 * 65_536}"
                        "--Upload:MaxRequest=10000000"
                    ],
                    [ worker.Address ]
                )

            for _ in 1..2 do
                let! answer =
                    classify web (form "file" [ for number in 1..40 -> $"{number}.png", Picture.png 60_000 ])

                let! results = results answer
                Expect.all results (fun result -> statusOf result = 200) "each had room in its turn"
        }

let private cut =
    testCaseTask "a truncated form gets 400 and keeps no memory"
    <| fun () ->
        withWorker [ "--Upload:MaxBytes=100000"; "--Upload:MaxBuffered=200000" ] (fun web _ ->
            task {
                let files = [ "a.png", Picture.png 60_000; "b.png", Picture.png 60_000 ]
                let! whole = (form "file" files).ReadAsByteArrayAsync()
                let boundary = Text.Encoding.ASCII.GetString(whole, 2, 36)

                for _ in 1..5 do
                    let content = new ByteArrayContent(whole[.. whole.Length - 1000])

                    content.Headers.TryAddWithoutValidation(
                        "Content-Type",
                        $"multipart/form-data; boundary={boundary}"
                    )
                    |> ignore

                    let! answer = classify web content
                    let! _ = refused 400 answer
                    ()

                let! answer = classify web (form "file" files)
                let! results = results answer
                Expect.equal (results |> List.map statusOf) [ 200; 200 ] "there is room for a whole one"
            })

let private malformed =
    testCaseTask "a malformed later part gets 400 after the form's running requests end"
    <| fun () ->
        task {
            use worker = TestWorker.slow 1_000.0
            use! web = WebUnderTest.Start [ worker.Address ]
            let files = [ "a.png", Picture.png 100; "b.png", Picture.png 100 ]
            let! whole = (form "file" files).ReadAsByteArrayAsync()
            let boundary = Text.Encoding.ASCII.GetString(whole, 2, 36)
            // In place of the closing delimiter.
            let start = whole[.. whole.Length - 5]
            let content = new ByteArrayContent(Array.append start "\r\nno header\r\n\r\nx"B)

            content.Headers.TryAddWithoutValidation("Content-Type", $"multipart/form-data; boundary={boundary}")
            |> ignore

            let! answer = classify web content
            let! _ = refused 400 answer
            Expect.hasLength worker.Pictures 2 "the files before were sent"
            let! list = web.Send("GET", "/api/workers")
            let! list = Http.json list
            Expect.stringContains (list.GetRawText()) "\"inFlight\":0" "and is over"
        }

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
                        form "files" [ for file in 1..count -> $"{file}.png", Picture.png length ]

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
                        classify web (form "files" [ "a.png", Picture.png 100_001; "b.png", Picture.png 100 ])

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

let tests =
    testList "BatchLimits" [ bounded; tooMany; fieldAfter; fields; memory; cut; malformed; sizes ]
