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

let endpoints (services: AppServices) : Endpoint list =
    let looking = applyBefore (AdminAuthorization.guard services false)
    let changing = applyBefore (AdminAuthorization.guard services true)

    [
        GET_HEAD
            [
                route "/" (ApiGuard.page services >=> HomeHandlers.show services)
                routef "/samples/%s" (SampleHandlers.picture services)
                routef "/models/%s/classes" (fun id -> ApiGuard.page services >=> ClassesPage.page services id)
                route "/api" (ApiGuard.key services >=> ApiRoot.get)
                |> Operation.describes (lazy ApiRoot.operation)
                routef "/samples/previews/%s" (SampleHandlers.preview services)
                route "/api/models" (ApiGuard.key services >=> ModelsApi.list services)
                |> Operation.describes (lazy ModelsOperations.models)
                routef "/api/models/%s/labels" (fun id -> ApiGuard.key services >=> ModelsApi.labels services id)
                |> Operation.describes (lazy ModelsOperations.labels)
                route "/health/live" HealthHandlers.live
                |> Operation.describes (lazy HealthOperations.live)
                route "/health/ready" (HealthHandlers.ready services)
                |> Operation.describes (lazy HealthOperations.ready)
            ]
        GET_HEAD
            [
                route "/sign-in" (SignInHandlers.page services)
                route "/docs" (DocsHandlers.page services)
                route "/openapi/v1.json" DocsHandlers.document
            ]
        POST
            [
                route "/sign-in" (SignInHandlers.signIn services)
                route "/sign-out" (SignInHandlers.signOut services)
                route "/" (ApiGuard.pagePicture services >=> HomeHandlers.classify services)
                route "/fetch" (ApiGuard.pagePicture services >=> FetchHandlers.fetch services)
                route "/api/classify" (ApiGuard.picture services >=> ClassifyHandlers.classifyApi services)
                |> Operation.describes (lazy ClassifyOperations.classify)
                route "/api/classify/batch" (ApiGuard.picture services >=> ClassifyHandlers.classifyBatch services)
                |> Operation.describes (lazy ClassifyOperations.batch)
                routef "/models/%s" (fun model ->
                    ApiGuard.picture services
                    >=> ClassifyHandlers.classifyHuggingFace services model)
                |> Operation.describes (lazy ClassifyOperations.huggingFace)
            ]
        looking (
            GET_HEAD
                [
                    route "/metrics" MetricsHandlers.metrics
                    route "/workers" (AdminHandlers.workersPage services)
                    route "/api/workers" (WorkersApi.list services)
                    |> Operation.describes (lazy WorkersOperations.workers)
                    routef "/api/workers/%s" (WorkersApi.one services)
                    |> Operation.describes (lazy WorkersOperations.worker)
                ]
        )
        looking (
            GET_HEAD
                [
                    route "/api/workers/events" (LiveHandlers.events services)
                    |> Operation.describes (lazy WorkersOperations.events)
                ]
        )
        // These handlers contain the guard: a browser's request may be confirmed.
        GET
            [
                routef "/add/%s" (AdminHandlers.changeByUrl services "add" AdminHandlers.add)
                secure "/add" (AdminHandlers.changeByUrl services "add" AdminHandlers.add)
                routef "/del/%s" (AdminHandlers.changeByUrl services "remove" AdminHandlers.remove)
                secure "/del" (AdminHandlers.changeByUrl services "remove" AdminHandlers.remove)
            ]
        POST [ route "/workers" (AdminHandlers.changeByForm services) ]
        changing (
            POST
                [
                    routef "/api/workers/%s/drain" (WorkersApi.drainOrResume services AdminHandlers.drain)
                    |> Operation.describes (lazy WorkersOperations.drainWorker)
                    routef "/api/workers/%s/resume" (WorkersApi.drainOrResume services AdminHandlers.resume)
                    |> Operation.describes (lazy WorkersOperations.resumeWorker)
                    routef "/api/workers/%s/probe" (WorkersApi.probe services)
                    |> Operation.describes (lazy WorkersOperations.probeWorker)
                ]
        )
        changing (
            PUT
                [
                    routef "/api/workers/%s" (WorkersApi.put services)
                    |> Operation.describes (lazy WorkersOperations.addWorker)
                ]
        )
        changing (
            DELETE
                [
                    routef "/api/workers/%s" (WorkersApi.delete services)
                    |> Operation.describes (lazy WorkersOperations.removeWorker)
                ]
        )
    ]
    @ InferenceRoutes.endpoints services
