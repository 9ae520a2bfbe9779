/// Several files in one request: each its own answer or problem, in the order of the request.
module Tests.Expecto.Web.BatchUploadTests

open System
open System.Net.Http
open System.Text.Json
open Expecto
open Web.Giraffe
open Tests.Expecto.Web.UploadTests

let private form (field: string) (files: (string * byte[]) list) : HttpContent =
    let form = new MultipartFormDataContent()

    for name, bytes in files do
        form.Add(new ByteArrayContent(bytes), field, name)

    form

let private results (answer: HttpResponseMessage) =
    task {
        Expect.equal (Http.status answer) 200 "the list's own status"
        let! root = Http.json answer
        return List.ofSeq (root.GetProperty("results").EnumerateArray())
    }

let private statusOf (result: JsonElement) = result.GetProperty("status").GetInt32()

let private fileOf (result: JsonElement) = string (result.GetProperty "file")

let private mixed =
    testCaseTask "each file of a batch has the result that it has alone, in order"
    <| fun () ->
        withWorker [ "--Upload:MaxBytes=100000" ] (fun web worker ->
            task {
                let! answer =
                    classify
                        web
                        (form
                            "file"
                            [
                                "a.png", Picture.png 100
                                "b.txt", "nonsense"B
                                "c.png", Picture.png 100_001
                                "d.png", [||]
                                "e.png", Picture.png 200
                            ])

                let! results = results answer
                Expect.equal (results |> List.map fileOf) [ "a.png"; "b.txt"; "c.png"; "d.png"; "e.png" ] "in order"
                Expect.equal (results |> List.map statusOf) [ 200; 415; 413; 400; 200 ] "each its own"
                let best = results[0].GetProperty("answer").GetProperty("predictions")[0]
                Expect.equal (string (best.GetProperty "label")) "Samoyed" "an answer"
                let problem = results[1].GetProperty "problem"
                Expect.stringContains (string (problem.GetProperty "detail")) "choose a picture" "a problem in words"
                Expect.equal (worker.Pictures |> Array.map _.Length |> Array.sort) [| 100; 200 |] "the pictures alone"
            })

let private alone =
    testCaseTask "one file is answered like a body, unless its field is called 'files'"
    <| fun () ->
        withWorker [] (fun web _ ->
            task {
                let! answer = classify web (form "file" [ "a.png", Picture.png 100 ])
                let! root = Http.json answer
                Expect.isTrue (fst (root.TryGetProperty "predictions")) "as ever"
                let! answer = classify web (form "file" [ "a.txt", "nonsense"B ])
                let! _ = refused 415 answer
                let! answer = classify web (form "files" [ "a.txt", "nonsense"B ])
                let! results = results answer
                Expect.equal (results |> List.map statusOf) [ 415 ] "a list of one"
                let! answer = classify web (form "files" [])
                let! _ = refused 400 answer
                ()
            })

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

let private troubled =
    testCaseTask "a lost worker fails only its own files, with Retry-After"
    <| fun () ->
        task {
            use! web = WebUnderTest.Start []

            let! answer =
                classify web (form "file" [ "a.png", Picture.png 100; "b.txt", "nonsense"B ])

            let! results = results answer
            Expect.equal (results |> List.map statusOf) [ 503; 415 ] "each its own"
            let retry = results[0].GetProperty("problem").GetProperty("retryAfter").GetInt32()
            Expect.equal retry 5 "seconds"
        }

let private options =
    testCaseTask "options apply to every file, and what an original worker can't do is reported"
    <| fun () ->
        withWorker [] (fun web worker ->
            task {
                let content () = Http.body (Picture.png 100)

                let! answer =
                    web.Send("POST", "/api/classify?top=7&explain=true", [], Some(content ()))

                let! root = Http.json answer

                Expect.equal
                    (root.GetProperty("unmet").GetRawText())
                    """["top","explain"]"""
                    "the test's worker says two classes and no maps"

                let! answer = web.Send("POST", "/api/classify?top=1", [], Some(content ()))
                let! root = Http.json answer
                Expect.equal (root.GetProperty("predictions").GetArrayLength()) 1 "no more than asked for"
                Expect.isFalse (fst (root.TryGetProperty "unmet")) "nothing is"

                let both = form "file" [ "a.png", Picture.png 100; "b.png", Picture.png 100 ]
                let! answer = web.Send("POST", "/api/classify?top=1000", [], Some both)
                let! results = results answer

                for result in results do
                    Expect.equal (result.GetProperty("answer").GetProperty("unmet").GetRawText()) """["top"]""" "each"

                Expect.equal (Array.last worker.ReceivedParameters).Top (ValueSome 1000) "and was asked"
            })

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

let tests =
    testList
        "BatchUpload"
        [
            mixed
            alone
            bounded
            tooMany
            fieldAfter
            memory
            troubled
            options
            cut
            malformed
        ]
