/// The Open Inference Protocol's errors, for invalid requests and when no worker can answer.
module Tests.Expecto.Web.InferenceErrorsTests

open System
open System.Text
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest

let inputs tensor = """{"inputs":[""" + tensor + "]}"

let image rest =
    inputs ("""{"name":"image",""" + rest + "}")

let asking outputs = inferJson [ 1 ] outputs

let notPicture = Convert.ToBase64String "nonsense"B
let long = Convert.ToBase64String(Picture.png 100_001)

let private malformed =
    [
        "not JSON", "nonsense"
        "not JSON", """{"inputs":["""
        "is null", "null"
        "not match the protocol: it must be an object", "[]"
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
        "requires 1 pictures, but the input has 0", image """ "shape":[1],"datatype":"BYTES","data":[]"""
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
        "requested twice", asking """[{"name":"label"},{"name":"label"}]"""
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
    testTask "an invalid request gets 400 and a sentence that says what is wrong" {
        use! web = serveInference []

        for says, request in malformed do
            do! answersError 400 says (request.Substring(0, min 200 request.Length)) (postJson web request)

        for request in [ "{\"a\xFF\":1,\"inputs\":[]}"; "{\"id\":\"\xC3(\",\"inputs\":[]}" ] do
            do! answersError 400 "not valid text" "not UTF-8" (post web [] (Encoding.Latin1.GetBytes request))

        Expect.isEmpty web.Worker.Pictures "no worker was asked"
    }

let private wrongBinary =
    testTask "binary data that do not match their description get 400" {
        use! web = serveInference []

        let claims (size: int) =
            $$$"""{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":{{{size}}}}}]}"""

        let whole = element (picture 1)
        let header = "Inference-Header-Content-Length"

        for says, json, binary in
            [
                "bytes follow the JSON", claims 1, whole
                "bytes follow the JSON", claims 99, [||]
                "ends within an element's length", claims 3, [| 1uy; 0uy; 0uy |]
                "ends within an element that says", claims 5, [| 2uy; 0uy; 0uy; 0uy; 9uy |]
                "4294967295 bytes", claims 5, [| 255uy; 255uy; 255uy; 255uy; 9uy |]
                "more than 64 elements", claims 400, Array.zeroCreate 400
                "no input has 'binary_data_size'", asking "[]", whole
                "both 'data' and 'binary_data_size'",
                (asking "[]").Replace("\"data\"", "\"parameters\":{\"binary_data_size\":5},\"data\""),
                [| 0uy |]
            ] do
            do! answersError 400 says says (withBinary web (model + "/infer") json binary)

        for length in [ "-1"; "x"; "99999999"; "1 0" ] do
            let says = $"{header} is the length of the JSON"
            do! answersError 400 says length (post web [ header, length ] whole)

        let bare = post web [ header, "0" ] "nonsense"B
        do! answersError 400 "Plain text isn't supported" "a bare body that is no picture" bare
        Expect.isEmpty web.Worker.Pictures "no worker was asked"
    }

let private elsewhere =
    testTask "an unknown path gets 404, a wrong method 405, a long body 413, each with 'error'" {
        use! web = serveInference []

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
            do! answersError status says path (web.Send(method, path))

        for encoding, says in [ "zstd", "'zstd' is not supported"; "gzip", "not gzip data" ] do
            let answer = post web [ "Content-Encoding", encoding ] (Array.zeroCreate 1000)
            do! answersError 400 says encoding answer
    }

let private oldWorker =
    testTask "an original worker has only labels: that output works, and the others are an error" {
        let worker =
            new TestWorker(Predicts(TestWorker.predictions, TimeSpan.Zero), Refusal = ValueSome [||])

        use! web = WebUnderTest.StartWith([], worker)

        let says = $"{worker.Address} supports only the plain exchange"

        for outputs in
            [
                "[]"
                """[{"name":"probabilities"}]"""
                """[{"name":"probabilities","parameters":{"classification":2}}]"""
            ] do
            do! answersError 501 says outputs (postJson web (asking outputs))

        let! text = Http.textOf (postJson web (asking """[{"name":"label"}]"""))

        equalJson
            text
            """{"model_name":"squeezenet1_1","model_version":"1","outputs":[{"name":"label","shape":[1,1],"datatype":"BYTES","data":["Samoyed"]}]}"""
    }

let private troubles =
    testTask "without a worker 503 with Retry-After; an undecodable picture gets 400 with its index" {
        use! web = WebUnderTest.StartWith([], new TestWorker(CantDecode))

        do! answersError 400 "Picture 1 of 2" "undecodable" (postJson web (inferJson [ 1; 2 ] "[]"))
        let! _ = web.Send("DELETE", $"/api/workers/{web.Worker.Address}")
        let! answer = postJson web (asking "[]")
        do! answersError 503 "No worker is available" "nobody there" (Task.FromResult answer)
        Expect.equal (Http.header "Retry-After" answer) "5" "when to come back"
    }

let private burst =
    testTask "a request with more pictures than may come at once: 400, as no wait helps" {
        use! web = serveInference [ "--Api:RequestsPerSecond=0.01"; "--Api:Burst=3" ]

        let infer count =
            postJson web (inferJson [ 1..count ] """[{"name":"label"}]""")

        let! answer = infer 4
        Expect.equal (Http.header "Retry-After" answer) "" "never"
        do! answersError 400 "up to 3 pictures (Api:Burst)" "what to do" (Task.FromResult answer)
        Expect.isEmpty web.Worker.Pictures "no worker was asked"
        let! answer = infer 3
        Expect.equal (Http.status answer) 429 "the refused request has cost one of the three"
        Expect.notEqual (Http.header "Retry-After" answer) "" "later"
    }

let tests =
    testList "InferenceErrors" [ wrong; wrongBinary; elsewhere; oldWorker; troubles; burst ]
