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
    (said: InferenceOperations.Versions)
    (handler: string -> string option -> HttpHandler)
    =
    [
        latest (fun name -> handler name None) |> Operation.describes said.Latest
        versioned (fun (name, version) -> handler name (Some version))
        |> Operation.describes said.Versioned
    ]

let endpoints (site: AppServices) : Endpoint list =
    [
        GET_HEAD
            [
                route "/v2" (ApiGuard.key site >=> InferenceHandlers.server)
                |> Operation.describes InferenceOperations.server
                route "/v2/health/live" InferenceHandlers.live
                |> Operation.describes InferenceOperations.live
                route "/v2/health/ready" (InferenceHandlers.ready site)
                |> Operation.describes InferenceOperations.ready
            ]
        POST
            [
                route "/v2/repository/index" (ApiGuard.key site >=> InferenceHandlers.repository site)
                |> Operation.describes InferenceOperations.repository
            ]
        GET_HEAD(
            both
                (routef "/v2/models/%s")
                (routef "/v2/models/%s/versions/%s")
                InferenceOperations.metadata
                (fun name version -> ApiGuard.key site >=> InferenceHandlers.metadata site name version)
        )
        GET_HEAD(
            both
                (routef "/v2/models/%s/ready")
                (routef "/v2/models/%s/versions/%s/ready")
                InferenceOperations.modelReady
                (InferenceHandlers.modelReady site)
        )
        POST(
            both
                (routef "/v2/models/%s/infer")
                (routef "/v2/models/%s/versions/%s/infer")
                InferenceOperations.infer
                (fun name version -> ApiGuard.picture site >=> InferenceHandlers.infer site name version)
        )
    ]
