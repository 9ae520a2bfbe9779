/// The health probes: `/health/live` while the node runs, `/health/ready` while it can answer.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.HealthHandlers

open Giraffe
open Web.Giraffe

let live: HttpHandler = fun next context -> json { Status = "live" } next context

let isReady = "ready"

let private answers (site: AppServices) (worker: WorkerReport) =
    match worker.State, site.Freshness with
    | Active, None -> true
    | Active, Some interval -> worker.Answered |> Option.exists (fun age -> age <= interval)
    | _ -> false

/// Returns the readiness. The node is ready if it is not stopping and an active worker has answered a request or a
/// check within the last interval. Without checks, an active worker is enough.
let state (site: AppServices) : ReadyJson =
    let workers = site.Workers.Report()

    let active =
        workers |> Array.sumBy (fun worker -> if worker.State = Active then 1 else 0)

    {
        Status =
            if site.Stopping() then
                "stopping"
            elif active = 0 then
                "no active worker"
            elif not (Array.exists (answers site) workers) then
                "no worker has answered lately"
            else
                isReady
        ActiveWorkers = active
        Workers = workers.Length
    }

/// Returns 200 when the node is ready, else 503.
let ready (site: AppServices) : HttpHandler =
    fun next context ->
        let state = state site
        (setStatusCode (if state.Status = isReady then 200 else 503) >=> json state) next context
