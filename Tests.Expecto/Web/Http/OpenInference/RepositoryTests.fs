/// Loading and unloading models by the Open Inference Protocol's model repository extension.
module Tests.Expecto.Web.RepositoryTests

open System.Text
open System.Text.Json
open System.Threading.Tasks
open Microsoft.Extensions.DependencyInjection
open Expecto
open Tests.Expecto
open Protocol.Core
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest

let private change (web: WebUnderTest) order (body: string) =
    task {
        let! answer =
            postTo web $"/v2/repository/models/{order}" [] (Encoding.UTF8.GetBytes body)

        let! text = Http.text answer
        return Http.status answer, text
    }

let private succeeds web order body =
    task {
        let! status, text = change web order body
        Expect.equal (status, text) (200, "{}") order
    }

let private fails (web: WebUnderTest) order body (status: int) (says: string) =
    task {
        let! actual, text = change web order body
        Expect.equal actual status text
        use json = JsonDocument.Parse text
        Expect.stringContains (string (json.RootElement.GetProperty "error")) says order
    }

/// The state of each model in the index.
let private states (web: WebUnderTest) =
    task {
        let! answer = web.Send("POST", "/v2/repository/index")
        let! json = Http.json answer

        return
            [
                for model in json.EnumerateArray() ->
                    string (model.GetProperty "name"), string (model.GetProperty "state")
            ]
    }

let private infer (web: WebUnderTest) (model: string) =
    task {
        let body =
            $$"""{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["{{base64 7}}"]}],"outputs":[{"name":"label"}]}"""

        let! answer = postTo web $"/v2/models/{model}/infer" [] (Encoding.UTF8.GetBytes body)
        return Http.status answer
    }

/// Lets the web node ask the worker what it serves.
let private describes (web: WebUnderTest) (worker: TestWorker) =
    web.Services.GetRequiredService<WorkerClient>().Negotiate worker.Address

let private withModels (test: WebUnderTest -> TestWorker -> Task<unit>) =
    task {
        use worker = new TestWorker(Recognizes recognize)

        worker.Models <-
            {
                Default = "a"
                Executors = 1
                Revision = "1"
                Models = [| smallModel "a" "1"; smallModel "b" "1" |]
            }

        use! web = WebUnderTest.Start([], [ worker.Address ])
        do! describes web worker
        do! test web worker
    }

let private unloaded =
    testCaseTask "an unloaded model is out of service on this node until it is loaded again, the others stay"
    <| fun () ->
        withModels (fun web worker ->
            task {
                // As Triton's Python client sends it.
                do! succeeds web "b/unload" """{"parameters":{"unload_dependents":false}}"""
                let! b = infer web "b"
                let! a = infer web "a"
                Expect.equal (b, a) (404, 200) "only b is gone"
                let! listed = states web
                Expect.contains listed ("b", "UNAVAILABLE") "in the index"
                Expect.contains listed ("a", "READY") "in the index"
                let! answer = web.Send("GET", "/v2/models/b/ready")
                Expect.equal (Http.status answer) 404 "not ready"

                // The worker describes itself anew.
                worker.Models <- { worker.Models with Revision = "2" }
                do! describes web worker
                let! b = infer web "b"
                Expect.equal b 404 "still out of service"

                do! succeeds web "b/load" "{}"
                let! b = infer web "b"
                Expect.equal b 200 "back"
                do! succeeds web "b/load" ""
            })

let private index =
    testCaseTask "the index has every version in service, and the model of workers that describe none"
    <| fun () ->
        task {
            let entries (web: WebUnderTest) =
                task {
                    let! answer =
                        web.Send("POST", "/v2/repository/index", [], Some(Http.body """{"ready":true}"""B))

                    let! json = Http.json answer

                    return
                        [
                            for model in json.EnumerateArray() ->
                                string (model.GetProperty "name"), string (model.GetProperty "version")
                        ]
                }

            use older = new TestWorker(Recognizes recognize)
            use newer = new TestWorker(Recognizes recognize)

            for worker, version in [ older, "1"; newer, "2" ] do
                worker.Models <-
                    {
                        Default = "a"
                        Executors = 1
                        Revision = version
                        Models = [| smallModel "a" version |]
                    }

            use! web = WebUnderTest.Start([], [ older.Address; newer.Address ])
            do! describes web older
            do! describes web newer
            let! both = entries web
            Expect.equal both [ "a", "1"; "a", "2" ] "while workers change over"
            let! answer = web.Send("GET", "/v2/models/a")
            let! metadata = Http.json answer
            Expect.equal (metadata.GetProperty("versions").GetArrayLength()) 2 "as in the metadata"

            use plain = new TestWorker(Recognizes recognize)
            plain.Refusal <- ValueSome "N"B
            use! web = WebUnderTest.Start([], [ plain.Address ])
            let! only = entries web
            Expect.equal only [ "squeezenet1_1", "1" ] "it answers requests"
        }

let private byDefault =
    testCaseTask "the default model can be unloaded, whether its workers describe themselves or not"
    <| fun () ->
        task {
            let check (name: string) (web: WebUnderTest) =
                task {
                    do! succeeds web $"{name}/unload" ""
                    let! answer = web.Send("POST", "/api/classify", [], Some(Http.body (picture 7)))
                    Expect.equal (Http.status answer) 404 "a request that names no model"
                    let! status = infer web name
                    Expect.equal status 404 "a request that names it"
                    do! succeeds web $"{name}/load" ""
                    let! status = infer web name
                    Expect.equal status 200 "back"
                }

            do! withModels (fun web _ -> check "a" web)
            do! withWorker (fun web _ -> check "squeezenet1_1" web)
        }

let private wrong =
    testCaseTask "a model that no worker has or can load, and a body that can't be right, are errors"
    <| fun () ->
        withModels (fun web worker ->
            task {
                do! fails web "x/load" "{}" 404 "'x'"
                do! fails web "x/unload" "{}" 404 "'x'"
                do! fails web "b/load" """{"parameters":{"config":"{}"}}""" 400 "model folder"
                do! fails web "b/load" """{"parameters":1}""" 400 "'parameters'"
                do! fails web "b/unload" "[]" 400 "object"
                do! fails web "b/unload" "{" 400 "JSON"
                do! fails web "b/load" """{"parameters":{"\ud800":1}}""" 400 "not valid text"
                let! b = infer web "b"
                Expect.equal b 200 "nothing was changed"

                let broken =
                    { smallModel "b" "1" with
                        State = ModelState.Failed
                        Error = "The file is damaged."
                    }

                worker.Models <-
                    { worker.Models with
                        Revision = "2"
                        Models = [| smallModel "a" "1"; broken |]
                    }

                do! describes web worker
                do! fails web "b/load" "{}" 400 "The file is damaged."
            })

let private administrators =
    testCaseTask "only an administrator may load a model"
    <| fun () ->
        task {
            use! web = WebUnderTest.Start([ "--Admin:Token=a-token-of-this-test" ], [])
            do! fails web "squeezenet1_1/load" "" 401 "token"
        }

let tests =
    testList "Repository" [ unloaded; index; byDefault; wrong; administrators ]
