/// The Open Inference Protocol over gRPC: its methods give the answers of REST.
module Tests.Expecto.Web.GrpcTests

open System
open System.Text
open System.Text.Json
open System.Threading
open Expecto
open OpenInference.Grpc
open Web.Giraffe
open Tests.Expecto
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.GrpcUnderTest

let private metadata =
    testTask "live, ready, metadata, configuration, statistics, repository" {
        use! node = serveGrpc []
        let client = node.Client
        let! live = client.ServerLiveAsync(ServerLiveRequest())
        Expect.isTrue live.Live "live"
        let! ready = client.ServerReadyAsync(ServerReadyRequest())
        Expect.isTrue ready.Ready "ready"
        let! server = client.ServerMetadataAsync(ServerMetadataRequest())
        Expect.equal server.Name "recognition" "the server"

        Expect.containsAll
            server.Extensions
            [ "classification"; "model_configuration"; "model_repository"; "statistics" ]
            "what clients look for"

        for version in [ ""; "1" ] do
            let! ready =
                client.ModelReadyAsync(ModelReadyRequest(Name = "squeezenet1_1", Version = version))

            Expect.isTrue ready.Ready "the model is ready"

            let! model = node.Metadata("squeezenet1_1", version)
            Expect.equal (model.Name, List.ofSeq model.Versions) ("squeezenet1_1", [ "1" ]) "the model"

            Expect.equal
                [
                    for tensor in Seq.append model.Inputs model.Outputs ->
                        tensor.Name, tensor.Datatype, List.ofSeq tensor.Shape
                ]
                [
                    "image", "BYTES", [ -1L; 1L ]
                    "probabilities", "FP32", [ -1L; 1000L ]
                    "label", "BYTES", [ -1L; 1L ]
                ]
                "its tensors"

            let! answer =
                client.ModelConfigAsync(ModelConfigRequest(Name = "squeezenet1_1", Version = version))

            let config = answer.Config
            let input, output = config.Input[0], config.Output[0]
            Expect.equal (config.Name, config.MaxBatchSize) ("squeezenet1_1", 64) "the configuration"
            Expect.equal config.Backend "onnxruntime" "its backend"
            Expect.equal (input.DataType, List.ofSeq input.Dims) (DataType.TypeString, [ 1L ]) "without the batch"
            Expect.equal (output.DataType, List.ofSeq output.Dims) (DataType.TypeFp32, [ 1000L ]) "its output"

        let! index = client.RepositoryIndexAsync(RepositoryIndexRequest(Ready = true))

        Expect.equal
            [ for entry in index.Models -> entry.Name, entry.Version, entry.State ]
            [ "squeezenet1_1", "1", "READY" ]
            "the repository"

        let! _ = node.Web.Send("DELETE", $"/api/workers/{node.Worker.Address}")
        let! ready = client.ServerReadyAsync(ServerReadyRequest())
        Expect.isFalse ready.Ready "no worker"
    }

/// The outputs of a REST answer: names, shapes and elements.
let private overRest (web: WebUnderTest) (body: string) =
    task {
        let! root = Http.jsonWith 200 "status" (postJson web body)

        return
            [
                for output in root.GetProperty("outputs").EnumerateArray() ->
                    string (output.GetProperty "name"),
                    [ for size in output.GetProperty("shape").EnumerateArray() -> size.GetInt64() ],
                    [
                        for value in output.GetProperty("data").EnumerateArray() ->
                            if value.ValueKind = JsonValueKind.String then
                                string (value.GetString())
                            else
                                string (value.GetSingle())
                    ]
            ]
    }

let private overGrpc (response: ModelInferResponse) =
    [
        for output in response.Outputs ->
            output.Name,
            List.ofSeq output.Shape,
            [
                for number in output.Contents.Fp32Contents do
                    string number
                for text in output.Contents.BytesContents do
                    text.ToStringUtf8()
            ]
    ]

let private infers =
    testTask "bytes_contents and raw_input_contents: what REST answers, and the statistics count both" {
        use! node = serveGrpc []
        let pictures = [ picture 7; picture 9 ]

        for outputs, body in
            [
                [], "[]"
                [ "label", None ], """[{"name":"label"}]"""
                [ "probabilities", Some 3L ], """[{"name":"probabilities","parameters":{"classification":3}}]"""
                [ "label", Some 2L; "probabilities", None ],
                """[{"name":"label","parameters":{"classification":2}},{"name":"probabilities"}]"""
            ] do
            let! expected = overRest node.Web (inferJson [ 7; 9 ] body)
            let request = typed pictures |> asking outputs
            request.Id <- "42"
            let! response = node.Infer request

            Expect.equal (response.ModelName, response.ModelVersion) ("squeezenet1_1", "1") "the model and its version"
            Expect.equal response.Id "42" "the request's id"
            Expect.equal (overGrpc response) expected "as REST"
            Expect.contains node.Worker.Pictures (picture 9) "the picture's own bytes"
            let! response = node.Infer(raw pictures |> asking outputs)
            Expect.hasLength response.RawOutputContents response.Outputs.Count "raw, as the request"

            for output, bytes in Seq.zip response.Outputs response.RawOutputContents do
                let name, shape, values =
                    expected |> List.find (fun (name, _, _) -> name = output.Name)

                Expect.equal (List.ofSeq output.Shape) shape name

                let expected =
                    if output.Datatype = "FP32" then
                        values |> List.map (float32 >> BitConverter.GetBytes) |> Array.concat
                    else
                        values |> List.map (Encoding.UTF8.GetBytes >> element) |> Array.concat

                Expect.equal (bytes.ToByteArray()) expected "the same values in binary"

        let! statistics =
            node.Client.ModelStatisticsAsync(ModelStatisticsRequest(Name = "squeezenet1_1"))

        let model = statistics.ModelStats[0]

        Expect.equal
            (model.InferenceStats.Success.Count, model.InferenceCount, model.ExecutionCount)
            (12UL, 24UL, 24UL)
            "twelve requests for two pictures each"

        Expect.isGreaterThan model.InferenceStats.Success.Ns 0UL "they took time"
        let! json = Http.jsonOf (node.Web.Send("GET", $"/v2/models/{model.Name}/stats"))
        let stats = json.GetProperty("model_stats").[0]
        Expect.equal (stats.GetProperty("inference_count").GetInt64()) 24L "the same as over REST"
    }

let private stream =
    testTask "a stream answers in order, and an error is its request's alone" {
        use! node = serveGrpc []
        use call = node.Client.ModelStreamInfer()
        let count = 40

        let sending =
            task {
                for index in 0 .. count - 1 do
                    let request =
                        if index = 13 then
                            typed [ "nonsense"B ]
                        elif index = 17 then
                            ModelInferRequest(ModelName = "mymodel")
                        elif index % 2 = 0 then
                            typed [ picture index ]
                        else
                            raw [ picture index ]

                    request.Id <- string index
                    do! call.RequestStream.WriteAsync(request |> asking [ "label", None ])

                do! call.RequestStream.CompleteAsync()
            }

        for index in 0 .. count - 1 do
            let! more = call.ResponseStream.MoveNext CancellationToken.None
            Expect.isTrue more $"answer {index}"
            let answer = call.ResponseStream.Current
            Expect.equal answer.InferResponse.Id (string index) "in order"

            match index with
            | 13 -> Expect.stringContains answer.ErrorMessage "Plain text isn't supported" "which error"
            | 17 -> Expect.stringContains answer.ErrorMessage "no model 'mymodel'" "which error"
            | _ ->
                Expect.equal answer.ErrorMessage "" "no error"
                let output = answer.InferResponse.Outputs[0]

                let label =
                    if answer.InferResponse.RawOutputContents.Count > 0 then
                        answer.InferResponse.RawOutputContents[0].ToByteArray()[4..]
                        |> Encoding.UTF8.GetString
                    else
                        output.Contents.BytesContents[0].ToStringUtf8()

                Expect.equal label $"class {index}" "its picture's class"

        let! more = call.ResponseStream.MoveNext CancellationToken.None
        Expect.isFalse more "then the end"
        do! sending
    }

let tests = testList "Grpc" [ metadata; infers; stream ]
