/// The routes of the Open Inference Protocol.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.InferenceRoutes

open System
open Giraffe
open Giraffe.EndpointRouting
open Web.Giraffe.Api

/// Maps a route of a model without a version in the address, and with it.
let private ofModel
    (root: string)
    (suffix: string)
    (operations: Lazy<InferenceGroup.Versions>)
    (handler: string -> string option -> HttpHandler)
    =
    let latest =
        PrintfFormat<string -> unit, unit, unit, unit, string> $"{root}/models/%%s{suffix}"

    let versioned =
        PrintfFormat<string -> string -> unit, unit, unit, unit, string * string>
            $"{root}/models/%%s/versions/%%s{suffix}"

    [
        routef latest (fun name -> handler name None)
        |> Operation.describes (lazy operations.Value.Latest)
        routef versioned (fun (name, version) -> handler name (Some version))
        |> Operation.describes (lazy operations.Value.Versioned)
    ]

let endpoints (services: AppServices) : Endpoint list =
    let key handler name version =
        ApiGuard.key services >=> handler services name version

    let picture handler name version =
        ApiGuard.picture services >=> handler services name version

    let administration handler name =
        AdminAuthorization.guard services true >=> handler services name

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
        GET_HEAD
            [
                yield! ofModel "/v2" "" (lazy InferenceOperations.metadata) (key InferenceHandlers.metadata)
                yield!
                    ofModel "/v2" "/ready" (lazy InferenceOperations.modelReady) (InferenceHandlers.modelReady services)
                route "/v2/models/stats" (ApiGuard.key services >=> InferenceHandlers.allStatistics services)
                |> Operation.describes (lazy InferenceOperations.allStatistics)
                yield!
                    ofModel
                        "/v2"
                        "/stats"
                        (lazy InferenceOperations.modelStatistics)
                        (key InferenceHandlers.modelStatistics)
                yield! ofModel "/v2" "/config" (lazy InferenceOperations.config) (key InferenceHandlers.config)
            ]
        POST
            [
                routef "/v2/repository/models/%s/load" (administration RepositoryHandlers.load)
                |> Operation.describes (lazy InferenceOperations.load)
                routef "/v2/repository/models/%s/unload" (administration RepositoryHandlers.unload)
                |> Operation.describes (lazy InferenceOperations.unload)
                yield! ofModel "/v2" "/infer" (lazy InferenceOperations.infer) (picture InferHandlers.infer)
            ]
        GET_HEAD
            [
                route "/v1/models" (ApiGuard.key services >=> PredictHandlers.models services)
                |> Operation.describes (lazy PredictOperations.models)
                yield! ofModel "/v1" "" (lazy PredictOperations.model) (key PredictHandlers.model)
            ]
        POST(ofModel "/v1" ":predict" (lazy PredictOperations.predict) (picture PredictHandlers.predict))
    ]
