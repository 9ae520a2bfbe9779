/// KServe's V1 protocol, TensorFlow Serving's rows and columns, and Triton's configuration and statistics over HTTP.
module Tests.Expecto.Web.PredictTests

open System.Net.Http
open System.Text
open System.Text.Json
open Expecto
open Tests.Expecto
open Microsoft.Extensions.DependencyInjection
open Protocol.Core
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest

let private v1 = "/v1/models/squeezenet1_1"

let private predict web path (json: string) =
    postTo web path [] (Encoding.UTF8.GetBytes json)

let private b64 number = $$"""{"b64":"{{base64 number}}"}"""

let private rows =
    testCaseTask "instances in rows, bare and named, give predictions; inputs in columns give outputs"
    <| fun () ->
        withWorker (fun web worker ->
            task {
                let two = $"{b64 7},{b64 9}"
                let named = $$"""{"image":{{b64 7}}},{"image":{{b64 9}}}"""

                for path in [ $"{v1}:predict"; $"{v1}/versions/1:predict" ] do
                    for body in
                        [
                            $$"""{"instances":[{{two}}]}"""
                            $$"""{"instances":[{{named}}]}"""
                            $$"""{"signature_name":"serving_default","instances":[{{two}}]}"""
                            $$"""{"instances":["{{base64 7}}","{{base64 9}}"]}"""
                            $$"""{"instances":["data:image/png;base64,{{base64 7}}",{"b64":"DATA:;Base64,{{base64 9}}"}]}"""
                        ] do
                        let! answer = predict web path body
                        let! text = Http.text answer

                        Expect.equal
                            (Http.status answer, Http.header "Content-Type" answer)
                            (200, "application/json")
                            text

                        use json = JsonDocument.Parse text

                        Expect.equal
                            [
                                for row in json.RootElement.GetProperty("predictions").EnumerateArray() ->
                                    string (row.GetProperty "label"), row.GetProperty("probabilities").GetArrayLength()
                            ]
                            [ "class 7", 1000; "class 9", 1000 ]
                            body

                        Expect.equal
                            (json.RootElement
                                .GetProperty("predictions")
                                .[0].GetProperty("probabilities")
                                .[7].GetSingle())
                            (float32 best)
                            "the probability at its class"

                for inputs in [ $"[{two}]"; $$"""{"image":[{{two}}]}""" ] do
                    let! answer = predict web $"{v1}:predict" $$"""{"inputs":{{inputs}}}"""
                    let! json = Http.json answer

                    Expect.equal
                        [
                            for label in json.GetProperty("outputs").GetProperty("label").EnumerateArray() ->
                                string (label.GetString())
                        ]
                        [ "class 7"; "class 9" ]
                        inputs

                let! answer = predict web $"{v1}:predict" $$"""{"inputs":{{b64 5}}}"""
                Expect.equal (Http.status answer) 200 "one picture alone"
                Expect.equal (Array.last worker.Pictures) (picture 5) "its own bytes"
            })

let private models =
    testCaseTask "the list of models and a model's status, as KServe and TensorFlow Serving say them"
    <| fun () ->
        withWorker (fun web worker ->
            task {
                let! answer = web.Send("GET", "/v1/models")
                let! text = Http.text answer
                equalJson text """{"models":["squeezenet1_1"]}"""

                for path in [ v1; v1 + "/versions/1" ] do
                    let! answer = web.Send("GET", path)
                    let! text = Http.text answer

                    equalJson
                        text
                        """{"name":"squeezenet1_1","ready":true,"model_version_status":[{"version":"1","state":"AVAILABLE"}]}"""

                let! _ = web.Send("DELETE", $"/api/workers/{worker.Address}")
                let! answer = web.Send("GET", v1)
                Expect.equal (Http.status answer) 503 "no worker"
            })

let private wrong =
    testCaseTask "a request that is wrong: 400 with 'error'"
    <| fun () ->
        withWorker (fun web worker ->
            task {
                for says, body in
                    [
                        "neither 'instances' nor 'inputs'", "{}"
                        "not both", $$"""{"instances":[{{b64 1}}],"inputs":[{{b64 1}}]}"""
                        "array with one element for each picture", """{"instances":7}"""
                        "A picture is", """{"instances":[7]}"""
                        "A picture is", """{"instances":[{"b64":7}]}"""
                        "not valid base64", """{"instances":[{"b64":"~"}]}"""
                        "no input 'x'", $$"""{"instances":[{"x":{{b64 1}}}]}"""
                        "no input 'key'", $$"""{"instances":[{"image":{{b64 1}},"key":"1"}]}"""
                        "1 to 64 pictures", """{"instances":[]}"""
                        "'signature_name' must be a string", """{"signature_name":7,"instances":[]}"""
                        "not JSON", "nonsense"
                        "not valid text", """{"instances":[{"b64":"\ud800"}]}"""
                        "not valid text", """{"instances":["\udfff"]}"""
                        "not valid text", """{"instances":[{"\ud800":"a"}]}"""
                        "not valid text", """{"inputs":{"\ud800":[]}}"""
                        "not valid text", """{"signature_name":"\ud800","instances":[]}"""
                        "JSON values", "{\"instances\":[" + System.String.Join(',', Array.create 5000 "1") + "]}"
                    ] do
                    let! answer = predict web $"{v1}:predict" body
                    let! text = Http.text answer
                    Expect.equal (Http.status answer, Http.header "Content-Type" answer) (400, "application/json") text
                    use json = JsonDocument.Parse text
                    Expect.stringContains (string (json.RootElement.GetProperty "error")) says body

                let! answer = predict web "/v1/models/x:predict" "{}"
                Expect.equal (Http.status answer) 404 "an unknown model"
                Expect.isEmpty worker.Pictures "no worker was asked"
            })

let private triton =
    testCaseTask "Triton's configuration and statistics"
    <| fun () ->
        withWorker (fun web _ ->
            task {
                for path in [ model + "/config"; model + "/versions/1/config" ] do
                    let! answer = web.Send("GET", path)
                    let! config = Http.json answer
                    Expect.equal (config.GetProperty("max_batch_size").GetInt32()) 64 "Upload:MaxFiles"
                    let input = config.GetProperty("input").[0]

                    Expect.equal
                        (string (input.GetProperty "name"),
                         string (input.GetProperty "data_type"),
                         input.GetProperty("dims").GetRawText())
                        ("image", "TYPE_STRING", "[1]")
                        "the input without the batch"

                    Expect.equal
                        (config.GetProperty("output").[0].GetProperty("dims").GetRawText())
                        "[1000]"
                        "the output"

                let! before = web.Send("GET", model + "/stats")
                let! json = Http.json before

                Expect.equal
                    (json.GetProperty("model_stats").[0].GetProperty("inference_count").GetInt64())
                    0L
                    "none yet"

                let body =
                    $$"""{"inputs":[{"name":"image","shape":[2],"datatype":"BYTES","data":["{{base64 7}}","{{base64 9}}"]}]}"""

                let! _ = postJson web body
                let! _ = postJson web "nonsense"

                for path in [ model + "/stats"; model + "/versions/1/stats"; "/v2/models/stats" ] do
                    let! answer = web.Send("GET", path)
                    let! json = Http.json answer
                    let stats = json.GetProperty("model_stats").[0]
                    let inference = stats.GetProperty "inference_stats"

                    Expect.equal
                        (stats.GetProperty("inference_count").GetInt64(),
                         stats.GetProperty("execution_count").GetInt64(),
                         inference.GetProperty("success").GetProperty("count").GetInt64(),
                         inference.GetProperty("fail").GetProperty("count").GetInt64())
                        (2L, 2L, 1L, 1L)
                        path

                    Expect.isGreaterThan (stats.GetProperty("last_inference").GetInt64()) 0L "when"

                for path in [ "/config"; "/stats"; "/versions/2/config" ] do
                    let! answer = web.Send("GET", "/v2/models/x" + path)
                    Expect.equal (Http.status answer) 404 path
            })

let private index =
    testTask "the repository's index, whole or only what is in service" {
        use worker = new TestWorker(Recognizes recognize)

        worker.Models <-
            { worker.Models with
                Models =
                    [|
                        worker.Models.Models[0]
                        { smallModel "broken" "2" with
                            State = ModelState.Failed
                            Error = "no labels"
                        }
                    |]
            }

        use! web = WebUnderTest.Start([], [ worker.Address ])
        do! web.Services.GetRequiredService<WorkerClient>().Negotiate worker.Address

        let post (body: string) =
            postTo web "/v2/repository/index" [] (Encoding.UTF8.GetBytes body)

        let all = [ "broken", "UNAVAILABLE"; "squeezenet1_1", "READY" ]

        for body, expected in
            [
                "", all
                "{}", all
                """{"ready":false}""", all
                """{"ready":true,"repository_name":"x"}""", [ "squeezenet1_1", "READY" ]
            ] do
            let! answer = post body
            let! json = Http.json answer
            Expect.equal (Http.status answer) 200 (json.GetRawText())

            Expect.equal
                [
                    for model in json.EnumerateArray() ->
                        string (model.GetProperty "name"), string (model.GetProperty "state")
                ]
                expected
                body

        let! answer = post """{"ready":1}"""
        let! text = Http.text answer
        Expect.equal (Http.status answer) 400 text
        Expect.stringContains text "must be true or false" "what is wrong"
    }

let tests = testList "Predict" [ rows; models; wrong; triton; index ]
