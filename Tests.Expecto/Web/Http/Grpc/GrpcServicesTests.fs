/// The services beside inference, and the ports that gRPC is served on.
module Tests.Expecto.Web.GrpcServicesTests

open System
open System.Net
open System.Net.Http
open System.Threading
open System.Threading.Tasks
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

let private health =
    testCaseTask "grpc.health.v1: checks, watches, and knows its services"
    <| fun () ->
        withNode [] (fun node worker ->
            task {
                let client = Health.HealthClient node.Channel

                for service in [ ""; "inference.GRPCInferenceService"; "grpc.health.v1.Health" ] do
                    let! answer = client.CheckAsync(HealthCheckRequest(Service = service))
                    Expect.equal answer.Status HealthCheckResponse.Types.ServingStatus.Serving service

                do!
                    failsSaying StatusCode.NotFound "no service 'x'" "unknown" (fun () ->
                        client.CheckAsync(HealthCheckRequest(Service = "x")).ResponseAsync)

                use watch =
                    client.Watch(HealthCheckRequest(Service = "inference.GRPCInferenceService"))

                let! _ = watch.ResponseStream.MoveNext CancellationToken.None

                Expect.equal
                    watch.ResponseStream.Current.Status
                    HealthCheckResponse.Types.ServingStatus.Serving
                    "it serves"

                let! _ = node.Web.Send("DELETE", $"/api/workers/{worker.Address}")
                let! _ = watch.ResponseStream.MoveNext CancellationToken.None

                Expect.equal
                    watch.ResponseStream.Current.Status
                    HealthCheckResponse.Types.ServingStatus.NotServing
                    "the change arrives"

                let! ready = node.Web.Send("GET", "/health/ready")
                Expect.equal (Http.status ready) 200 "without workers the node still serves its pages"
                let! answer = client.CheckAsync(HealthCheckRequest())
                Expect.equal answer.Status HealthCheckResponse.Types.ServingStatus.Serving "as /health/ready"
            })

let private readyNeedsWorker =
    testCaseTask "grpc.health.v1: a node that is ready only with workers"
    <| fun () ->
        withNode [ "--Http:ReadyNeedsWorker=true" ] (fun node worker ->
            task {
                let client = Health.HealthClient node.Channel
                let! answer = client.CheckAsync(HealthCheckRequest())
                Expect.equal answer.Status HealthCheckResponse.Types.ServingStatus.Serving "with one"
                let! _ = node.Web.Send("DELETE", $"/api/workers/{worker.Address}")
                let! answer = client.CheckAsync(HealthCheckRequest())
                Expect.equal answer.Status HealthCheckResponse.Types.ServingStatus.NotServing "without"
            })

let private watchers =
    testCaseTask "grpc.health.v1: those who watch take no place of the workers' live page"
    <| fun () ->
        withNode [] (fun node _ ->
            task {
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
            })

let private reflection =
    testCaseTask "reflection lists the services, and describes them"
    <| fun () ->
        withNode [] (fun node _ ->
            task {
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
            })

let private port =
    testCaseTask "the port of gRPC serves nothing else, and an unknown method is unimplemented"
    <| fun () ->
        withNode [] (fun node _ ->
            task {
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
                        Marshallers.Create(
                            (fun (_: ServerLiveRequest) -> [||]),
                            (fun (_: byte[]) -> ServerLiveRequest())
                        ),
                        Marshallers.Create(
                            (fun (_: ServerLiveResponse) -> [||]),
                            (fun (_: byte[]) -> ServerLiveResponse())
                        )
                    )

                do!
                    failsSaying
                        StatusCode.Unimplemented
                        "LogSettings"
                        "a method of Triton's that this server lacks"
                        (fun () ->
                            node.Channel
                                .CreateCallInvoker()
                                .AsyncUnaryCall(method, null, CallOptions(), ServerLiveRequest())
                                .ResponseAsync)

                let! answer = node.Web.Send("POST", "/inference.GRPCInferenceService/ServerLive")
                Expect.equal (Http.status answer) 415 "no gRPC over HTTP/1.1"
            })

let private tls =
    testTask "over TLS a port speaks gRPC and HTTP/1.1, as the client chooses" {
        use authority = new Authority("grpc")
        let pair = authority.Sign("node", Server [ "127.0.0.1" ])
        let port = freePort ()

        do!
            withNode
                [
                    $"--Kestrel:Endpoints:Https:Url=https://127.0.0.1:{port}"
                    $"--Kestrel:Endpoints:Https:Certificate:Path={pair.Certificate}"
                    $"--Kestrel:Endpoints:Https:Certificate:KeyPath={pair.Key}"
                ]
                (fun _ worker ->
                    task {
                        let handler () =
                            new SocketsHttpHandler(
                                SslOptions =
                                    Security.SslClientAuthenticationOptions(
                                        RemoteCertificateValidationCallback = fun _ _ _ _ -> true
                                    )
                            )

                        let options = GrpcChannelOptions(HttpHandler = handler (), DisposeHttpClient = true)
                        use channel = GrpcChannel.ForAddress($"https://127.0.0.1:{port}", options)
                        let! response = (Client channel).ModelInferAsync(typed [ picture 7 ])
                        Expect.equal response.ModelName "squeezenet1_1" "gRPC"
                        use client = new HttpClient(handler ())
                        use content = new ByteArrayContent(picture 9)
                        let! answer = client.PostAsync($"https://127.0.0.1:{port}/api/classify", content)
                        Expect.equal (Http.status answer, answer.Version.Major) (200, 1) "HTTP/1.1"
                        Expect.hasLength worker.Pictures 2 "both arrive"
                    })
    }

let tests =
    testList "GrpcServices" [ health; readyNeedsWorker; watchers; reflection; port; tls ]
