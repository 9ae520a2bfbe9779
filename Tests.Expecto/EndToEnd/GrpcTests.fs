/// The Open Inference Protocol over gRPC and HTTP in front of the real worker and the real model: pictures and tensors.
module Tests.Expecto.EndToEnd.GrpcTests

open System
open System.IO
open System.Net.Http
open System.Runtime.InteropServices
open System.Text
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Expecto
open Google.Protobuf
open Grpc.Net.Client
open OpenInference.Grpc
open Tests.Expecto
open Tests.Expecto.Web.GrpcUnderTest
open Tests.Expecto.Web.InferenceUnderTest

let private pictureOf name =
    File.ReadAllBytes(Repository.sample name)

let private names = [ "daisy"; "hourglass"; "jellyfish" ]

let private model = "squeezenet1_1.tensor"

/// The numbers of a tensor of one picture.
let private size = 3 * 224 * 224

let private floats (bytes: byte[]) =
    MemoryMarshal.Cast<byte, float32>(bytes.AsSpan()).ToArray()

let private output (answer: ModelInferResponse) =
    floats (answer.RawOutputContents[0].ToByteArray())

let private bytes (numbers: float32[]) =
    ByteString.CopyFrom(MemoryMarshal.AsBytes(numbers.AsSpan()))

/// A request with the tensors of some pictures, their numbers raw or not.
let private request (input: string) isRaw (numbers: float32[]) =
    let request = ModelInferRequest(ModelName = model)

    let tensor =
        ModelInferRequest.Types.InferInputTensor(Name = input, Datatype = "FP32")

    tensor.Shape.AddRange [ int64 (numbers.Length / size); 3L; 224L; 224L ]

    if isRaw then
        request.RawInputContents.Add(bytes numbers)
    else
        tensor.Contents <- InferTensorContents()
        tensor.Contents.Fp32Contents.AddRange numbers

    request.Inputs.Add tensor
    request

/// The answer to a request in JSON.
let private post (web: WebNode) (path: string) (body: string) =
    task {
        use content = new StringContent(body, Encoding.UTF8, "application/json")
        use! answer = web.Client.PostAsync(path, content)
        let! text = answer.Content.ReadAsStringAsync()
        return int answer.StatusCode, text
    }

/// The input of /v2; `numbers` is an array in JSON.
let private inJson (input: string) (count: int) (numbers: string) =
    $$"""{"inputs":[{"name":"{{input}}","shape":[{{count}},3,224,224],"datatype":"FP32","data":{{numbers}}}]}"""

let private serving name (test: WebNode -> Client -> Task<unit>) =
    testCaseTask name (fun () ->
        task {
            let grpc = Nodes.freePort ()
            use! web = Nodes.service [] [ $"--Http:GrpcPort={grpc}" ]
            use channel = GrpcChannel.ForAddress $"http://127.0.0.1:{grpc}"
            do! test web (Client channel)
        })

/// The probabilities of a batch that is sent and answered as binary data over HTTP.
let private overHttp (web: WebNode) (files: byte[] list) =
    task {
        let binary = files |> List.map element |> Array.concat

        let head =
            $$$"""{"inputs":[{"name":"image","shape":[{{{files.Length}}}],"datatype":"BYTES",
"parameters":{"binary_data_size":{{{binary.Length}}}}}],
"outputs":[{"name":"probabilities","parameters":{"binary_data":true}}]}"""
            |> Encoding.UTF8.GetBytes

        use content = new ByteArrayContent(Array.append head binary)
        content.Headers.Add("Inference-Header-Content-Length", string head.Length)
        use! answer = web.Client.PostAsync("/v2/models/squeezenet1_1/infer", content)
        let! _, numbers = parts answer
        return floats numbers
    }

let private pictures =
    serving
        "pictures in a batch, in a stream, in binary and in JSON over HTTP: the same probabilities"
        (fun web client ->
            task {
                let files = names |> List.map pictureOf
                let! batch = client.ModelInferAsync(typed files |> asking [ "probabilities", None ])

                let rows =
                    batch.Outputs[0].Contents.Fp32Contents |> Seq.chunkBySize 1000 |> Array.ofSeq

                let! binary = overHttp web files
                Expect.equal binary (Array.concat rows) "in binary over HTTP"
                use call = client.ModelStreamInfer()

                for index, file in List.indexed files do
                    do! call.RequestStream.WriteAsync(raw [ file ] |> asking [ "probabilities", None ])
                    let! _ = call.ResponseStream.MoveNext CancellationToken.None
                    let answer = call.ResponseStream.Current.InferResponse
                    Expect.equal (output answer) rows[index] "as in the batch"

                    let! _, json = web.Classify(file, "?top=1000")
                    let predictions = json.GetProperty "predictions"
                    Expect.equal (string (predictions[0].GetProperty "label")) names[index] "its class"

                    for found in predictions.EnumerateArray() do
                        Expect.floatClose
                            Accuracy.medium
                            (float (rows[index][found.GetProperty("index").GetInt32()]))
                            (found.GetProperty("probability").GetDouble())
                            names[index]
            })

let private tensors =
    serving "a batch of tensors: over gRPC, in JSON and in binary the same logits, row by row" (fun web client ->
        task {
            let! metadata = client.ModelMetadataAsync(ModelMetadataRequest(Name = model))
            let input = metadata.Inputs[0]
            Expect.equal (input.Datatype, List.ofSeq input.Shape) ("FP32", [ -1L; 3L; 224L; 224L ]) "the input"
            let random = Random 1

            let numbers =
                Array.init (3 * size) (fun _ -> float32 (Math.Round(random.NextDouble() * 4.0 - 2.0, 3)))

            let! typed = client.ModelInferAsync(request input.Name false numbers)
            let logits = typed.Outputs[0].Contents.Fp32Contents |> Array.ofSeq
            Expect.equal (typed.Outputs[0].Shape[0], logits.Length) (3L, 3000) "three rows"
            let! raw = client.ModelInferAsync(request input.Name true numbers)
            Expect.equal (output raw) logits "raw"

            let! status, text =
                JsonSerializer.Serialize numbers
                |> inJson input.Name 3
                |> post web $"/v2/models/{model}/infer"

            Expect.equal status 200 (text.Substring(0, min 200 text.Length))
            use json = JsonDocument.Parse text

            Expect.equal
                [|
                    for value in json.RootElement.GetProperty("outputs").[0].GetProperty("data").EnumerateArray() ->
                        value.GetSingle()
                |]
                logits
                "in JSON"

            let first = request input.Name true numbers[.. size - 1]
            let! one = client.ModelInferAsync first
            Expect.equal (output one) logits[..999] "alone as in the batch"

            let! named =
                client.ModelInferAsync(first |> asking [ metadata.Outputs[0].Name, Some 1L ])

            let text = named.RawOutputContents[0].ToByteArray()[4..] |> Encoding.UTF8.GetString
            let best = logits[..999] |> Array.indexed |> Array.maxBy snd
            Expect.equal (text.Split(':')[1]) (string (fst best)) "the class of the greatest logit"
        })

let private notFinite =
    serving "numbers of which the network makes none are the sender's fault, not the worker's" (fun web client ->
        task {
            let! metadata = client.ModelMetadataAsync(ModelMetadataRequest(Name = model))
            let input = metadata.Inputs[0].Name

            for number in [ nanf; 1e38f ] do
                let request = request input true (Array.create size number)

                let call = client.ModelInferAsync request
                do! fails Grpc.Core.StatusCode.InvalidArgument "finite" $"{number}" call.ResponseAsync

            let numbers = $"""[{String.Join(',', Array.create size "1e38")}]"""

            for path, body in
                [
                    $"/v2/models/{model}/infer", inJson input 1 numbers
                    $"/v1/models/{model}:predict", $$"""{"instances":[{{numbers}}]}"""
                ] do
                let! status, text = post web path body
                Expect.equal status 400 text
                Expect.stringContains text "finite" path

            let! ready = web.Client.GetAsync "/v2/health/ready"
            Expect.equal (int ready.StatusCode) 200 "the only worker is still in service"
            let! _ = client.ModelInferAsync(typed [ pictureOf "daisy" ])
            ()
        })

let tests = testList "EndToEndGrpc" [ pictures; tensors; notFinite ]
