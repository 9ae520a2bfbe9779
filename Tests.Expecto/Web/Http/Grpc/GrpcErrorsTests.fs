/// What gRPC says of requests that are wrong, not allowed, too much or too late.
module Tests.Expecto.Web.GrpcErrorsTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Google.Protobuf
open Grpc.Core
open Grpc.Core.Interceptors
open Grpc.Net.Client
open OpenInference.Grpc
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.GrpcUnderTest

let private change (edit: ModelInferRequest -> unit) =
    let request = typed [ picture 1 ]
    edit request
    request

let private malformed =
    [
        "no input 'x'", change (fun request -> request.Inputs[0].Name <- "x")
        "datatype BYTES, not 'FP32'", change (fun request -> request.Inputs[0].Datatype <- "FP32")
        "says 2, but it holds 1", change (fun request -> request.Inputs[0].Shape[ 0 ] <- 2L)
        "1 to 64 pictures", change (fun request -> request.Inputs[0].Shape[ 0 ] <- 0L)
        "[n] or [n, 1]", change (fun request -> request.Inputs[0].Shape.Add 2L)
        "one input, 'image', not 0", change (fun request -> request.Inputs.Clear())
        "neither 'contents' nor", change (fun request -> request.Inputs[0].Contents <- null)
        "not both", change (fun request -> request.RawInputContents.Add(ByteString.CopyFrom(element (picture 1))))
        "2 elements for 1 inputs",
        change (fun request ->
            request.RawInputContents.Add ByteString.Empty
            request.RawInputContents.Add ByteString.Empty)
        "ends within an element's length",
        change (fun request ->
            request.Inputs[0].Contents <- null
            request.RawInputContents.Add(ByteString.CopyFrom [| 1uy; 2uy |]))
        "Plain text isn't supported", typed [ "nonsense"B ]
        "it is empty", typed [ [||] ]
        "up to 100000", typed [ Picture.png 100_001 ]
        "no output 'x'", typed [ picture 1 ] |> asking [ "x", None ]
        "asked for once", typed [ picture 1 ] |> asking [ "label", None; "label", None ]
        "1 to 1000", typed [ picture 1 ] |> asking [ "label", Some 1001L ]
        "must be a whole number",
        change (fun request ->
            asking [ "label", None ] request |> ignore
            request.Outputs[0].Parameters[ "classification" ] <- InferParameter(StringParam = "2"))
    ]

let private wrong =
    testCaseTask "a request that is wrong: INVALID_ARGUMENT, with REST's sentence"
    <| fun () ->
        withNode [] (fun node worker ->
            task {
                for says, request in malformed do
                    do!
                        failsSaying StatusCode.InvalidArgument says says (fun () ->
                            node.Client.ModelInferAsync(request).ResponseAsync)

                Expect.isEmpty worker.Pictures "no worker was asked"

                for name, version, says in [ "x", "", "no model 'x'"; "squeezenet1_1", "2", "no version '2'" ] do
                    do!
                        failsSaying StatusCode.NotFound says says (fun () ->
                            let request = typed [ picture 1 ]
                            request.ModelName <- name
                            request.ModelVersion <- version
                            node.Client.ModelInferAsync(request).ResponseAsync)

                    do!
                        failsSaying StatusCode.NotFound says says (fun () ->
                            node.Client
                                .ModelMetadataAsync(ModelMetadataRequest(Name = name, Version = version))
                                .ResponseAsync)

                let! error =
                    fails StatusCode.NotFound "a long name" (fun () ->
                        node.Client.ModelInferAsync(ModelInferRequest(ModelName = String('x', 50_000))).ResponseAsync)

                Expect.isLessThan error.Status.Detail.Length 300 "is not repeated"
                let! _ = node.Web.Send("DELETE", $"/api/workers/{worker.Address}")

                let! error =
                    fails StatusCode.Unavailable "no worker" (fun () ->
                        node.Client.ModelInferAsync(typed [ picture 1 ]).ResponseAsync)

                Expect.equal (error.Trailers.GetValue "grpc-retry-pushback-ms") "5000" "when to come back"
            })

let private deadlines =
    testTask "a deadline ends a call, and a cancelled call ends its work" {
        use worker = new TestWorker(Silent)
        let! node = start [ "--Pool:RequestSeconds=60" ] [ worker.Address ]
        use _ = node.Channel
        use! web = Task.FromResult node.Web

        let! _ =
            fails StatusCode.DeadlineExceeded "the client's deadline" (fun () ->
                node.Client
                    .ModelInferAsync(typed [ picture 1 ], deadline = DateTime.UtcNow.AddSeconds 0.5)
                    .ResponseAsync)

        use cancel = new CancellationTokenSource()

        let call =
            node.Client.ModelInferAsync(typed [ picture 1 ], cancellationToken = cancel.Token)

        cancel.CancelAfter 300
        let! _ = fails StatusCode.Cancelled "cancelled" (fun () -> call.ResponseAsync)
        let clock = Diagnostics.Stopwatch.StartNew()

        let busy () =
            task {
                let! answer = web.Send("GET", "/api/workers")
                let! json = Http.json answer
                return json.GetProperty("workers").[0].GetProperty("inFlight").GetInt32() > 0
            }

        let mutable isBusy = true

        while isBusy && clock.Elapsed < TimeSpan.FromSeconds 30.0 do
            let! now = busy ()
            isBusy <- now
            do! Task.Delay 20

        Expect.isFalse isBusy "the worker's place is free"
    }

let private telemetry =
    testCaseTask "calls are in the metrics of requests, with their status"
    <| fun () ->
        withNode [] (fun node _ ->
            task {
                let! _ = node.Client.ModelInferAsync(typed [ picture 1 ])

                let! _ =
                    fails StatusCode.NotFound "unknown" (fun () ->
                        node.Client.ModelMetadataAsync(ModelMetadataRequest(Name = "x")).ResponseAsync)

                let! answer = node.Web.Send("GET", "/metrics")
                let! text = Http.text answer

                let has (method: string) (code: int) =
                    text.Split '\n'
                    |> Array.exists (fun line ->
                        line.StartsWith "http_server_request_duration_seconds_count"
                        && line.Contains $"GRPCInferenceService/{method}\""
                        && line.Contains $"rpc_grpc_status_code=\"{code}\"")

                Expect.isTrue (has "ModelInfer" 0) "one that succeeded"
                Expect.isTrue (has "ModelMetadata" 5) "one that did not"
            })

let tests = testList "GrpcErrors" [ wrong; deadlines; telemetry ]
