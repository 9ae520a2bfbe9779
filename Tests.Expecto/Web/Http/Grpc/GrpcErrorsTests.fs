/// gRPC's errors for invalid, late and cancelled requests.
module Tests.Expecto.Web.GrpcErrorsTests

open System
open System.Threading
open Expecto
open Tests.Expecto
open Google.Protobuf
open Grpc.Core
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
        "requires 2 pictures, but the input has 1", change (fun request -> request.Inputs[0].Shape[ 0 ] <- 2L)
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
        "requested twice", typed [ picture 1 ] |> asking [ "label", None; "label", None ]
        "1 to 1000", typed [ picture 1 ] |> asking [ "label", Some 1001L ]
        "must be a whole number",
        change (fun request ->
            asking [ "label", None ] request |> ignore
            request.Outputs[0].Parameters[ "classification" ] <- InferParameter(StringParam = "2"))
    ]

let private wrong =
    testTask "a request that is wrong: INVALID_ARGUMENT, with REST's sentence" {
        use! node = serveGrpc []

        for says, request in malformed do
            do! fails StatusCode.InvalidArgument says says (node.Infer request)

        Expect.isEmpty node.Worker.Pictures "no worker was asked"

        for name, version, says in [ "x", "", "no model 'x'"; "squeezenet1_1", "2", "no version '2'" ] do
            let request =
                change (fun request ->
                    request.ModelName <- name
                    request.ModelVersion <- version)

            do! fails StatusCode.NotFound says says (node.Infer request)
            do! fails StatusCode.NotFound says says (node.Metadata(name, version))

        let long = ModelInferRequest(ModelName = String('x', 50_000))
        let! error = failure StatusCode.NotFound "a long name" (node.Infer long)
        Expect.isLessThan error.Status.Detail.Length 300 "is not repeated"
        let! _ = node.Web.Send("DELETE", $"/api/workers/{node.Worker.Address}")

        let! error =
            failure StatusCode.Unavailable "no worker" (node.Infer(typed [ picture 1 ]))

        Expect.equal (error.Trailers.GetValue "grpc-retry-pushback-ms") "5000" "when to come back"
    }

let private deadlines =
    testTask "a deadline ends a call, and a cancelled call ends its work" {
        use! node = start [ "--Pool:RequestSeconds=60" ] [ new TestWorker(Silent) ]

        let infer (deadline: Nullable<DateTime>) cancel =
            node.Client.ModelInferAsync(typed [ picture 1 ], null, deadline, cancel).ResponseAsync

        let late = infer (Nullable(DateTime.UtcNow.AddSeconds 0.5)) CancellationToken.None
        do! fails StatusCode.DeadlineExceeded "" "the client's deadline" late
        use cancel = new CancellationTokenSource(300)
        do! fails StatusCode.Cancelled "" "cancelled" (infer (Nullable()) cancel.Token)
        do! inFlight node 0
    }

let private telemetry =
    testTask "calls are in the metrics of requests, with their status" {
        use! node = serveGrpc []
        let! _ = node.Client.ModelInferAsync(typed [ picture 1 ])

        do! fails StatusCode.NotFound "no model" "unknown" (node.Metadata("x", ""))
        let! text = Http.textOf (node.Web.Send("GET", "/metrics"))

        let has (method: string) (code: int) =
            text.Split '\n'
            |> Array.exists (fun line ->
                line.StartsWith "http_server_request_duration_seconds_count"
                && line.Contains $"GRPCInferenceService/{method}\""
                && line.Contains $"rpc_grpc_status_code=\"{code}\"")

        Expect.isTrue (has "ModelInfer" 0) "one that succeeded"
        Expect.isTrue (has "ModelMetadata" 5) "one that did not"
    }

let tests = testList "GrpcErrors" [ wrong; deadlines; telemetry ]
