/// The Open Inference Protocol over gRPC in front of the real worker and the real model: pictures and tensors.
module Tests.Expecto.EndToEnd.GrpcTests

open System
open System.IO
open System.Net.Http
open System.Runtime.InteropServices
open System.Text
open System.Text.Json
open System.Threading
open Expecto
open Google.Protobuf
open Grpc.Net.Client
open OpenInference.Grpc
open Tests.Expecto
open Tests.Expecto.Web.GrpcUnderTest

let private pictureOf name =
    File.ReadAllBytes(Path.Combine(Repository.root, "samples", $"{name}.png"))

let private names = [ "daisy"; "hourglass"; "jellyfish" ]

let private serving test =
    task {
        let port = Nodes.freePort ()
        let grpc = Nodes.freePort ()
        use! _ = Nodes.worker port []
        use! web = Nodes.web [ port ] [ $"--Http:GrpcPort={grpc}" ]
        use channel = GrpcChannel.ForAddress $"http://127.0.0.1:{grpc}"
        do! test web (Client channel)
    }

let private pictures =
    testCaseTask "pictures in a batch, one by one in a stream, and over HTTP: the same probabilities"
    <| fun () ->
        serving (fun (web: WebNode) client ->
            task {
                let files = names |> List.map pictureOf
                let! batch = client.ModelInferAsync(typed files |> asking [ "probabilities", None ])

                let rows =
                    batch.Outputs[0].Contents.Fp32Contents |> Seq.chunkBySize 1000 |> Array.ofSeq

                use call = client.ModelStreamInfer()

                for index, file in List.indexed files do
                    do! call.RequestStream.WriteAsync(raw [ file ] |> asking [ "probabilities", None ])
                    let! _ = call.ResponseStream.MoveNext CancellationToken.None

                    let bytes =
                        call.ResponseStream.Current.InferResponse.RawOutputContents[0].ToByteArray()

                    Expect.equal
                        (MemoryMarshal.Cast<byte, float32>(bytes.AsSpan()).ToArray())
                        rows[index]
                        "as in the batch"

                    use content = new ByteArrayContent(file)
                    let! answer = web.Client.PostAsync("/api/classify?top=1000", content)
                    let! text = answer.Content.ReadAsStringAsync()
                    use json = JsonDocument.Parse text

                    for found in json.RootElement.GetProperty("predictions").EnumerateArray() do
                        Expect.floatClose
                            Accuracy.medium
                            (float (rows[index][found.GetProperty("index").GetInt32()]))
                            (found.GetProperty("probability").GetDouble())
                            names[index]
            })

let private tensors =
    testCaseTask "a batch of tensors: over gRPC, in JSON and in binary the same logits, row by row"
    <| fun () ->
        serving (fun (web: WebNode) client ->
            task {
                let model = "squeezenet1_1.tensor"
                let! metadata = client.ModelMetadataAsync(ModelMetadataRequest(Name = model))
                let input = metadata.Inputs[0]
                Expect.equal (input.Datatype, List.ofSeq input.Shape) ("FP32", [ -1L; 3L; 224L; 224L ]) "the input"
                let size = 3 * 224 * 224
                let random = Random 1

                let numbers =
                    Array.init (3 * size) (fun _ -> float32 (Math.Round(random.NextDouble() * 4.0 - 2.0, 3)))

                let request isRaw =
                    let request = ModelInferRequest(ModelName = model)

                    let tensor =
                        ModelInferRequest.Types.InferInputTensor(Name = input.Name, Datatype = "FP32")

                    tensor.Shape.AddRange [ 3L; 3L; 224L; 224L ]

                    if isRaw then
                        request.RawInputContents.Add(ByteString.CopyFrom(MemoryMarshal.AsBytes(numbers.AsSpan())))
                    else
                        tensor.Contents <- InferTensorContents()
                        tensor.Contents.Fp32Contents.AddRange numbers

                    request.Inputs.Add tensor
                    request

                let! typed = client.ModelInferAsync(request false)
                let logits = typed.Outputs[0].Contents.Fp32Contents |> Array.ofSeq
                Expect.equal (typed.Outputs[0].Shape[0], logits.Length) (3L, 3000) "three rows"
                let! raw = client.ModelInferAsync(request true)

                Expect.equal
                    (MemoryMarshal.Cast<byte, float32>(raw.RawOutputContents[0].ToByteArray().AsSpan()).ToArray())
                    logits
                    "raw"

                let body =
                    JsonSerializer.Serialize
                        {|
                            inputs =
                                [|
                                    {|
                                        name = input.Name
                                        shape = [| 3; 3; 224; 224 |]
                                        datatype = "FP32"
                                        data = numbers
                                    |}
                                |]
                        |}

                use content = new StringContent(body, Encoding.UTF8, "application/json")
                let! answer = web.Client.PostAsync($"/v2/models/{model}/infer", content)
                let! text = answer.Content.ReadAsStringAsync()
                Expect.equal (int answer.StatusCode) 200 (text.Substring(0, min 200 text.Length))
                use json = JsonDocument.Parse text

                Expect.equal
                    [|
                        for value in json.RootElement.GetProperty("outputs").[0].GetProperty("data").EnumerateArray() ->
                            value.GetSingle()
                    |]
                    logits
                    "in JSON"

                let first = ModelInferRequest(request true)
                first.Inputs[0].Shape[ 0 ] <- 1L

                first.RawInputContents[0] <- ByteString.CopyFrom(MemoryMarshal.AsBytes(ReadOnlySpan(numbers, 0, size)))

                let! one = client.ModelInferAsync first

                Expect.equal
                    (MemoryMarshal.Cast<byte, float32>(one.RawOutputContents[0].ToByteArray().AsSpan()).ToArray())
                    logits[..999]
                    "alone as in the batch"

                let! named =
                    client.ModelInferAsync(ModelInferRequest first |> asking [ metadata.Outputs[0].Name, Some 1L ])

                let text = named.RawOutputContents[0].ToByteArray()[4..] |> Encoding.UTF8.GetString
                let best = logits[..999] |> Array.indexed |> Array.maxBy snd
                Expect.equal (text.Split(':')[1]) (string (fst best)) "the class of the greatest logit"
            })

let private notFinite =
    testCaseTask "numbers of which the network makes none are the sender's fault, not the worker's"
    <| fun () ->
        serving (fun (web: WebNode) client ->
            task {
                let model = "squeezenet1_1.tensor"
                let! metadata = client.ModelMetadataAsync(ModelMetadataRequest(Name = model))

                for number in [ nanf; 1e38f ] do
                    let numbers = Array.create (3 * 224 * 224) number
                    let request = ModelInferRequest(ModelName = model)

                    let tensor =
                        ModelInferRequest.Types.InferInputTensor(Name = metadata.Inputs[0].Name, Datatype = "FP32")

                    tensor.Shape.AddRange [ 1L; 3L; 224L; 224L ]
                    request.Inputs.Add tensor
                    request.RawInputContents.Add(ByteString.CopyFrom(MemoryMarshal.AsBytes(numbers.AsSpan())))

                    let call = client.ModelInferAsync request
                    do! fails Grpc.Core.StatusCode.InvalidArgument "finite" $"{number}" call.ResponseAsync

                let json = String.Join(',', Array.create (3 * 224 * 224) "1e38")

                for path, body in
                    [
                        $"/v2/models/{model}/infer",
                        $$"""{"inputs":[{"name":"{{metadata.Inputs[0].Name}}","shape":[1,3,224,224],"datatype":"FP32","data":[{{json}}]}]}"""
                        $"/v1/models/{model}:predict", $$"""{"instances":[[{{json}}]]}"""
                    ] do
                    use content = new StringContent(body, Encoding.UTF8, "application/json")
                    let! answer = web.Client.PostAsync(path, content)
                    let! text = answer.Content.ReadAsStringAsync()
                    Expect.equal (int answer.StatusCode) 400 text
                    Expect.stringContains text "finite" path

                let! ready = web.Client.GetAsync "/v2/health/ready"
                Expect.equal (int ready.StatusCode) 200 "the only worker is still in service"
                let! _ = client.ModelInferAsync(typed [ pictureOf "daisy" ])
                ()
            })

let tests = testList "EndToEndGrpc" [ pictures; tensors; notFinite ]
