/// Several files in one request: each its own answer or problem, in the order of the request.
module Tests.Expecto.Web.BatchUploadTests

open System.Net.Http
open System.Text.Json
open Expecto
open Tests.Expecto.Web.UploadTests

let internal form (field: string) (files: (string * byte[]) list) : HttpContent =
    let form = new MultipartFormDataContent()

    for name, bytes in files do
        form.Add(new ByteArrayContent(bytes), field, name)

    form

let internal results (answer: HttpResponseMessage) =
    task {
        Expect.equal (Http.status answer) 200 "the list's own status"
        let! root = Http.json answer
        return List.ofSeq (root.GetProperty("results").EnumerateArray())
    }

let internal statusOf (result: JsonElement) = result.GetProperty("status").GetInt32()

let internal fileOf (result: JsonElement) = string (result.GetProperty "file")

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

let tests = testList "BatchUpload" [ mixed; alone; troubled; options ]
