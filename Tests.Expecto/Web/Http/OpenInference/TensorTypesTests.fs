/// Raw networks whose input is FP16 or UINT8: every way to send a batch, which is spread over the workers.
module Tests.Expecto.Web.TensorTypesTests

open System
open System.Runtime.InteropServices
open Expecto
open Tests.Expecto
open Google.Protobuf
open Grpc.Core
open OpenInference.Grpc
open Protocol.Core
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.GrpcUnderTest

let private served datatype : ServedModels =
    {
        Default = "small"
        Executors = 1
        Revision = "1"
        Models =
            [|
                { smallModel "small" "1" with
                    Tensors =
                        ValueSome
                            {
                                Input =
                                    {
                                        Name = "pixels"
                                        Type = datatype
                                        Shape = [| 1; 1; 3 |]
                                    }
                                Output =
                                    {
                                        Name = "scores"
                                        Type = "FP32"
                                        Shape = [| 3 |]
                                    }
                            }
                }
            |]
    }

let private toBytes datatype (numbers: float list) =
    match datatype with
    | "UINT8" -> numbers |> List.map byte |> Array.ofList
    | _ ->
        let halves =
            numbers
            |> List.map (fun number -> Half.op_Explicit number: Half)
            |> Array.ofList

        MemoryMarshal.AsBytes(halves.AsSpan()).ToArray()

let private ofBytes datatype (bytes: byte[]) =
    match datatype with
    | "UINT8" -> Array.map float32 bytes
    | _ ->
        [|
            for half in MemoryMarshal.Cast<byte, Half>(bytes.AsSpan()).ToArray() -> Half.op_Explicit half: float32
        |]

/// The output is the input.
let private recognizes datatype (row: byte[]) (parameters: Parameters) : Recognition =
    { Recognition.ofPredictions [||] with
        Model = "small"
        Version = "1"
        Revision = "1"
        Classes =
            [|
                for index in 0 .. min 3 (Parameters.classes parameters) - 1 ->
                    {
                        Index = index
                        Label = $"class {index}"
                        Probability = 0.3
                    }
            |]
        Values = if parameters.Tensor then ofBytes datatype row else [||]
    }

let private request datatype count (rest: string) =
    $$"""{"inputs":[{"name":"pixels","shape":[{{count}},1,1,3],"datatype":"{{datatype}}",{{rest}}}]"""

let private inferPath = "/v2/models/small.tensor/infer"

let private inferJson (node: GrpcNode) datatype count data =
    postJsonTo node.Web inferPath (request datatype count $"\"data\":[{data}]" + "}")

let private serving datatype =
    task {
        let workers =
            [
                for _ in 1..2 -> new TestWorker(Recognizes(recognizes datatype), Models = served datatype)
            ]

        let! node = start [] workers

        for worker in workers do
            do! node.Web.Describes worker

        return node
    }

let private everyWay (datatype: string) (numbers: float list) =
    testTask $"{datatype}: JSON, binary and gRPC give the same, and every worker gets some rows" {
        use! node = serving datatype
        let rows = numbers.Length / 3
        let expected = numbers |> List.map float32 |> Array.ofList
        let bytes = toBytes datatype numbers

        let data =
            String.Join(',', numbers |> List.map (fun number -> number.ToString "0.0##"))

        for written in [ data; data.Replace(".0,", "e0,") ] do
            let! json = Http.jsonWith 200 written (inferJson node datatype rows written)
            let output = json.GetProperty("outputs").[0]
            Expect.equal (output.GetProperty("shape").GetRawText()) $"[{rows},3]" "a row for each"

            Expect.equal
                [|
                    for value in output.GetProperty("data").EnumerateArray() -> value.GetSingle()
                |]
                expected
                $"JSON: {written}"

        for worker in node.Web.Workers do
            Expect.isGreaterThan worker.Pictures.Length 1 "a share of the rows"

        let head =
            request datatype rows $"\"parameters\":{{\"binary_data_size\":{bytes.Length}}}"
            + ""","parameters":{"binary_data_output":true}}"""

        let! answer = withBinary node.Web inferPath head bytes
        let! _, binary = parts answer
        Expect.equal (floats binary) expected "binary"

        let call isRaw =
            let request = ModelInferRequest(ModelName = "small.tensor")

            let input =
                ModelInferRequest.Types.InferInputTensor(Name = "pixels", Datatype = datatype)

            input.Shape.AddRange [ int64 rows; 1L; 1L; 3L ]

            if isRaw then
                request.RawInputContents.Add(ByteString.CopyFrom bytes)
            else
                input.Contents <- InferTensorContents()
                input.Contents.UintContents.AddRange(numbers |> List.map uint32)

            request.Inputs.Add input
            request

        let! answer = node.Client.ModelInferAsync(call true)
        Expect.equal (floats (answer.RawOutputContents[0].ToByteArray())) expected "gRPC, raw"

        if datatype = "UINT8" then
            let! answer = node.Client.ModelInferAsync(call false)
            Expect.equal (Array.ofSeq answer.Outputs[0].Contents.Fp32Contents) expected "gRPC, its contents"
            let large = call false
            large.Inputs[0].Contents.UintContents[ 0 ] <- 256u

            do! fails StatusCode.InvalidArgument "from 0 to 255" "too large" (node.Infer large)
        else
            do! fails StatusCode.InvalidArgument "'raw_input_contents'" "no contents of FP16" (node.Infer(call false))

        let! metadata = node.Metadata("small.tensor", "")
        Expect.equal metadata.Inputs[0].Datatype datatype "metadata"
        let! answer = node.Client.ModelConfigAsync(ModelConfigRequest(Name = "small.tensor"))

        Expect.equal ($"{answer.Config.Input[0].DataType}".ToUpperInvariant()) $"TYPE{datatype}" "configuration"
    }

let private wrong =
    testList
        "a number that the datatype does not have"
        [
            for datatype, number in
                [
                    "UINT8", "-1"
                    "UINT8", "256"
                    "UINT8", "0.5"
                    "UINT8", "1e400"
                    "FP16", "65520"
                    "FP16", "-1e400"
                    "FP16", "null"
                ] do
                testTask $"{datatype}: {number}" {
                    use! node = serving datatype

                    do! answersError 400 datatype number (inferJson node datatype 1 $"1,2,{number}")

                    for worker in node.Web.Workers do
                        Expect.isEmpty worker.Pictures "no worker was asked"
                }
        ]

let tests =
    testList
        "TensorTypes"
        [
            everyWay "UINT8" [ 0.0; 1.0; 2.0; 253.0; 254.0; 255.0; 7.0; 8.0; 9.0; 10.0; 11.0; 12.0 ]
            everyWay "FP16" [ 0.0; -1.5; 0.125; 65504.0; 2.0; 3.0; 4.5; 5.0; 6.0; 7.0; 8.0; 9.0 ]
            wrong
        ]
