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

let private isStream (method: IMethod) =
    match method.Type with
    | MethodType.ClientStreaming
    | MethodType.DuplexStreaming -> true
    | _ -> false

/// Returns the guard of a method. Those that anybody may call are named, as in REST; any other needs a key.
let private guardOf (services: AppServices) (method: IMethod) : HttpHandler =
    let isOpen: HttpHandler = fun next context -> next context

    match method.ServiceName, method.Name with
    | "inference.GRPCInferenceService", ("ServerLive" | "ServerReady" | "ModelReady") -> isOpen
    | "inference.GRPCInferenceService", "ModelInfer" -> ApiGuard.picture services
    | "inference.GRPCInferenceService", ("RepositoryModelLoad" | "RepositoryModelUnload") ->
        AdminAuthorization.guard services true
    | ("grpc.health.v1.Health" | "grpc.reflection.v1.ServerReflection" | "grpc.reflection.v1alpha.ServerReflection"), _ ->
        isOpen
    | _ -> ApiGuard.key services

/// The body as gRPC reads it. By default, ASP.NET Core reads a replaced body 4 KiB at a time.
let private readerOf (context: HttpContext) : IRequestBodyPipeFeature =
    let reader =
        PipeReader.Create(context.Request.Body, StreamPipeReaderOptions(bufferSize = 65_536, leaveOpen = true))

    context.Response.OnCompleted(fun () -> reader.CompleteAsync().AsTask())

    { new IRequestBodyPipeFeature with
        member _.Reader = reader
    }

/// The most bytes of a message that holds no tensors, as of other requests.
let private mostOfSmall = 65_536

// The bytes before a message: whether it is compressed, and its length.
let private messageHead = 5L

/// Returns the most bytes of a message to a method.
let private mostOf (settings: WebSettings) (method: IMethod) =
    match method.Name with
    | "ModelInfer"
    | "ModelStreamInfer" -> int settings.MaxRequest
    | _ -> mostOfSmall

/// Prepares the body: gRPC keeps a whole message, which the budget is charged for, and reports errors in its own form.
let private prepare (services: AppServices) (context: HttpContext) =
    let body = RequestBody.ofContext context

    body.Charge()
    context.Features.Set(readerOf context)

    body.Failure <-
        fun status message ->
            match status with
            | 413 -> Problem.create 413 "Too long" $"The call may have up to {body.Limit} bytes."
            | 503 -> UploadFault.problem OutOfRoom
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
    services
        .AddGrpc(fun options ->
            options.MaxReceiveMessageSize <- Nullable mostOfSmall
            options.MaxSendMessageSize <- Nullable()
            options.CompressionProviders.Clear()

            for encoding in [ GrpcEncoding.Gzip; GrpcEncoding.Deflate ] do
                options.CompressionProviders.Add(BoundedCompression encoding)

            // An unknown path keeps the answers that it has without gRPC.
            options.IgnoreUnknownServices <- true)
        .AddServiceOptions<InferenceGrpc>(fun options ->
            options.MaxReceiveMessageSize <- Nullable(int settings.MaxRequest))
    |> ignore

    services.AddGrpcReflection() |> ignore

/// A compressed body would evade the limits of its messages.
let private encoded encoding =
    Problem.create
        415
        "Unsupported Content-Encoding"
        $"gRPC compresses each message (grpc-encoding); send the body without the Content-Encoding '{encoding}'."

/// Prepares the requests of gRPC. Others pass, except on the port of gRPC, which serves nothing else.
let usePort (services: AppServices) (port: int option) (app: IApplicationBuilder) =
    app.Use(fun (context: HttpContext) (next: RequestDelegate) ->
        if GrpcRequest.is context.Request then
            match (string context.Request.Headers.ContentEncoding).Trim().ToLowerInvariant() with
            | ""
            | "identity" ->
                task {
                    context.Features.Set services
                    prepare services context
                    do! next.Invoke context
                    measure context
                }
                :> Task
            | encoding -> GrpcProblem.answer (encoded encoding) context
        elif port = Some context.Connection.LocalPort then
            context.Response.StatusCode <- StatusCodes.Status415UnsupportedMediaType
            Task.CompletedTask
        else
            next.Invoke context)
    |> ignore

/// Guards the methods of gRPC, after routing: it finds a method by other spellings of its path, too.
let useGuard (services: AppServices) (app: IApplicationBuilder) =
    app.Use(fun (context: HttpContext) (next: RequestDelegate) ->
        match context.GetEndpoint() with
        | NonNull endpoint when not (isNull (endpoint.Metadata.GetMetadata<GrpcMethodMetadata>())) ->
            let method = endpoint.Metadata.GetRequiredMetadata<GrpcMethodMetadata>().Method

            let call: HttpFunc =
                fun context ->
                    task {
                        let body = RequestBody.ofContext context
                        let most = mostOf services.Settings method
                        GrpcBody.start body most

                        if isStream method then
                            body.AllowStream()
                        else
                            body.Limit <- int64 most + messageHead

                        do! next.Invoke context
                        return Some context
                    }

            guardOf services method call context :> Task
        | _ -> next.Invoke context)
    |> ignore

let map (endpoints: IEndpointRouteBuilder) =
    endpoints.MapGrpcService<InferenceGrpc>() |> ignore
    endpoints.MapGrpcService<HealthGrpc>() |> ignore
    endpoints.MapGrpcReflectionService() |> ignore
