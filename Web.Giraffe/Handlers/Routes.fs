/// Every address of the web node.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.Routes

open Giraffe.EndpointRouting

let endpoints (site: Site) : Endpoint list =
    let looking = applyBefore (AdminHandlers.guard site false)
    let changing = applyBefore (AdminHandlers.guard site true)

    [
        GET_HEAD
            [
                route "/" (ClassifyHandlers.home site)
                routef "/samples/%s" (ClassifyHandlers.sample site)
                route "/health/live" HealthHandlers.live
                route "/health/ready" (HealthHandlers.ready site)
            ]
        POST
            [
                route "/" (ClassifyHandlers.classifyPage site)
                route "/api/classify" (ClassifyHandlers.classifyApi site)
            ]
        looking (
            GET_HEAD
                [
                    route "/workers" (AdminHandlers.workersPage site)
                    route "/api/workers" (AdminHandlers.workersApi site)
                    routef "/api/workers/%s" (AdminHandlers.workerApi site)
                ]
        )
        changing (
            GET
                [
                    routef "/add/%s" (AdminHandlers.changeByUrl site AdminHandlers.add)
                    routef "/del/%s" (AdminHandlers.changeByUrl site AdminHandlers.remove)
                ]
        )
        changing (POST [ route "/workers" (AdminHandlers.changeByForm site) ])
        changing (PUT [ routef "/api/workers/%s" (AdminHandlers.putApi site) ])
        changing (DELETE [ routef "/api/workers/%s" (AdminHandlers.deleteApi site) ])
    ]
