/// The Open Inference Protocol V2 over HTTP: the server and its models, for clients written for KServe or Triton.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.InferenceHandlers

open Giraffe
open Web.Giraffe
open Web.Giraffe.Inference

/// Answers an unknown model with its problem.
let known services name version (handler: InferenceModel -> HttpHandler) =
    match ModelRepository.find services name version with
    | Ok model -> handler model
    | Error problem -> AppServices.inferenceError problem

let server: HttpHandler =
    fun next context -> AppServices.inferenceJson Model.server next context

let live: HttpHandler =
    fun next context -> AppServices.inferenceJson ({ Live = true }: ServerLive) next context

/// Answers with 200 if the node is ready, else with 503.
let readiness (services: AppServices) answer : HttpHandler =
    fun next context ->
        let ready = ModelRepository.isReady services
        (setStatusCode (if ready then 200 else 503) >=> answer ready) next context

let ready (services: AppServices) : HttpHandler =
    readiness services (fun ready -> AppServices.inferenceJson ({ Live = true; Ready = ready }: ServerReady))

let modelReady (services: AppServices) name version : HttpHandler =
    known services name version (fun model ->
        readiness services (fun ready -> AppServices.inferenceJson ({ Name = model.Name; Ready = ready }: ModelReady)))

let metadata (services: AppServices) name version : HttpHandler =
    known services name version (Model.metadata >> AppServices.inferenceJson)

/// `GET /v2/models/{model}/config`: Triton's model configuration.
let config (services: AppServices) name version : HttpHandler =
    known services name version (ModelRepository.config services >> AppServices.inferenceJson)

let private statistics (result: Result<ModelStatistics[], Problem>) : HttpHandler =
    match result with
    | Ok models -> AppServices.inferenceJson { ModelStats = models }
    | Error problem -> AppServices.inferenceError problem

/// `GET /v2/models/{model}/stats`: Triton's statistics.
let modelStatistics (services: AppServices) name version : HttpHandler =
    fun next context -> statistics (ModelRepository.statistics services (Some name) version) next context

/// `GET /v2/models/stats`: the statistics of all models.
let allStatistics (services: AppServices) : HttpHandler =
    fun next context -> statistics (ModelRepository.statistics services None None) next context
