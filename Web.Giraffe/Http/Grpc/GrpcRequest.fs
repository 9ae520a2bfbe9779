namespace Web.Giraffe

open System
open Microsoft.AspNetCore.Http

/// Recognizes gRPC among HTTP requests.
[<RequireQualifiedAccess>]
module GrpcRequest =
    let private streams =
        [
            "/inference.GRPCInferenceService/ModelStreamInfer"
            "/grpc.health.v1.Health/Watch"
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        ]

    let is (request: HttpRequest) =
        match request.ContentType with
        | NonNull kind ->
            HttpProtocol.IsHttp2 request.Protocol
            && kind.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        | _ -> false

    /// Returns whether the call may have any number of messages.
    let isStream (request: HttpRequest) =
        is request && List.contains (string request.Path.Value) streams
