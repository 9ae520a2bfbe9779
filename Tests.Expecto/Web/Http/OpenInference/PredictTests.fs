/// KServe's V1 protocol, TensorFlow Serving's rows and columns, and Triton's configuration and statistics over HTTP.
module Tests.Expecto.Web.PredictTests

open Expecto
open Tests.Expecto
open Protocol.Core
open Tests.Expecto.Web.InferenceUnderTest

let private v1 = "/v1/models/squeezenet1_1"

let private predict web body = postJsonTo web $"{v1}:predict" body

let private b64 number = $$"""{"b64":"{{base64 number}}"}"""

let private rows =
    testTask "instances in rows, bare and named, give predictions; inputs in columns give outputs" {
        use! web = serveInference []
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
                let! answer = postJsonTo web path body
                let! json = Http.json answer
                Expect.equal (Http.status answer, Http.header "Content-Type" answer) (200, "application/json") body
                let rows = List.ofSeq (json.GetProperty("predictions").EnumerateArray())

                Expect.equal
                    [
                        for row in rows ->
                            string (row.GetProperty "label"), row.GetProperty("probabilities").GetArrayLength()
                    ]
                    [ "class 7", 1000; "class 9", 1000 ]
                    body

                let probability = rows.Head.GetProperty("probabilities").[7].GetSingle()
                Expect.equal probability (float32 best) "the probability at its class"

        for inputs in [ $"[{two}]"; $$"""{"image":[{{two}}]}""" ] do
            let! json = Http.jsonOf (predict web $$"""{"inputs":{{inputs}}}""")
            let labels = json.GetProperty("outputs").GetProperty("label").EnumerateArray()
            Expect.equal (labels |> Seq.map string |> List.ofSeq) [ "class 7"; "class 9" ] inputs

        do! Http.returns 200 "one picture alone" (predict web $$"""{"inputs":{{b64 5}}}""")
        Expect.equal (Array.last web.Worker.Pictures) (picture 5) "its own bytes"
    }

let private models =
    testTask "the list of models and a model's status, as KServe and TensorFlow Serving say them" {
        use! web = serveInference []
        let! text = Http.textOf (web.Send("GET", "/v1/models"))
        equalJson text """{"models":["squeezenet1_1"]}"""

        for path in [ v1; v1 + "/versions/1" ] do
            let! text = Http.textOf (web.Send("GET", path))

            equalJson
                text
                """{"name":"squeezenet1_1","ready":true,"model_version_status":[{"version":"1","state":"AVAILABLE"}]}"""

        let! _ = web.Send("DELETE", $"/api/workers/{web.Worker.Address}")
        do! Http.returns 503 "no worker" (web.Send("GET", v1))
    }

let private wrong =
    testTask "a request that is wrong: 400 with 'error'" {
        use! web = serveInference []

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
            do! answersError 400 says body (predict web body)

        do! Http.returns 404 "an unknown model" (postJsonTo web "/v1/models/x:predict" "{}")
        Expect.isEmpty web.Worker.Pictures "no worker was asked"
    }

let private triton =
    testTask "Triton's configuration and statistics" {
        use! web = serveInference []

        for path in [ model + "/config"; model + "/versions/1/config" ] do
            let! config = Http.jsonOf (web.Send("GET", path))
            Expect.equal (config.GetProperty("max_batch_size").GetInt32()) 64 "Upload:MaxFiles"
            let input = config.GetProperty("input").[0]

            Expect.equal
                (string (input.GetProperty "name"),
                 string (input.GetProperty "data_type"),
                 input.GetProperty("dims").GetRawText())
                ("image", "TYPE_STRING", "[1]")
                "the input without the batch"

            Expect.equal (config.GetProperty("output").[0].GetProperty("dims").GetRawText()) "[1000]" "the output"

        let! json = Http.jsonOf (web.Send("GET", model + "/stats"))
        Expect.equal (json.GetProperty("model_stats").[0].GetProperty("inference_count").GetInt64()) 0L "none yet"

        let! _ = postJson web (inferJson [ 7; 9 ] "[]")
        let! _ = postJson web "nonsense"

        for path in [ model + "/stats"; model + "/versions/1/stats"; "/v2/models/stats" ] do
            let! json = Http.jsonOf (web.Send("GET", path))
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
            do! Http.returns 404 path (web.Send("GET", "/v2/models/x" + path))
    }

let private index =
    testTask "the repository's index, whole or only what is in service" {
        let broken =
            { smallModel "broken" "2" with
                State = ModelState.Failed
                Error = "no labels"
            }

        let worker = new TestWorker(Recognizes recognize)

        worker.Models <-
            { worker.Models with
                Models = Array.append worker.Models.Models [| broken |]
            }

        use! web = WebUnderTest.StartDescribed([], [ worker ])
        let post = postJsonTo web "/v2/repository/index"
        let all = [ "broken", "UNAVAILABLE"; "squeezenet1_1", "READY" ]

        for body, expected in
            [
                "", all
                "{}", all
                """{"ready":false}""", all
                """{"ready":true,"repository_name":"x"}""", [ "squeezenet1_1", "READY" ]
            ] do
            let! json = Http.jsonOf (post body)

            Expect.equal
                [
                    for model in json.EnumerateArray() ->
                        string (model.GetProperty "name"), string (model.GetProperty "state")
                ]
                expected
                body

        let! text = Http.textWith 400 "status" (post """{"ready":1}""")
        Expect.stringContains text "must be true or false" "what is wrong"
    }

let tests = testList "Predict" [ rows; models; wrong; triton; index ]
