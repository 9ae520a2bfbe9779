/// The routes of the Open Inference Protocol.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.InferenceRoutes

open System
open Giraffe
open Giraffe.EndpointRouting
open Web.Giraffe.Api

/// Maps a route with the version in the address, and without it.
let private both
    (latest: (string -> HttpHandler) -> Endpoint)
    (versioned: (string * string -> HttpHandler) -> Endpoint)
    (operations: Lazy<InferenceOperation.Versions>)
    (handler: string -> string option -> HttpHandler)
    =
    [
        latest (fun name -> handler name None)
        |> Operation.describes (lazy operations.Value.Latest)
        versioned (fun (name, version) -> handler name (Some version))
        |> Operation.describes (lazy operations.Value.Versioned)
    ]

let endpoints (services: AppServices) : Endpoint list =
    [
        GET_HEAD
            [
                route "/v2" (ApiGuard.key services >=> InferenceHandlers.server)
                |> Operation.describes (lazy InferenceOperations.server)
                route "/v2/health/live" InferenceHandlers.live
                |> Operation.describes (lazy InferenceOperations.live)
                route "/v2/health/ready" (InferenceHandlers.ready services)
                |> Operation.describes (lazy InferenceOperations.ready)
            ]
        POST
            [
                route "/v2/repository/index" (ApiGuard.key services >=> RepositoryHandlers.index services)
                |> Operation.describes (lazy InferenceOperations.repository)
            ]
        GET_HEAD(
            both
                (routef "/v2/models/%s")
                (routef "/v2/models/%s/versions/%s")
                (lazy InferenceOperations.metadata)
                (fun name version -> ApiGuard.key services >=> InferenceHandlers.metadata services name version)
        )
        GET_HEAD(
            both
                (routef "/v2/models/%s/ready")
                (routef "/v2/models/%s/versions/%s/ready")
                (lazy InferenceOperations.modelReady)
                (InferenceHandlers.modelReady services)
        )
        GET_HEAD
            [
                route "/v2/models/stats" (ApiGuard.key services >=> InferenceHandlers.allStatistics services)
                |> Operation.describes (lazy InferenceOperations.allStatistics)
            ]
        GET_HEAD(
            both
                (routef "/v2/models/%s/stats")
                (routef "/v2/models/%s/versions/%s/stats")
                (lazy InferenceOperations.modelStatistics)
                (fun name version ->
                    ApiGuard.key services
                    >=> InferenceHandlers.modelStatistics services name version)
        )
        GET_HEAD(
            both
                (routef "/v2/models/%s/config")
                (routef "/v2/models/%s/versions/%s/config")
                (lazy InferenceOperations.config)
                (fun name version -> ApiGuard.key services >=> InferenceHandlers.config services name version)
        )
        POST
            [
                routef "/v2/repository/models/%s/load" (fun name ->
                    AdminAuthorization.guard services true >=> RepositoryHandlers.load services name)
                |> Operation.describes (lazy InferenceOperations.load)
                routef "/v2/repository/models/%s/unload" (fun name ->
                    AdminAuthorization.guard services true
                    >=> RepositoryHandlers.unload services name)
                |> Operation.describes (lazy InferenceOperations.unload)
            ]
        POST(
            both
                (routef "/v2/models/%s/infer")
                (routef "/v2/models/%s/versions/%s/infer")
                (lazy InferenceOperations.infer)
                (fun name version -> ApiGuard.picture services >=> InferHandlers.infer services name version)
        )
        GET_HEAD
            [
                route "/v1/models" (ApiGuard.key services >=> PredictHandlers.models services)
                |> Operation.describes (lazy PredictOperations.models)
            ]
        GET_HEAD(
            both
                (routef "/v1/models/%s")
                (routef "/v1/models/%s/versions/%s")
                (lazy PredictOperations.model)
                (fun name version -> ApiGuard.key services >=> PredictHandlers.model services name version)
        )
        POST(
            both
                (routef "/v1/models/%s:predict")
                (routef "/v1/models/%s/versions/%s:predict")
                (lazy PredictOperations.predict)
                (fun name version -> ApiGuard.picture services >=> PredictHandlers.predict services name version)
        )
    ]
