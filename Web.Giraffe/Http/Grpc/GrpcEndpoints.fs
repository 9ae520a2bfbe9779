/// The services of gRPC: their limits, who may call them, and their port.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.GrpcEndpoints

open System
open System.Collections.Generic
open System.IO.Pipelines
open System.Threading.Tasks
open Grpc.AspNetCore.Server
open Grpc.Core
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features
open Microsoft.AspNetCore.Routing
open Microsoft.Extensions.DependencyInjection
open Giraffe
open Web.Giraffe

[<Literal>]
let private Service = "/inference.GRPCInferenceService/"

/// The calls that anybody may make, as in REST.
let private isOpen (path: string) =
    match path with
    | "/inference.GRPCInferenceService/ServerLive"
    | "/inference.GRPCInferenceService/ServerReady"
    | "/inference.GRPCInferenceService/ModelReady" -> true
    | path -> not (path.StartsWith(Service, StringComparison.Ordinal))

let private guard (site: AppServices) (path: string) : HttpHandler =
    if isOpen path then
        fun next context -> next context
    else
        match path.Substring Service.Length with
        | "ModelInfer" -> ApiGuard.picture site
        | "RepositoryModelLoad"
        | "RepositoryModelUnload" -> AdminAuthorization.guard site true
        | _ -> ApiGuard.key site

/// The body as gRPC reads it. By default, ASP.NET Core reads a replaced body 4 KiB at a time.
let private readerOf (context: HttpContext) : IRequestBodyPipeFeature =
    let reader =
        PipeReader.Create(context.Request.Body, StreamPipeReaderOptions(bufferSize = 65_536, leaveOpen = true))

    context.Response.OnCompleted(fun () -> reader.CompleteAsync().AsTask())

    { new IRequestBodyPipeFeature with
        member _.Reader = reader
    }

/// Prepares the body: gRPC keeps a whole message, which the budget is charged for, and reports errors in its own form.
let private prepare (site: AppServices) (context: HttpContext) =
    let body = RequestBody.ofContext context

    body.Limit <-
        if GrpcRequest.isStream context.Request then
            Int64.MaxValue
        else
            int64 site.Settings.MaxRequest + int64 Upload.slack

    body.Charge()
    BoundedCompression.Begin body
    context.Features.Set(readerOf context)

    body.Failure <-
        fun status message ->
            match status with
            | 413 ->
                Problem.create
                    413
                    "Too long"
                    $"A message may have up to {site.Settings.MaxRequest} bytes (Upload:MaxRequest)."
            | 503 -> Upload.problem OutOfRoom
            | status -> Problem.create status "The upload took too long" message
            |> GrpcProblem.exn
            :> exn

/// Adds the status of the call to the request's duration.
let private measure (context: HttpContext) =
    match context.Features.Get<IHttpMetricsTagsFeature>(), context.Features.Get<IServerCallContextFeature>() with
    | NonNull tags, NonNull call ->
        tags.Tags.Add(KeyValuePair("rpc.grpc.status_code", box (int call.ServerCallContext.Status.StatusCode)))
    | _ -> ()

let add (settings: WebSettings) (services: IServiceCollection) =
    services.AddGrpc(fun options ->
        options.MaxReceiveMessageSize <- Nullable(int settings.MaxRequest)
        options.MaxSendMessageSize <- Nullable()
        options.CompressionProviders.Clear()

        for encoding in [ GrpcEncoding.Gzip; GrpcEncoding.Deflate ] do
            options.CompressionProviders.Add(BoundedCompression(encoding, int settings.MaxRequest))

        // An unknown path keeps the answers that it has without gRPC.
        options.IgnoreUnknownServices <- true)
    |> ignore

    services.AddGrpcReflection() |> ignore

/// Guards the calls of gRPC. Other requests pass, except on the port of gRPC, which serves nothing else.
let useGuard (site: AppServices) (port: int option) (app: IApplicationBuilder) =
    app.Use(fun (context: HttpContext) (next: RequestDelegate) ->
        if GrpcRequest.is context.Request then
            let call: HttpFunc =
                fun context ->
                    task {
                        context.Features.Set site
                        prepare site context
                        do! next.Invoke context
                        measure context
                        return Some context
                    }

            guard site (string context.Request.Path.Value) call context :> Task
        elif port = Some context.Connection.LocalPort then
            context.Response.StatusCode <- StatusCodes.Status415UnsupportedMediaType
            Task.CompletedTask
        else
            next.Invoke context)
    |> ignore

let map (endpoints: IEndpointRouteBuilder) =
    endpoints.MapGrpcService<InferenceGrpc>() |> ignore
    endpoints.MapGrpcService<HealthGrpc>() |> ignore
    endpoints.MapGrpcReflectionService() |> ignore
