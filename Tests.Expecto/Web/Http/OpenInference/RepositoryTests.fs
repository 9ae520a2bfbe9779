/// Loading and unloading models by the Open Inference Protocol's model repository extension.
module Tests.Expecto.Web.RepositoryTests

open Expecto
open Tests.Expecto
open Protocol.Core
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.ClassifyUnderTest

let private change web order body =
    postJsonTo web $"/v2/repository/models/{order}" body

let private succeeds web order body =
    task {
        let! answer = change web order body
        let! text = Http.text answer
        Expect.equal (Http.status answer, text) (200, "{}") order
    }

let private fails web order body status says =
    answersError status says order (change web order body)

/// The models of the index, each with this property.
let private index (web: WebUnderTest) (property: string) (body: string) =
    task {
        let! json = Http.jsonOf (postJsonTo web "/v2/repository/index" body)

        return
            [
                for model in json.EnumerateArray() ->
                    string (model.GetProperty "name"), string (model.GetProperty property)
            ]
    }

let private infers web (model: string) status about =
    postJsonTo web $"/v2/models/{model}/infer" (inferJson [ 7 ] """[{"name":"label"}]""")
    |> Http.returns status about

let private serves revision models : ServedModels =
    {
        Default = "a"
        Executors = 1
        Revision = revision
        Models = models
    }

let private serveModels () =
    let models = serves "1" [| smallModel "a" "1"; smallModel "b" "1" |]
    WebUnderTest.StartDescribed([], [ new TestWorker(Recognizes recognize, Models = models) ])

let private unloaded =
    testTask "an unloaded model is out of service on this node until it is loaded again, the others stay" {
        use! web = serveModels ()
        // As Triton's Python client sends it.
        do! succeeds web "b/unload" """{"parameters":{"unload_dependents":false}}"""
        do! infers web "b" 404 "b is gone"
        do! infers web "a" 200 "only b"
        let! listed = index web "state" ""
        Expect.containsAll listed [ "b", "UNAVAILABLE"; "a", "READY" ] "in the index"
        do! Http.returns 404 "not ready" (web.Send("GET", "/v2/models/b/ready"))

        // The worker describes itself anew.
        web.Worker.Models <-
            { web.Worker.Models with
                Revision = "2"
            }

        do! web.Describes web.Worker
        do! infers web "b" 404 "still out of service"

        do! succeeds web "b/load" "{}"
        do! infers web "b" 200 "back"
        do! succeeds web "b/load" ""
    }

let private versions =
    testTask "the index has every version in service, and the model of workers that describe none" {
        let workers =
            [
                for version in [ "1"; "2" ] ->
                    new TestWorker(Recognizes recognize, Models = serves version [| smallModel "a" version |])
            ]

        use! web = WebUnderTest.StartDescribed([], workers)
        let! both = index web "version" """{"ready":true}"""
        Expect.equal both [ "a", "1"; "a", "2" ] "while workers change over"
        let! metadata = Http.jsonOf (web.Send("GET", "/v2/models/a"))
        Expect.equal (metadata.GetProperty("versions").GetArrayLength()) 2 "as in the metadata"

        use! web =
            WebUnderTest.StartWith([], new TestWorker(Recognizes recognize, Refusal = ValueSome "N"B))

        let! only = index web "version" """{"ready":true}"""
        Expect.equal only [ "squeezenet1_1", "1" ] "it answers requests"
    }

let private byDefault =
    testTask "the default model can be unloaded, whether its workers describe themselves or not" {
        for name, serve in [ "a", serveModels; "squeezenet1_1", (fun () -> serveInference []) ] do
            use! web = serve ()
            do! succeeds web $"{name}/unload" ""
            do! Http.returns 404 "a request that names no model" (classify web (Http.body (picture 7)))
            do! infers web name 404 "a request that names it"
            do! succeeds web $"{name}/load" ""
            do! infers web name 200 "back"
    }

let private wrong =
    testTask "a model that no worker has or can load, and an invalid body, are errors" {
        use! web = serveModels ()
        do! fails web "x/load" "{}" 404 "'x'"
        do! fails web "x/unload" "{}" 404 "'x'"
        do! fails web "b/load" """{"parameters":{"config":"{}"}}""" 400 "model folder"
        do! fails web "b/load" """{"parameters":1}""" 400 "'parameters'"
        do! fails web "b/unload" "[]" 400 "object"
        do! fails web "b/unload" "{" 400 "JSON"
        do! fails web "b/load" """{"parameters":{"\ud800":1}}""" 400 "not valid text"
        do! infers web "b" 200 "nothing was changed"

        let broken =
            { smallModel "b" "1" with
                State = ModelState.Failed
                Error = "The file is damaged."
            }

        web.Worker.Models <- serves "2" [| smallModel "a" "1"; broken |]
        do! web.Describes web.Worker
        do! fails web "b/load" "{}" 400 "The file is damaged."
    }

let private administrators =
    testTask "only an administrator may load a model" {
        use! web = WebUnderTest.Start([ "--Admin:Token=a-token-of-this-test" ], [])
        do! fails web "squeezenet1_1/load" "" 401 "token"
    }

let tests =
    testList "Repository" [ unloaded; versions; byDefault; wrong; administrators ]
