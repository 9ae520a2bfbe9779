/// The node's Prometheus metrics: `/metrics` on the page's port for administrators, and on a separate port for anyone
/// who can reach it.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.MetricsHandlers

open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.DependencyInjection
open Giraffe
open Web.Giraffe

let metrics: HttpHandler =
    handleContext (fun context ->
        task {
            do! context.RequestServices.GetRequiredService<MetricsEndpoint>().Answer context
            return Some context
        })

let private answer (services: AppServices) (context: HttpContext) : Task =
    let handler =
        match context.Request.Path.Value with
        | "/metrics" -> metrics
        | "/health/live" -> HealthHandlers.live
        | "/health/ready" -> HealthHandlers.ready services
        | _ -> setStatusCode 404

    let method = context.Request.Method

    if HttpMethods.IsGet method || HttpMethods.IsHead method then
        handler earlyReturn context
    else
        setStatusCode 405 earlyReturn context

/// Serves the metrics on their separate port, if there is one. That port serves nothing else.
let usePort (services: AppServices) (settings: TelemetrySettings) (app: IApplicationBuilder) =
    match settings.Port with
    | None -> ()
    | Some port ->
        app.MapWhen(
            (fun context -> context.Connection.LocalPort = port),
            (fun branch -> branch.Run(fun context -> answer services context))
        )
        |> ignore
