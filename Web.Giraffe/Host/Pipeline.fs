/// The middleware of the web node.
[<RequireQualifiedAccess>]
module Web.Giraffe.Pipeline

open System
open System.IO
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Diagnostics
open Microsoft.AspNetCore.Http
open Giraffe
open Giraffe.EndpointRouting
open Web.Giraffe.Api
open Web.Giraffe.Handlers

// Returns whether the client caused the error, by invalid or incomplete input.
let private isFromClient (context: HttpContext) (error: exn) =
    match error with
    | :? Microsoft.AspNetCore.Http.BadHttpRequestException
    | :? InvalidDataException -> true
    | :? IOException
    | :? OperationCanceledException -> context.RequestAborted.IsCancellationRequested
    | _ -> false

/// Answers a failed request. A client error closes the connection, since the rest of the body may look like a
/// request.
let private answerFailed services (context: HttpContext) : Task =
    task {
        match context.Features.Get<IExceptionHandlerFeature>() with
        | NonNull feature when isFromClient context feature.Error -> context.Response.Headers.Connection <- "close"
        | _ -> ()

        try
            do! AppServices.bareStatus services context
        with :? OperationCanceledException when context.RequestAborted.IsCancellationRequested ->
            // Nobody reads the answer, and the connection still holds part of a body.
            context.Abort()
    }

/// Adds the middleware and the routes, in the order of a request.
let configure (app: WebApplication) (telemetry: TelemetrySettings) (grpc: int option) (services: AppServices) =
    let errorHandling =
        ExceptionHandlerOptions(
            ExceptionHandler = RequestDelegate(answerFailed services),
            SuppressDiagnosticsCallback = (fun context -> isFromClient context.HttpContext context.Exception),
            StatusCodeSelector =
                fun error ->
                    match error with
                    | :? Microsoft.AspNetCore.Http.BadHttpRequestException as error -> error.StatusCode
                    | :? InvalidDataException -> 400
                    | _ -> 500
        )

    app.Use(TraceId.apply) |> ignore
    TrustedProxies.useForwardedHeaders services.Settings.TrustedProxies app
    app.Use(BasePath.apply services.Settings.PathBase) |> ignore
    Cors.apply services.Api.Settings.AllowedOrigins app
    MetricsHandlers.usePort services telemetry app

    app.Use(
        ConnectionGuard.apply (fun context -> AppServices.problem services ConnectionGuard.problem earlyReturn context)
    )
    |> ignore

    app.Use(RequestBodies.apply services.Budget services.Settings.BodyTimes services.Clock)
    |> ignore

    GrpcEndpoints.usePort services grpc app

    app.UseWhen(
        (fun context -> not (GrpcRequest.is context.Request)),
        fun app -> app.Use(SecurityHeaders.apply) |> ignore
    )
    |> ignore

    Localization.apply app

    Compression.apply
        (fun context ->
            AppServices.isApi context
            || AppServices.isInference context
            || AppServices.isHuggingFace context)
        app

    app.UseExceptionHandler errorHandling |> ignore

    app.UseStatusCodePages(fun (context: StatusCodeContext) -> AppServices.bareStatus services context.HttpContext)
    |> ignore

    StaticFiles.serve app services.Assets.Root
    app.UseRouting() |> ignore
    GrpcEndpoints.useGuard services app
    app.MapGiraffeEndpoints(Routes.endpoints services)
    GrpcEndpoints.map app
