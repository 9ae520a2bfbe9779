/// The routes of the Open Inference Protocol.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.InferenceRoutes

open Giraffe
open Giraffe.EndpointRouting
open Web.Giraffe.Api

/// Maps a route with the version in the address, and without it.
let private both
    (latest: (string -> HttpHandler) -> Endpoint)
    (versioned: (string * string -> HttpHandler) -> Endpoint)
    (said: InferenceOperation.Versions)
    (handler: string -> string option -> HttpHandler)
    =
    [
        latest (fun name -> handler name None) |> Operation.describes said.Latest
        versioned (fun (name, version) -> handler name (Some version))
        |> Operation.describes said.Versioned
    ]

let endpoints (services: AppServices) : Endpoint list =
    [
        GET_HEAD
            [
                route "/v2" (ApiGuard.key services >=> InferenceHandlers.server)
                |> Operation.describes InferenceOperations.server
                route "/v2/health/live" InferenceHandlers.live
                |> Operation.describes InferenceOperations.live
                route "/v2/health/ready" (InferenceHandlers.ready services)
                |> Operation.describes InferenceOperations.ready
            ]
        POST
            [
                route "/v2/repository/index" (ApiGuard.key services >=> RepositoryHandlers.index services)
                |> Operation.describes InferenceOperations.repository
            ]
        GET_HEAD(
            both
                (routef "/v2/models/%s")
                (routef "/v2/models/%s/versions/%s")
                InferenceOperations.metadata
                (fun name version -> ApiGuard.key services >=> InferenceHandlers.metadata services name version)
        )
        GET_HEAD(
            both
                (routef "/v2/models/%s/ready")
                (routef "/v2/models/%s/versions/%s/ready")
                InferenceOperations.modelReady
                (InferenceHandlers.modelReady services)
        )
        GET_HEAD
            [
                route "/v2/models/stats" (ApiGuard.key services >=> InferenceHandlers.allStatistics services)
                |> Operation.describes InferenceOperations.allStatistics
            ]
        GET_HEAD(
            both
                (routef "/v2/models/%s/stats")
                (routef "/v2/models/%s/versions/%s/stats")
                InferenceOperations.modelStatistics
                (fun name version ->
                    ApiGuard.key services
                    >=> InferenceHandlers.modelStatistics services name version)
        )
        GET_HEAD(
            both
                (routef "/v2/models/%s/config")
                (routef "/v2/models/%s/versions/%s/config")
                InferenceOperations.config
                (fun name version -> ApiGuard.key services >=> InferenceHandlers.config services name version)
        )
        POST
            [
                routef "/v2/repository/models/%s/load" (fun name ->
                    AdminAuthorization.guard services true >=> RepositoryHandlers.load services name)
                |> Operation.describes InferenceOperations.load
                routef "/v2/repository/models/%s/unload" (fun name ->
                    AdminAuthorization.guard services true
                    >=> RepositoryHandlers.unload services name)
                |> Operation.describes InferenceOperations.unload
            ]
        POST(
            both
                (routef "/v2/models/%s/infer")
                (routef "/v2/models/%s/versions/%s/infer")
                InferenceOperations.infer
                (fun name version -> ApiGuard.picture services >=> InferHandlers.infer services name version)
        )
        GET_HEAD
            [
                route "/v1/models" (ApiGuard.key services >=> PredictHandlers.models services)
                |> Operation.describes PredictOperations.models
            ]
        GET_HEAD(
            both
                (routef "/v1/models/%s")
                (routef "/v1/models/%s/versions/%s")
                PredictOperations.model
                (fun name version -> ApiGuard.key services >=> PredictHandlers.model services name version)
        )
        POST(
            both
                (routef "/v1/models/%s:predict")
                (routef "/v1/models/%s/versions/%s:predict")
                PredictOperations.predict
                (fun name version -> ApiGuard.picture services >=> PredictHandlers.predict services name version)
        )
    ]
