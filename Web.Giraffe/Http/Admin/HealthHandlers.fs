/// For those that watch the node: `/health/live` while it runs, `/health/ready` while it can answer.
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

/// Ready when a picture could be named now: the node was not told to stop, and an active worker has answered somebody, or
/// a check, within the last interval. Where there are no checks, that it is active has to do.
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

/// 200 when the node is ready, else 503.
let ready (site: AppServices) : HttpHandler =
    fun next context ->
        let state = state site
        (setStatusCode (if state.Status = isReady then 200 else 503) >=> json state) next context
