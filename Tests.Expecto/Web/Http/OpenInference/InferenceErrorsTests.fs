/// What the Open Inference Protocol's routes say of requests that are wrong, and when a worker can't help.
module Tests.Expecto.Web.InferenceErrorsTests

open System
open System.Net.Http
open System.Text
open System.Text.Json.Nodes
open Expecto
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest

/// An error of the protocol: its status, and a sentence that holds `says`.
let fails (answer: HttpResponseMessage) status (says: string) (about: string) =
    task {
        let! text = Http.text answer
        // KServe's client compares the type literally.
        let kind = Http.header "Content-Type" answer
        Expect.equal (Http.status answer, kind) (status, "application/json") $"{about}: {text}"

        for own in
            [
                "isFinalBlock"
                "reader options"
                "System."
                "Web.Giraffe"
                "JsonException"
                "LineNumber"
            ] do
            Expect.isFalse (text.Contains own) $"the parser's own words in {text}"

        let error = JsonNode.Parse(text) |> Unchecked.nonNull
        Expect.equal (error.AsObject().Count) 1 "'error' alone"
        Expect.stringContains (string error["error"]) says about
    }

let inputs tensor = """{"inputs":[""" + tensor + "]}"

let image rest =
    inputs ("""{"name":"image",""" + rest + "}")

let asking outputs =
    $$$"""{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["{{{base64 1}}}"]}],"outputs":{{{outputs}}}}"""

let notPicture = Convert.ToBase64String "nonsense"B
let long = Convert.ToBase64String(Picture.png 100_001)

let private malformed =
    [
        "not JSON", "nonsense"
        "not JSON", """{"inputs":["""
        "is null", "null"
        "not the JSON", "[]"
        "one input", "{}"
        "one input", """{"inputs":[]}"""
        "at 'inputs'", """{"inputs":7}"""
        "not JSON: there is an error at line 1, byte 12", """{"inputs":[}"""
        "not JSON", String.replicate 100 "["
        "not JSON", """{"inputs":[],}"""
        "not JSON", """{/* none */"inputs":[]}"""
        "'id' must be a string", """{"id":7,"inputs":[]}"""
        "'parameters.binary_data_output' must be true or false",
        """{"parameters":{"binary_data_output":1},"inputs":[]}"""
        "'inputs[0].name' must be a string", inputs """{"name":7}"""
        "'inputs[0].shape[0]' must be a whole number", image """ "shape":["1"],"datatype":"BYTES","data":[]"""
        "'inputs[0].shape[0]' must be a whole number", image """ "shape":[1e30],"datatype":"BYTES","data":[]"""
        "no name", """{"inputs":[null]}"""
        "no input 'input0'", inputs """{"name":"input0","shape":[2,2],"datatype":"UINT32","data":[]}"""
        "one input", inputs """{"name":"image"},{"name":"input1"}"""
        "datatype BYTES, not 'UINT8'", image """ "shape":[1],"datatype":"UINT8","data":[]"""
        "datatype BYTES, not 'FP32'",
        image (
            $""" "shape":[1,3,224,224],"data":[{String.Join(',', Array.create 150_528 "0.25")}],"datatype":"FP32" """
        )
        "1 to 64 pictures", image """ "shape":[0],"datatype":"BYTES","data":[]"""
        "1 to 64 pictures", image """ "shape":[-1],"datatype":"BYTES","data":[]"""
        "1 to 64 pictures", image """ "shape":[9000000000],"datatype":"BYTES","data":[]"""
        "[n] or [n, 1]", image """ "shape":[1,2],"datatype":"BYTES","data":[]"""
        "[n] or [n, 1]", image """ "shape":[],"datatype":"BYTES","data":[]"""
        "[n] or [n, 1]", image """ "datatype":"BYTES","data":[]"""
        "'inputs[0].shape[0]' must be a whole number", image """ "shape":[1.5],"datatype":"BYTES","data":[]"""
        "neither 'data' nor", image """ "shape":[1],"datatype":"BYTES" """
        "says 1, but it holds 0", image """ "shape":[1],"datatype":"BYTES","data":[]"""
        "array of pictures in base64", image """ "shape":[1],"datatype":"BYTES","data":[1]"""
        "array of pictures in base64", image """ "shape":[1],"datatype":"BYTES","data":"AAAA" """
        "not valid base64", image """ "shape":[1],"datatype":"BYTES","data":["~~~~"]"""
        "Picture 1 of 1: it is empty", image """ "shape":[1],"datatype":"BYTES","data":[""]"""
        "Picture 1 of 1: Plain text isn't supported",
        image ($""" "shape":[1],"datatype":"BYTES","data":["{notPicture}"]""")
        "up to 100000", image ($""" "shape":[1],"datatype":"BYTES","data":["{long}"]""")
        "no output 'output0'", asking """[{"name":"output0"}]"""
        "no name", asking "[null]"
        "no name", asking "[{}]"
        "asked for once", asking """[{"name":"label"},{"name":"label"}]"""
        "1 to 1000", asking """[{"name":"probabilities","parameters":{"classification":0}}]"""
        "1 to 1000", asking """[{"name":"probabilities","parameters":{"classification":1001}}]"""
        "'outputs[0].parameters.classification' must be a whole number",
        asking """[{"name":"probabilities","parameters":{"classification":"two"}}]"""
        "1 to 1000", asking """[{"name":"label","parameters":{"classification":1001}}]"""
        "not valid text", """{"\ud800":1,"inputs":[]}"""
        "not valid text", """{"id":"\ud83d","inputs":[]}"""
        "not valid text", """{"parameters":{"a\udc00":{}},"inputs":[]}"""
        "not valid base64", image """ "shape":[1],"datatype":"BYTES","data":["\ud800"]"""
        "4096 JSON values", "[" + String.Join(',', Array.create 5000 "1") + "]"
    ]

let private wrong =
    testCaseTask "an invalid request gets 400 and a sentence that says what is wrong"
    <| fun () ->
        withWorker (fun web worker ->
            task {
                for says, request in malformed do
                    let! answer = postJson web request
                    do! fails answer 400 says (request.Substring(0, min 200 request.Length))

                for request in [ "{\"a\xFF\":1,\"inputs\":[]}"; "{\"id\":\"\xC3(\",\"inputs\":[]}" ] do
                    let! answer = post web [] (Encoding.Latin1.GetBytes request)
                    do! fails answer 400 "not valid text" "not UTF-8"

                Expect.isEmpty worker.Pictures "no worker was asked"
            })

let private wrongBinary =
    testCaseTask "binary data that do not match their description get 400"
    <| fun () ->
        withWorker (fun web worker ->
            task {
                let claims (size: int) =
                    $$$"""{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":{{{size}}}}}]}"""

                let whole = element (picture 1)

                for says, json, binary in
                    [
                        "bytes are behind the JSON", claims 1, whole
                        "bytes are behind the JSON", claims 99, [||]
                        "ends within an element's length", claims 3, [| 1uy; 0uy; 0uy |]
                        "ends within an element that says", claims 5, [| 2uy; 0uy; 0uy; 0uy; 9uy |]
                        "4294967295 bytes", claims 5, [| 255uy; 255uy; 255uy; 255uy; 9uy |]
                        "more than 64 elements", claims 400, Array.zeroCreate 400
                        "no input claims", asking "[]", whole
                        "not both",
                        (asking "[]").Replace("\"data\"", "\"parameters\":{\"binary_data_size\":5},\"data\""),
                        [| 0uy |]
                    ] do
                    let! answer = withBinary web json binary
                    do! fails answer 400 says says

                for length in [ "-1"; "x"; "99999999"; "1 0" ] do
                    let! answer = post web [ "Inference-Header-Content-Length", length ] whole
                    do! fails answer 400 "Inference-Header-Content-Length is the length of the JSON" length

                let! answer = post web [ "Inference-Header-Content-Length", "0" ] "nonsense"B
                do! fails answer 400 "Plain text isn't supported" "a bare body that is no picture"
                Expect.isEmpty worker.Pictures "no worker was asked"
            })

let private elsewhere =
    testCaseTask "an unknown path gets 404, a wrong method 405, a long body 413, each with 'error'"
    <| fun () ->
        withWorker (fun web _ ->
            task {
                for method, path, status, says in
                    [
                        "GET", "/v2/models/mymodel", 404, "no model 'mymodel'"
                        "GET", "/v2/models/mymodel/ready", 404, "no model 'mymodel'"
                        "POST", "/v2/models/mymodel/infer", 404, "no model 'mymodel'"
                        "GET", model + "/versions/2", 404, "no version '2'"
                        "POST", model + "/versions/2/infer", 404, "no version '2'"
                        "GET", "/v2/models", 404, "nothing at this address"
                        "GET", model + "/infer", 405, "POST"
                    ] do
                    let! answer = web.Send(method, path)
                    do! fails answer status says path

                let! answer = post web [ "Content-Encoding", "zstd" ] (Array.zeroCreate 1000)
                do! fails answer 400 "'zstd' is not supported" "an unknown encoding"
                let! answer = post web [ "Content-Encoding", "gzip" ] (Array.zeroCreate 1000)
                do! fails answer 400 "not gzip data" "not what the header says"
            })

let private oldWorker =
    testCaseTask "an original worker has only labels: that output works, and the others are an error"
    <| fun () ->
        task {
            use worker = TestWorker.good ()
            worker.Refusal <- ValueSome [||]
            use! web = WebUnderTest.Start [ worker.Address ]

            for outputs in
                [
                    "[]"
                    """[{"name":"probabilities"}]"""
                    """[{"name":"probabilities","parameters":{"classification":2}}]"""
                ] do
                let! answer = postJson web (asking outputs)
                do! fails answer 501 $"{worker.Address} supports only the plain exchange" outputs

            let! answer = postJson web (asking """[{"name":"label"}]""")
            let! text = Http.text answer

            equalJson
                text
                """{"model_name":"squeezenet1_1","model_version":"1","outputs":[{"name":"label","shape":[1,1],"datatype":"BYTES","data":["Samoyed"]}]}"""
        }

let private troubles =
    testCaseTask "without a worker 503 with Retry-After; an undecodable picture gets 400 with its index"
    <| fun () ->
        task {
            use worker = new TestWorker(CantDecode)
            use! web = WebUnderTest.Start [ worker.Address ]

            let two =
                $$$"""{"inputs":[{"name":"image","shape":[2],"datatype":"BYTES","data":["{{{base64 1}}}","{{{base64 2}}}"]}]}"""

            let! answer = postJson web two
            do! fails answer 400 "Picture 1 of 2" "undecodable"
            let! _ = web.Send("DELETE", $"/api/workers/{worker.Address}")
            let! answer = postJson web (asking "[]")
            do! fails answer 503 "No worker is available" "nobody there"
            Expect.equal (Http.header "Retry-After" answer) "5" "when to come back"
        }

let private burst =
    testCaseTask "a request with more pictures than may come at once: 400, as no wait helps"
    <| fun () ->
        task {
            use worker = new TestWorker(Recognizes recognize)

            use! web =
                WebUnderTest.Start([ "--Api:RequestsPerSecond=0.01"; "--Api:Burst=3" ], [ worker.Address ])

            let infer count =
                let data = String.concat "," [ for number in 1..count -> $"\"{base64 number}\"" ]

                postJson
                    web
                    $$"""{"inputs":[{"name":"image","shape":[{{count}}],"datatype":"BYTES","data":[{{data}}]}],"outputs":[{"name":"label"}]}"""

            let! answer = infer 4
            let! root = Http.json answer
            Expect.equal (Http.status answer, Http.header "Retry-After" answer) (400, "") "never"
            Expect.stringContains (string (root.GetProperty "error")) "up to 3 pictures (Api:Burst)" "what to do"
            Expect.isEmpty worker.Pictures "no worker was asked"
            let! answer = infer 3
            Expect.equal (Http.status answer) 429 "the refused request has cost one of the three"
            Expect.notEqual (Http.header "Retry-After" answer) "" "later"
        }

let tests =
    testList "InferenceErrors" [ wrong; wrongBinary; elsewhere; oldWorker; troubles; burst ]
