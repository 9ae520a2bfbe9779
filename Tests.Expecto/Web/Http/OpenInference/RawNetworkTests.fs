/// A model under its second name, as its raw network.
module Tests.Expecto.Web.RawNetworkTests

open System
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.LargeModel

let private row = "[[[0.5,1],[2,3]]]"

let private request (shape: string) (data: string) =
    $$"""{"inputs":[{"name":"data","shape":{{shape}},"datatype":"FP32","data":{{data}}}]}"""

let private network =
    testTask "the raw network: its metadata, its output, and its classes with their values" {
        use! web = serveLarge true
        let! text = Http.textOf (web.Send("GET", "/v2/models/large.tensor"))

        equalJson
            text
            """{"name":"large.tensor","versions":["7"],"platform":"onnx_onnxv1",
                "inputs":[{"name":"data","datatype":"FP32","shape":[-1,1,2,2]}],
                "outputs":[{"name":"scores","datatype":"FP32","shape":[-1,2501]}]}"""

        let! config = Http.jsonOf (web.Send("GET", "/v2/models/large.tensor/config"))
        let input = config.GetProperty("input").[0]

        Expect.equal
            (string (input.GetProperty "format"), input.GetProperty("dims").GetRawText())
            ("FORMAT_NCHW", "[1,2,2]")
            "the configuration"

        Expect.equal (config.GetProperty("instance_group").[0].GetProperty("count").GetInt32()) 3 "executors"

        let! json =
            Http.jsonWith 200 "two rows" (infer web "large.tensor" (request "[2,1,2,2]" $"[{row},[[[10,0],[0,0]]]]"))

        let output = json.GetProperty("outputs").[0]
        Expect.equal (output.GetProperty("shape").GetRawText()) "[2,2501]" "a batch of two"
        Expect.equal (output.GetProperty("data").[0].GetSingle()) 0.5f "the first row's first value"
        Expect.equal (output.GetProperty("data").[2501].GetSingle()) 10.0f "the second row's"
        Expect.equal (string (json.GetProperty "model_name")) "large.tensor" "its name"

        Expect.equal
            (web.Worker.Pictures |> Array.map Array.length |> Array.distinct)
            [| 16 |]
            "each row goes to a worker as it is"

        let classes =
            $$$"""{"inputs":[{"name":"data","shape":[1,1,2,2],"datatype":"FP32","data":{{{row}}}}],"outputs":[{"name":"scores","parameters":{"classification":2}}]}"""

        let! json = Http.jsonOf (infer web "large.tensor" classes)

        // The output has one value before those of the classes.
        Expect.equal
            [
                for one in json.GetProperty("outputs").[0].GetProperty("data").EnumerateArray() ->
                    string (one.GetString())
            ]
            [ "2500.5:2500:class 2499"; "2499.5:2499:class 2498" ]
            "value:index:label"

        let! json =
            Http.jsonOf (postJsonTo web "/v1/models/large.tensor:predict" $$"""{"instances":[{{row}},{{row}}]}""")

        Expect.equal (json.GetProperty("predictions").GetArrayLength()) 2 "two rows"
        Expect.equal (json.GetProperty("predictions").[1].GetArrayLength()) 2501 "the only output alone"
    }

let private wrong =
    testTask "tensors that are wrong: 400, the datatype first" {
        use! web = serveLarge true

        for says, body in
            [
                "datatype FP32, not 'UINT8'", (request "[1,1,2,2]" row).Replace("FP32", "UINT8")
                "no input 'image'", (request "[1,1,2,2]" row).Replace("\"data\",\"shape", "\"image\",\"shape")
                "[n, 1, 2, 2]", request "[1,2,2]" row
                "1 to 64 rows of [1, 2, 2]", request "[65,1,2,2]" row
                "1 to 64 rows of [1, 2, 2]", request "[0,1,2,2]" row
                "requires 4 numbers, but 'data' has 3", request "[1,1,2,2]" "[1,2,3]"
                "requires 4 numbers, but 'data' has more", request "[1,1,2,2]" "[1,2,3,4,5]"
                "array of numbers", request "[1,1,2,2]" "[1,2,3,true]"
                "array of numbers", request "[1,1,2,2]" "7"
                "too large for it", request "[1,1,2,2]" "[1,2,3,1e39]"
            ] do
            do! answersError 400 says body (infer web "large.tensor" body)

        let head =
            """{"inputs":[{"name":"data","shape":[1,1,2,2],"datatype":"FP32","parameters":{"binary_data_size":15}}]}"""

        let short =
            withBinary web "/v2/models/large.tensor/infer" head (Array.zeroCreate 15)

        do! answersError 400 "require 16 bytes, but it has 15" "binary" short
        Expect.isEmpty web.Worker.Pictures "no worker was asked"
    }

let private room =
    testTask "numbers for which there is no memory now: 503 with Retry-After, not the sender's fault" {
        let served = served true
        let size = 100_000

        let long =
            { tensors with
                Input =
                    { tensors.Input with
                        Shape = [| size |]
                    }
            }

        let models =
            { served with
                Models =
                    [|
                        { served.Models[0] with
                            Tensors = ValueSome long
                        }
                    |]
            }

        let infer buffered =
            task {
                let options =
                    [
                        "--Upload:MaxBytes=100000"
                        "--Upload:MaxRequest=10000000"
                        $"--Upload:MaxBuffered={buffered}"
                    ]

                use! web =
                    WebUnderTest.StartDescribed(options, [ new TestWorker(Recognizes recognizes, Models = models) ])

                let zeros = String.Join(',', Array.create size "0")
                return! infer web "large.tensor" (request $"[1,{size}]" $"[{zeros}]")
            }

        let! answer = infer 600_000
        Expect.equal (Http.status answer) 503 "too little memory"
        Expect.notEqual (Http.header "Retry-After" answer) "" "when to come back"
        do! Http.returns 200 "twice the memory" (infer 2_000_000)
    }

let tests = testList "RawNetwork" [ network; wrong; room ]
