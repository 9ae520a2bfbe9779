namespace Web.Giraffe.Handlers

open System
open System.Threading
open System.Threading.Tasks
open Grpc.Core
open Grpc.Health.V1
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features
open Web.Giraffe

/// The standard health service of gRPC: whether the node is ready, as `/health/ready`, and whether the inference service
/// is, which needs a worker, as `/v2/health/ready`.
[<Sealed>]
type HealthGrpc() =
    inherit Health.HealthBase()

    static let every = TimeSpan.FromSeconds 1.0

    static let inference = "inference.GRPCInferenceService"
    static let names = [ ""; inference; "grpc.health.v1.Health" ]

    let servicesOf (call: ServerCallContext) =
        call.GetHttpContext().Features.GetRequiredFeature<AppServices>()

    let isReady (services: AppServices) (service: string) =
        if service = inference then
            ModelRepository.isReady services
        else
            (HealthHandlers.state services).Status = HealthHandlers.isReady

    let status (services: AppServices) (service: string) =
        if not (List.contains service names) then
            HealthCheckResponse.Types.ServingStatus.ServiceUnknown
        elif isReady services service then
            HealthCheckResponse.Types.ServingStatus.Serving
        else
            HealthCheckResponse.Types.ServingStatus.NotServing

    override _.Check(request, call) =
        match status (servicesOf call) request.Service with
        | HealthCheckResponse.Types.ServingStatus.ServiceUnknown ->
            let known = names |> List.map (fun name -> $"'{name}'") |> String.concat ", "

            raise (
                RpcException(
                    Status(StatusCode.NotFound, $"There is no service '{request.Service}'; this server has {known}.")
                )
            )
        | status -> Task.FromResult(HealthCheckResponse(Status = status))

    /// Sends the status, and each change of it, until the client or the node ends.
    override _.Watch(request, responses, call) : Task =
        let services = servicesOf call

        if not (services.Watchers.TryEnter()) then
            raise (
                GrpcProblem.exn (
                    Problem.create
                        429
                        "Too many listeners"
                        "The server has reached its maximum number of watchers. Call Check instead."
                )
            )

        task {
            use ending =
                CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, services.Ending)

            try
                try
                    let mutable last = HealthCheckResponse.Types.ServingStatus.Unknown

                    while not ending.IsCancellationRequested do
                        let now = status services request.Service

                        if now <> last then
                            last <- now
                            do! responses.WriteAsync(HealthCheckResponse(Status = now))

                        do! Task.Delay(every, ending.Token)
                with :? OperationCanceledException ->
                    ()
            finally
                services.Watchers.Leave()
        }
