namespace Web.Giraffe.Handlers

open System
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
[<Sealed; BindServiceMethod(typeof<InferenceBinding>, "BindService")>]
type InferenceGrpc() =
    inherit GRPCInferenceService.GRPCInferenceServiceBase()

    /// Answers of a stream that are being made at a time.
    static let ahead = 8

    let servicesOf (call: ServerCallContext) =
        call.GetHttpContext().Features.GetRequiredFeature<AppServices>()

    let orThrow (result: Result<'value, Problem>) : 'value =
        match result with
        | Ok value -> value
        | Error problem -> raise (GrpcProblem.exn problem)

    let find (call: ServerCallContext) (name: string) (version: string) =
        ModelRepository.find (servicesOf call) name (GrpcMessages.version version)
        |> orThrow

    /// Answers a request and returns its share of the budget. `prepaid` pictures are taken from the allowance already.
    let infer (call: ServerCallContext) (cancel: CancellationToken) (prepaid: int) (request: ModelInferRequest) =
        let services = servicesOf call
        let context = call.GetHttpContext()
        let body = RequestBody.ofContext context
        let charged = body.TakeCharged()

        task {
            try
                match ModelRepository.find services request.ModelName (GrpcMessages.version request.ModelVersion) with
                | Error problem -> return Error problem
                | Ok model ->
                    let given = GrpcMessages.given request |> Result.mapError Problem.wrong

                    let! inferred = InferenceService.infer services context cancel model prepaid given

                    return
                        inferred.Result
                        |> Result.map (GrpcMessages.response (request.RawInputContents.Count > 0))
            finally
                body.Claim.Release charged
        }

    let stopping =
        Problem.create 503 "Stopping" "The server is stopping. Send the requests without an answer again."

    /// Answers one request of a stream. An error is the answer to this request alone.
    let inferInStream call cancel (request: ModelInferRequest) =
        task {
            match! infer call cancel 0 request with
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
        Task.FromResult(ServerReadyResponse(Ready = ModelRepository.isReady (servicesOf call)))

    override _.ModelReady(request, call) =
        task {
            find call request.Name request.Version |> ignore
            return ModelReadyResponse(Ready = ModelRepository.isReady (servicesOf call))
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
            let! response = infer call call.CancellationToken 1 request
            return orThrow response
        }

    override _.ModelStreamInfer(requests, responses, call) : Task =
        let services = servicesOf call

        let answers =
            Channel.CreateBounded<Task<ModelStreamInferResponse>>(
                BoundedChannelOptions(ahead, SingleReader = true, SingleWriter = true)
            )

        let receive (ending: CancellationToken) =
            task {
                use receiving =
                    CancellationTokenSource.CreateLinkedTokenSource(ending, services.Ending)

                try
                    try
                        let mutable going = true

                        while going do
                            // There is room before an answer is begun, so that none is lost.
                            let! _ = answers.Writer.WaitToWriteAsync receiving.Token
                            let! more = requests.MoveNext receiving.Token

                            if more then
                                answers.Writer.TryWrite(inferInStream call ending requests.Current) |> ignore

                            going <- more
                    with :? OperationCanceledException when services.Ending.IsCancellationRequested ->
                        raise (GrpcProblem.exn stopping)
                finally
                    answers.Writer.TryComplete() |> ignore
            }

        task {
            use ending = CancellationTokenSource.CreateLinkedTokenSource call.CancellationToken
            let receiving = receive ending.Token

            try
                while! answers.Reader.WaitToReadAsync() do
                    match answers.Reader.TryRead() with
                    | true, answer ->
                        let! answer = answer
                        do! responses.WriteAsync answer
                    | _ -> ()

                // An error while receiving ends the call.
                do! receiving
            with ex ->
                // However the call ends, none of its work goes on.
                ending.Cancel()
                do! (receiving :> Task).ConfigureAwait ConfigureAwaitOptions.SuppressThrowing

                while! answers.Reader.WaitToReadAsync() do
                    match answers.Reader.TryRead() with
                    | true, answer -> do! (answer :> Task).ConfigureAwait ConfigureAwaitOptions.SuppressThrowing
                    | _ -> ()

                Exceptions.rethrow ex
        }

    override _.ModelConfig(request, call) =
        task {
            let model = find call request.Name request.Version
            return ModelConfigResponse(Config = GrpcModels.config (ModelRepository.config (servicesOf call) model))
        }

    override _.ModelStatistics(request, call) =
        task {
            let services = servicesOf call

            return
                ModelRepository.statistics
                    services
                    (if request.Name = "" then None else Some request.Name)
                    (GrpcMessages.version request.Version)
                |> orThrow
                |> GrpcModels.statistics
        }

    override _.RepositoryIndex(request, call) =
        Task.FromResult(GrpcMessages.repositoryIndex (ModelRepository.index request.Ready (servicesOf call)))

    override _.RepositoryModelLoad(request, call) =
        if request.Parameters.Count > 0 then
            raise (GrpcProblem.exn ModelRepository.noFiles)

        ModelRepository.load (servicesOf call) request.ModelName |> orThrow
        Task.FromResult(RepositoryModelLoadResponse())

    override _.RepositoryModelUnload(request, call) =
        ModelRepository.unload (servicesOf call) request.ModelName |> orThrow
        Task.FromResult(RepositoryModelUnloadResponse())
