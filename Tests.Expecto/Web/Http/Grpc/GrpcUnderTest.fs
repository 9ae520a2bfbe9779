/// A node with gRPC, and .NET's own client of it, with the messages of the specification.
module Tests.Expecto.Web.GrpcUnderTest

open System
open System.Net
open System.Net.Sockets
open System.Threading.Tasks
open Expecto
open Google.Protobuf
open Grpc.Core
open Grpc.Net.Client
open OpenInference.Grpc
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest

let internal freePort () =
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()
    (listener.LocalEndpoint :?> IPEndPoint).Port

type internal Client = GRPCInferenceService.GRPCInferenceServiceClient

let internal headers (pairs: (string * string) list) =
    let metadata = Metadata()

    for name, value in pairs do
        metadata.Add(name, value)

    metadata

/// A node, its channel and its client.
type internal GrpcNode =
    {
        Web: WebUnderTest
        Channel: GrpcChannel
        Client: Client
        Port: int
    }

    member node.Worker = node.Web.Worker

    member node.Infer(request: ModelInferRequest) =
        node.Client.ModelInferAsync(request).ResponseAsync

    member node.Metadata(name, version) =
        node.Client.ModelMetadataAsync(ModelMetadataRequest(Name = name, Version = version)).ResponseAsync

    interface IAsyncDisposable with
        member node.DisposeAsync() =
            node.Channel.Dispose()
            (node.Web :> IAsyncDisposable).DisposeAsync()

let internal start options (workers: TestWorker list) =
    task {
        let port = freePort ()
        let! web = WebUnderTest.StartWith($"--Http:GrpcPort={port}" :: options, workers)
        let channel = GrpcChannel.ForAddress $"http://127.0.0.1:{port}"

        return
            {
                Web = web
                Channel = channel
                Client = Client channel
                Port = port
            }
    }

/// A node with these options, and a worker that recognizes pictures by their numbers.
let internal serveGrpc options =
    start ("--Upload:MaxBytes=100000" :: options) [ new TestWorker(Recognizes recognize) ]

/// Until the node's worker has this many requests.
let internal inFlight (node: GrpcNode) count =
    WorkersUnderTest.eventually $"{count} with the worker" (fun () -> node.Web.InFlight = count)

let internal input (pictures: byte[] list) =
    let input =
        ModelInferRequest.Types.InferInputTensor(Name = "image", Datatype = "BYTES")

    input.Shape.Add(int64 pictures.Length)
    input

/// A request with the pictures in `bytes_contents`.
let internal typed (pictures: byte[] list) =
    let request = ModelInferRequest(ModelName = "squeezenet1_1")
    let input = input pictures
    input.Contents <- InferTensorContents()
    input.Contents.BytesContents.AddRange(pictures |> List.map ByteString.CopyFrom)
    request.Inputs.Add input
    request

/// A request with the pictures in `raw_input_contents`, as Triton's clients send it.
let internal raw (pictures: byte[] list) =
    let request = ModelInferRequest(ModelName = "squeezenet1_1")
    request.Inputs.Add(input pictures)
    request.RawInputContents.Add(ByteString.CopyFrom(pictures |> List.map element |> Array.concat))
    request

let internal asking (outputs: (string * int64 option) list) (request: ModelInferRequest) =
    for name, classification in outputs do
        let output = ModelInferRequest.Types.InferRequestedOutputTensor(Name = name)

        match classification with
        | Some count -> output.Parameters["classification"] <- InferParameter(Int64Param = count)
        | None -> ()

        request.Outputs.Add output

    request

/// Runs a call that must fail with this status, and returns its message.
let internal failure (code: StatusCode) (about: string) (call: Task) =
    task {
        try
            do! call
            return failtest $"{about}: no error"
        with :? RpcException as error ->
            Expect.equal error.StatusCode code $"{about}: {error.Status.Detail}"
            return error
    }

let internal fails code (says: string) about call =
    task {
        let! (error: RpcException) = failure code about call
        Expect.stringContains error.Status.Detail says about
    }

/// A call with raw bytes as its message, whatever its path.
let internal callPath (node: GrpcNode) (path: string) pairs (message: byte[]) : Task =
    let bytes = Marshallers.Create((fun (bytes: byte[]) -> bytes), id)

    let service, name =
        let slash = path.IndexOf('/', 1)
        path.Substring(1, slash - 1), path.Substring(slash + 1)

    let method = Method<byte[], byte[]>(MethodType.Unary, service, name, bytes, bytes)

    node.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, CallOptions(headers pairs), message).ResponseAsync
