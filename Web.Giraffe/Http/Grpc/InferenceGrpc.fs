namespace Web.Giraffe.Handlers

open System.Threading
open System.Threading.Channels
open System.Threading.Tasks
open Grpc.Core
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features
open OpenInference.Grpc
open Web.Giraffe
open Web.Giraffe.Inference

/// The Open Inference Protocol over gRPC, with the rules of REST (`InferenceService`).
[<Sealed>]
type InferenceGrpc() =
    inherit GRPCInferenceService.GRPCInferenceServiceBase()

    /// Answers of a stream that are being made at a time.
    static let ahead = 8

    let siteOf (call: ServerCallContext) =
        call.GetHttpContext().Features.GetRequiredFeature<AppServices>()

    let orThrow (result: Result<'value, Problem>) : 'value =
        match result with
        | Ok value -> value
        | Error problem -> raise (GrpcProblem.exn problem)

    let find (call: ServerCallContext) (name: string) (version: string) =
        InferenceService.find (siteOf call) name (GrpcMessages.version version)
        |> orThrow

    /// Answers a request and returns its share of the budget. `prepaid` pictures are taken from the allowance already.
    let infer (call: ServerCallContext) (prepaid: int) (request: ModelInferRequest) =
        let site = siteOf call
        let context = call.GetHttpContext()
        let body = RequestBody.ofContext context
        let charged = body.TakeCharged()

        task {
            try
                match InferenceService.find site request.ModelName (GrpcMessages.version request.ModelVersion) with
                | Error problem -> return Error problem
                | Ok model ->
                    let given = GrpcMessages.given request |> Result.mapError InferenceService.wrong

                    let! inferred =
                        InferenceService.infer site context call.CancellationToken model prepaid given

                    return
                        inferred.Result
                        |> Result.map (GrpcMessages.response (request.RawInputContents.Count > 0))
            finally
                body.Claim.Release charged
        }

    /// Answers one request of a stream. An error is the answer to this request alone.
    let inferInStream call (request: ModelInferRequest) =
        task {
            match! infer call 0 request with
            | Ok response -> return ModelStreamInferResponse(InferResponse = response)
            | Error problem ->
                return
                    ModelStreamInferResponse(
                        ErrorMessage = problem.Detail,
                        InferResponse =
                            ModelInferResponse(
                                ModelName = request.ModelName,
                                ModelVersion = request.ModelVersion,
                                Id = request.Id
                            )
                    )
        }

    override _.ServerLive(_, _) =
        Task.FromResult(ServerLiveResponse(Live = true))

    override _.ServerReady(_, call) =
        Task.FromResult(ServerReadyResponse(Ready = InferenceService.isReady (siteOf call)))

    override _.ModelReady(request, call) =
        task {
            find call request.Name request.Version |> ignore
            return ModelReadyResponse(Ready = InferenceService.isReady (siteOf call))
        }

    override _.ServerMetadata(_, _) =
        Task.FromResult(GrpcMessages.serverMetadata ())

    override _.ModelMetadata(request, call) =
        task {
            return
                find call request.Name request.Version
                |> Model.metadata
                |> GrpcMessages.modelMetadata
        }

    override _.ModelInfer(request, call) =
        task {
            (RequestBody.ofContext (call.GetHttpContext())).Claim.IsReceiving <- false
            // The guard has taken the first picture from the allowance.
            let! response = infer call 1 request
            return orThrow response
        }

    override _.ModelStreamInfer(requests, responses, call) : Task =
        let answers =
            Channel.CreateBounded<Task<ModelStreamInferResponse>>(
                BoundedChannelOptions(ahead, SingleReader = true, SingleWriter = true)
            )

        let receive =
            task {
                try
                    let mutable going = true

                    while going do
                        let! more = requests.MoveNext call.CancellationToken

                        if more then
                            do! answers.Writer.WriteAsync(inferInStream call requests.Current, call.CancellationToken)
                        else
                            going <- false
                finally
                    answers.Writer.TryComplete() |> ignore
            }

        task {
            while! answers.Reader.WaitToReadAsync call.CancellationToken do
                match answers.Reader.TryRead() with
                | true, answer ->
                    let! answer = answer
                    do! responses.WriteAsync answer
                | _ -> ()

            // An error while receiving ends the call.
            do! receive
        }

    override _.ModelConfig(request, call) =
        task {
            let model = find call request.Name request.Version
            return ModelConfigResponse(Config = GrpcModels.config (InferenceService.config (siteOf call) model))
        }

    override _.ModelStatistics(request, call) =
        task {
            let site = siteOf call

            return
                InferenceService.statistics
                    site
                    (if request.Name = "" then None else Some request.Name)
                    (GrpcMessages.version request.Version)
                |> orThrow
                |> GrpcModels.statistics
        }

    override _.RepositoryIndex(request, call) =
        Task.FromResult(GrpcMessages.repositoryIndex (InferenceService.repository request.Ready (siteOf call)))

    override _.RepositoryModelLoad(_, _) =
        raise (GrpcProblem.exn InferenceService.noOrders)

    override _.RepositoryModelUnload(_, _) =
        raise (GrpcProblem.exn InferenceService.noOrders)
