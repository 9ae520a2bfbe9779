/// The Open Inference Protocol V2: the requests and answers of the specification's own examples, with this model's
/// names and shapes in the place of theirs.
module Tests.Expecto.Web.InferenceTests

open System.Globalization
open System.Text
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.InferenceUnderTest

let private metadata =
    testTask "server and model metadata are served with and without the version" {
        use! web = serveInference []
        let! text = Http.textOf (web.Send("GET", "/v2"))

        equalJson
            text
            $$"""{"name":"recognition","version":"{{Node.Hosting.BuildInfo.Current.Version}}","extensions":["binary_tensor_data","classification","model_configuration","model_repository","statistics"]}"""

        for path in [ model; model + "/versions/1" ] do
            let! text = Http.textOf (web.Send("GET", path))

            equalJson
                text
                """{"name":"squeezenet1_1","versions":["1"],"platform":"onnx_onnxv1",
                    "inputs":[{"name":"image","datatype":"BYTES","shape":[-1,1]}],
                    "outputs":[{"name":"probabilities","datatype":"FP32","shape":[-1,1000]},
                               {"name":"label","datatype":"BYTES","shape":[-1,1]}]}"""
    }

let private health =
    testTask "the server is always live, and server and model are ready while a worker is active" {
        use! web = serveInference []

        let expect path status (json: string) =
            task {
                let! text = Http.textWith status path (web.Send("GET", path))
                equalJson text json
            }

        let ready status (is: string) =
            task {
                do! expect "/v2/health/live" 200 """{"live":true}"""
                do! expect "/v2/health/ready" status ("""{"live":true,"ready":""" + is + "}")

                for path in [ model + "/ready"; model + "/versions/1/ready" ] do
                    do! expect path status ("""{"name":"squeezenet1_1","ready":""" + is + "}")
            }

        do! ready 200 "true"
        let! _ = web.Send("DELETE", $"/api/workers/{web.Worker.Address}")
        do! ready 503 "false"
    }

let private json =
    testTask "the specification's JSON example returns the id and the requested output" {
        use! web = serveInference []

        let! answer =
            postJson
                web
                $$$"""{"id":"42","inputs":[{"name":"image","shape":[2,1],"datatype":"BYTES","data":[["{{{base64 7}}}"],["{{{base64 9}}}"]]}],
                      "outputs":[{"name":"probabilities"}]}"""

        Expect.equal (Http.status answer, Http.mediaType answer) (200, "application/json") "JSON"
        let! root = Http.json answer
        Expect.equal (string (root.GetProperty "id")) "42" "the id"
        Expect.equal (string (root.GetProperty "model_name")) "squeezenet1_1" "the model"
        Expect.equal (string (root.GetProperty "model_version")) "1" "its version"
        Expect.equal (root.GetProperty("outputs").GetArrayLength()) 1 "what was asked for"
        let output = root.GetProperty("outputs")[0]
        Expect.equal (string (output.GetProperty "name")) "probabilities" "its name"
        Expect.equal (output.GetProperty("shape").GetRawText()) "[2,1000]" "its shape"
        Expect.equal (string (output.GetProperty "datatype")) "FP32" "its datatype"

        let data =
            [|
                for value in output.GetProperty("data").EnumerateArray() -> value.GetSingle()
            |]

        let expected = Array.create 2000 (float32 rest)
        expected[7] <- float32 best
        expected[1009] <- float32 best
        Expect.equal data expected "each class at its number, in the order of the pictures"

        Expect.equal
            (web.Worker.ReceivedParameters |> Array.map _.Top)
            [| ValueSome 1000; ValueSome 1000 |]
            "all were asked for"
    }

let private binary =
    testTask "the binary data extension's example works: binary pictures and binary output" {
        use! web = serveInference []
        let pictures = Array.append (element (picture 3)) (element (picture 5))

        let! answer =
            withBinary
                web
                (model + "/infer")
                $$$"""{"model_name":"squeezenet1_1","inputs":[{"name":"image","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":{{{pictures.Length}}}}}],
                      "outputs":[{"name":"probabilities","parameters":{"binary_data":true}}]}"""
                pictures

        let! json, binary = parts answer

        equalJson
            json
            """{"model_name":"squeezenet1_1","model_version":"1",
                "outputs":[{"name":"probabilities","shape":[2,1000],"datatype":"FP32","parameters":{"binary_data_size":8000}}]}"""

        let floats = floats binary

        Expect.equal (floats[3], floats[1005], floats.Length) (float32 best, float32 best, 2000) "little-endian"
    }

let private allBinary =
    testTask "binary_data_output applies to outputs without their own setting" {
        use! web = serveInference []

        let! answer =
            postJson
                web
                $$$"""{"parameters":{"binary_data_output":true},"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["{{{base64 3}}}"]}],
                      "outputs":[{"name":"label"},{"name":"probabilities","parameters":{"classification":1,"binary_data":false}}]}"""

        let! json, binary = parts answer

        equalJson
            json
            """{"model_name":"squeezenet1_1","model_version":"1","outputs":[
                {"name":"label","shape":[1,1],"datatype":"BYTES","parameters":{"binary_data_size":11}},
                {"name":"probabilities","shape":[1,1],"datatype":"BYTES","data":["0.92843646:3:class 3"]}]}"""

        Expect.equal binary (element "class 3"B) "the label's length and itself"
    }

let private raw =
    testTask "a raw binary request takes one picture as its body and returns binary outputs" {
        use! web = serveInference []

        for path in [ model + "/infer"; model + "/versions/1/infer" ] do
            let headers =
                [
                    "Inference-Header-Content-Length", "0"
                    "Content-Type", "application/octet-stream"
                ]

            let! answer = postTo web path headers (picture 9)
            let! json, binary = parts answer

            equalJson
                json
                """{"model_name":"squeezenet1_1","model_version":"1","outputs":[
                    {"name":"probabilities","shape":[1,1000],"datatype":"FP32","parameters":{"binary_data_size":4000}},
                    {"name":"label","shape":[1,1],"datatype":"BYTES","parameters":{"binary_data_size":11}}]}"""

            Expect.equal (floats binary[..3999]).[9] (float32 best) "first the probabilities"
            Expect.equal binary[4000..] (element "class 9"B) "then the label"

        Expect.equal (Array.last web.Worker.Pictures) (picture 9) "the picture's own bytes"
    }

let private classification =
    testTask "the classification extension returns value:index:label, most probable first, of each output" {
        use! web = serveInference []
        let value = (float32 rest).ToString CultureInfo.InvariantCulture

        let! text =
            Http.textOf (
                postJson web (inferJson [ 7; 0 ] """[{"name":"probabilities","parameters":{"classification":2}}]""")
            )

        equalJson
            text
            $$$"""{"model_name":"squeezenet1_1","model_version":"1","outputs":[
                  {"name":"probabilities","shape":[2,2],"datatype":"BYTES",
                   "data":["0.92843646:7:class 7","{{{value}}}:0:class 0","0.92843646:0:class 0","{{{value}}}:1:class 1"]}]}"""

        Expect.equal (Array.last web.Worker.ReceivedParameters).Top (ValueSome 2) "no more was asked for"

        let! text =
            Http.textOf (postJson web (inferJson [ 7 ] """[{"name":"label","parameters":{"classification":1}}]"""))

        equalJson
            text
            """{"model_name":"squeezenet1_1","model_version":"1","outputs":[
                {"name":"label","shape":[1,1],"datatype":"BYTES","data":["0.92843646:7:class 7"]}]}"""
    }

let private notations =
    testTask "whole numbers in any notation, and a byte order mark" {
        use! web = serveInference []

        for one in [ "1"; "1.0"; "1e0"; "10E-1" ] do
            let json =
                $$$"""{"inputs":[{"name":"image","shape":[{{{one}}}],"datatype":"BYTES","data":["{{{base64 7}}}"]}],
                      "outputs":[{"name":"label","parameters":{"classification":{{{one}}}}}]}"""

            let bytes = Array.append [| 0xEFuy; 0xBBuy; 0xBFuy |] (Encoding.UTF8.GetBytes json)
            do! Http.returns 200 one (post web [] bytes)
    }

let tests =
    testList "Inference" [ metadata; health; json; binary; allBinary; raw; classification; notations ]
