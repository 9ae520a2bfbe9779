/// The health probes: `/health/live` while the node runs, `/health/ready` while it takes requests.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.HealthHandlers

open Giraffe
open Web.Giraffe

let live: HttpHandler = fun next context -> json { Status = "live" } next context

let isReady = "ready"

let private answers (services: AppServices) (worker: WorkerReport) =
    match worker.State, services.Freshness with
    | Active, None -> true
    | Active, Some interval -> worker.Answered |> Option.exists (fun age -> age <= interval)
    | _ -> false

let private report (workers: WorkerReport[]) status : ReadyJson =
    {
        Status = status
        ActiveWorkers = workers |> Array.sumBy (fun worker -> if worker.State = Active then 1 else 0)
        Workers = workers.Length
    }

/// Returns whether pictures can be recognized: the node is not stopping and an active worker has answered a request or
/// a check within the last interval. Without checks, an active worker is enough.
let service (services: AppServices) : ReadyJson =
    let workers = services.Workers.Report()

    report
        workers
        (if services.Stopping() then
             "stopping"
         elif workers |> Array.exists (fun worker -> worker.State = Active) |> not then
             "no active worker"
         elif not (Array.exists (answers services) workers) then
             "no worker has answered lately"
         else
             isReady)

/// Returns the readiness of this node. Without workers it still serves its pages, which report this: a load balancer
/// that removed every node would leave users without any page. `Http:ReadyNeedsWorker` makes it depend on the workers.
let state (services: AppServices) : ReadyJson =
    let service = service services

    if service.Status = "stopping" || services.Settings.ReadyNeedsWorker then
        service
    else
        { service with Status = isReady }

/// Returns 200 when the node is ready, else 503.
let ready (services: AppServices) : HttpHandler =
    fun next context ->
        let state = state services
        (setStatusCode (if state.Status = isReady then 200 else 503) >=> json state) next context
