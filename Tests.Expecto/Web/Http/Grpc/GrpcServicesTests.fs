/// The services beside inference, and the ports that gRPC is served on.
module Tests.Expecto.Web.GrpcServicesTests

open System
open System.Net
open System.Net.Http
open System.Threading
open Expecto
open Grpc.Core
open Grpc.Health.V1
open Grpc.Reflection.V1Alpha
open Grpc.Net.Client
open OpenInference.Grpc
open Web.Giraffe
open Tests.Expecto
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.GrpcUnderTest

let private serving = HealthCheckResponse.Types.ServingStatus.Serving
let private notServing = HealthCheckResponse.Types.ServingStatus.NotServing

let private checks (client: Health.HealthClient) service expected (about: string) =
    task {
        let! answer = client.CheckAsync(HealthCheckRequest(Service = service))
        Expect.equal answer.Status expected about
    }

let private health =
    testTask "grpc.health.v1: checks, watches, and knows its services" {
        use! node = serveGrpc []
        let client = Health.HealthClient node.Channel

        for service in [ ""; "inference.GRPCInferenceService"; "grpc.health.v1.Health" ] do
            do! checks client service serving service

        do!
            fails
                StatusCode.NotFound
                "no service 'x'"
                "unknown"
                (client.CheckAsync(HealthCheckRequest(Service = "x")).ResponseAsync)

        use watch =
            client.Watch(HealthCheckRequest(Service = "inference.GRPCInferenceService"))

        let! _ = watch.ResponseStream.MoveNext CancellationToken.None
        Expect.equal watch.ResponseStream.Current.Status serving "it serves"
        let! _ = node.Web.Send("DELETE", $"/api/workers/{node.Worker.Address}")
        let! _ = watch.ResponseStream.MoveNext CancellationToken.None
        Expect.equal watch.ResponseStream.Current.Status notServing "the change arrives"
        do! Http.returns 200 "without workers the node still serves its pages" (node.Web.Send("GET", "/health/ready"))
        do! checks client "" serving "as /health/ready"
    }

let private readyNeedsWorker =
    testTask "grpc.health.v1: a node that is ready only with workers" {
        use! node = serveGrpc [ "--Http:ReadyNeedsWorker=true" ]
        let client = Health.HealthClient node.Channel
        do! checks client "" serving "with one"
        let! _ = node.Web.Send("DELETE", $"/api/workers/{node.Worker.Address}")
        do! checks client "" notServing "without"
    }

let private watchers =
    testTask "grpc.health.v1: watchers take no place of the workers' live page" {
        use! node = serveGrpc []
        let client = Health.HealthClient node.Channel

        let watches = [ for _ in 1..40 -> client.Watch(HealthCheckRequest()) ]

        for watch in watches do
            let! more = watch.ResponseStream.MoveNext CancellationToken.None
            Expect.isTrue more "watching"

        use request = new HttpRequestMessage(HttpMethod.Get, "/api/workers/events")

        use! answer =
            node.Web.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)

        Expect.equal (Http.status answer) 200 "the live page"

        for watch in watches do
            watch.Dispose()
    }

let private reflection =
    testTask "reflection lists the services, and describes them" {
        use! node = serveGrpc []

        use call =
            ServerReflection.ServerReflectionClient(node.Channel).ServerReflectionInfo()

        let ask (request: ServerReflectionRequest) =
            task {
                do! call.RequestStream.WriteAsync request
                let! more = call.ResponseStream.MoveNext CancellationToken.None
                Expect.isTrue more "an answer"
                return call.ResponseStream.Current
            }

        let! services = ask (ServerReflectionRequest(ListServices = ""))

        Expect.containsAll
            [ for service in services.ListServicesResponse.Service -> service.Name ]
            [ "inference.GRPCInferenceService"; "grpc.health.v1.Health" ]
            "the services"

        let! file =
            ask (ServerReflectionRequest(FileContainingSymbol = "inference.ModelInferRequest"))

        Expect.isNonEmpty file.FileDescriptorResponse.FileDescriptorProto "its description"
        do! call.RequestStream.CompleteAsync()
    }

let private port =
    testTask "the port of gRPC serves nothing else, and an unknown method is unimplemented" {
        use! node = serveGrpc []
        use client = new HttpClient()

        for path, method in
            [
                for path in [ "/"; "/workers"; "/api/workers"; "/v2"; "/metrics" ] do
                    path, HttpMethod.Get
                // As gRPC, but for the method.
                for method in [ HttpMethod.Get; HttpMethod.Put; HttpMethod.Options ] do
                    "/inference.GRPCInferenceService/ModelInfer", method
            ] do
            use request =
                new HttpRequestMessage(
                    method,
                    $"http://127.0.0.1:{node.Port}{path}",
                    Version = System.Version(2, 0),
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact
                )

            if path.StartsWith "/inference" then
                let content = Http.body [||]
                content.Headers.Add("Content-Type", "application/grpc")
                request.Content <- content

            use! answer = client.SendAsync request
            Expect.equal (int answer.StatusCode) 415 path

        let method =
            Method<ServerLiveRequest, ServerLiveResponse>(
                MethodType.Unary,
                "inference.GRPCInferenceService",
                "LogSettings",
                Marshallers.Create((fun (_: ServerLiveRequest) -> [||]), (fun (_: byte[]) -> ServerLiveRequest())),
                Marshallers.Create((fun (_: ServerLiveResponse) -> [||]), (fun (_: byte[]) -> ServerLiveResponse()))
            )

        do!
            fails
                StatusCode.Unimplemented
                "LogSettings"
                "a method of Triton's that this server lacks"
                (node.Channel
                    .CreateCallInvoker()
                    .AsyncUnaryCall(method, null, CallOptions(), ServerLiveRequest())
                    .ResponseAsync)

        let live = node.Web.Send("POST", "/inference.GRPCInferenceService/ServerLive")
        do! Http.returns 415 "no gRPC over HTTP/1.1" live
    }

let private tls =
    testTask "over TLS a port speaks gRPC and HTTP/1.1, as the client chooses" {
        use authority = new Authority("grpc")
        let pair = authority.Sign("node", Server [ "127.0.0.1" ])
        let port = freePort ()

        let options =
            [
                $"--Kestrel:Endpoints:Https:Url=https://127.0.0.1:{port}"
                $"--Kestrel:Endpoints:Https:Certificate:Path={pair.Certificate}"
                $"--Kestrel:Endpoints:Https:Certificate:KeyPath={pair.Key}"
            ]

        use! node = serveGrpc options

        let handler () =
            new SocketsHttpHandler(
                SslOptions =
                    Security.SslClientAuthenticationOptions(RemoteCertificateValidationCallback = fun _ _ _ _ -> true)
            )

        let options = GrpcChannelOptions(HttpHandler = handler (), DisposeHttpClient = true)
        use channel = GrpcChannel.ForAddress($"https://127.0.0.1:{port}", options)
        let! response = (Client channel).ModelInferAsync(typed [ picture 7 ])
        Expect.equal response.ModelName "squeezenet1_1" "gRPC"
        use client = new HttpClient(handler ())
        use content = new ByteArrayContent(picture 9)
        let! answer = client.PostAsync($"https://127.0.0.1:{port}/api/classify", content)
        Expect.equal (Http.status answer, answer.Version.Major) (200, 1) "HTTP/1.1"
        Expect.hasLength node.Worker.Pictures 2 "both arrive"
    }

let tests =
    testList "GrpcServices" [ health; readyNeedsWorker; watchers; reflection; port; tls ]
