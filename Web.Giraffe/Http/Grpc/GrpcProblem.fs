/// Converts problems to gRPC: a status code, and the same message as in REST.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.GrpcProblem

open System
open System.Threading.Tasks
open Grpc.Core
open Microsoft.AspNetCore.Http
open Web.Giraffe

let code (problem: Problem) =
    match problem.Status with
    | 400
    | 415
    | 422 -> StatusCode.InvalidArgument
    | 401 -> StatusCode.Unauthenticated
    | 403 -> StatusCode.PermissionDenied
    | 404 -> StatusCode.NotFound
    | 408
    | 504 -> StatusCode.DeadlineExceeded
    | 413
    | 429 -> StatusCode.ResourceExhausted
    | 501 -> StatusCode.Unimplemented
    | 503 -> StatusCode.Unavailable
    | _ -> StatusCode.Internal

/// The standard trailer for the time until a retry.
[<Literal>]
let private Pushback = "grpc-retry-pushback-ms"

let private pushback (problem: Problem) =
    problem.RetryAfter
    |> Option.map (fun wait -> string (int64 (ceil wait.TotalMilliseconds)))

let exn (problem: Problem) : RpcException =
    let trailers = Metadata()
    pushback problem |> Option.iter (fun wait -> trailers.Add(Pushback, wait))
    RpcException(Status(code problem, problem.Detail), trailers)

/// Answers a call without invoking it, with a response that consists of headers only.
let answer (problem: Problem) (context: HttpContext) : Task =
    let response = context.Response
    response.StatusCode <- 200
    response.ContentType <- "application/grpc"
    response.Headers.Remove "Retry-After" |> ignore
    response.Headers["grpc-status"] <- string (int (code problem))
    // Percent-encoded, as the gRPC protocol has it.
    response.Headers["grpc-message"] <- Uri.EscapeDataString(problem.Detail).Replace("%20", " ")
    pushback problem |> Option.iter (fun wait -> response.Headers[Pushback] <- wait)
    response.CompleteAsync()
