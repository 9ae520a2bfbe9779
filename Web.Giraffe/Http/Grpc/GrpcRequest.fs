namespace Web.Giraffe

open System
open Microsoft.AspNetCore.Http

/// Recognizes gRPC among HTTP requests.
[<RequireQualifiedAccess>]
module GrpcRequest =
    let is (request: HttpRequest) =
        match request.ContentType with
        | NonNull kind ->
            HttpProtocol.IsHttp2 request.Protocol
            && HttpMethods.IsPost request.Method
            && kind.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        | _ -> false
