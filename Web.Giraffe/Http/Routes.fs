/// The routes of the web node.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.Routes

open Microsoft.AspNetCore.Http
open Giraffe
open Giraffe.EndpointRouting
open Web.Giraffe.Api

/// Maps a worker's address that begins with `tls://`, at the end of a path. A proxy may merge its two slashes.
let private secure (path: string) (handler: string -> HttpHandler) =
    route $"{path}/tls:/{{**worker}}" (fun next context ->
        let rest = string context.Request.RouteValues["worker"]
        handler $"tls://{rest.TrimStart '/'}" next context)

let endpoints (site: AppServices) : Endpoint list =
    let looking = applyBefore (AdminAuthorization.guard site false)
    let changing = applyBefore (AdminAuthorization.guard site true)

    [
        GET_HEAD
            [
                route "/" (ApiGuard.page site >=> HomeHandlers.show site)
                routef "/samples/%s" (SampleHandlers.picture site)
                routef "/models/%s/classes" (fun id -> ApiGuard.page site >=> ClassesPage.page site id)
                route "/api" (ApiGuard.key site >=> ApiRoot.get)
                |> Operation.describes ApiRoot.operation
                routef "/samples/previews/%s" (SampleHandlers.preview site)
                route "/api/models" (ApiGuard.key site >=> ModelsApi.list site)
                |> Operation.describes ModelsOperations.models
                routef "/api/models/%s/labels" (fun id -> ApiGuard.key site >=> ModelsApi.labels site id)
                |> Operation.describes ModelsOperations.labels
                route "/health/live" HealthHandlers.live
                |> Operation.describes HealthOperations.live
                route "/health/ready" (HealthHandlers.ready site)
                |> Operation.describes HealthOperations.ready
            ]
        GET_HEAD
            [
                route "/sign-in" (SignInHandlers.page site)
                route "/docs" (DocsHandlers.page site)
                route "/openapi/v1.json" DocsHandlers.document
            ]
        POST
            [
                route "/sign-in" (SignInHandlers.signIn site)
                route "/sign-out" (SignInHandlers.signOut site)
                route "/" (ApiGuard.pagePicture site >=> HomeHandlers.classify site)
                route "/fetch" (ApiGuard.pagePicture site >=> FetchHandlers.fetch site)
                route "/api/classify" (ApiGuard.picture site >=> ClassifyHandlers.classifyApi site)
                |> Operation.describes ClassifyOperations.classify
                route "/api/classify/batch" (ApiGuard.picture site >=> ClassifyHandlers.classifyBatch site)
                |> Operation.describes ClassifyOperations.batch
                routef "/models/%s" (fun model ->
                    ApiGuard.picture site >=> ClassifyHandlers.classifyHuggingFace site model)
                |> Operation.describes ClassifyOperations.huggingFace
            ]
        looking (
            GET_HEAD
                [
                    route "/metrics" MetricsHandlers.metrics
                    route "/workers" (AdminHandlers.workersPage site)
                    route "/api/workers" (WorkersApi.list site)
                    |> Operation.describes WorkersOperations.workers
                    routef "/api/workers/%s" (WorkersApi.one site)
                    |> Operation.describes WorkersOperations.worker
                ]
        )
        looking (
            GET_HEAD
                [
                    route "/api/workers/events" (LiveHandlers.events site)
                    |> Operation.describes WorkersOperations.events
                ]
        )
        // These handlers contain the guard: a browser's request may be confirmed.
        GET
            [
                routef "/add/%s" (AdminHandlers.changeByUrl site "add" AdminHandlers.add)
                secure "/add" (AdminHandlers.changeByUrl site "add" AdminHandlers.add)
                routef "/del/%s" (AdminHandlers.changeByUrl site "remove" AdminHandlers.remove)
                secure "/del" (AdminHandlers.changeByUrl site "remove" AdminHandlers.remove)
            ]
        POST [ route "/workers" (AdminHandlers.changeByForm site) ]
        changing (
            POST
                [
                    routef "/api/workers/%s/drain" (WorkersApi.rest site AdminHandlers.drain)
                    |> Operation.describes WorkersOperations.drainWorker
                    routef "/api/workers/%s/resume" (WorkersApi.rest site AdminHandlers.resume)
                    |> Operation.describes WorkersOperations.resumeWorker
                    routef "/api/workers/%s/probe" (WorkersApi.probe site)
                    |> Operation.describes WorkersOperations.probeWorker
                ]
        )
        changing (
            PUT
                [
                    routef "/api/workers/%s" (WorkersApi.put site)
                    |> Operation.describes WorkersOperations.addWorker
                ]
        )
        changing (
            DELETE
                [
                    routef "/api/workers/%s" (WorkersApi.delete site)
                    |> Operation.describes WorkersOperations.removeWorker
                ]
        )
    ]
    @ InferenceRoutes.endpoints site
