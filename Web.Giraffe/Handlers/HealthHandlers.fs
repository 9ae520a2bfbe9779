/// For those that watch the node: `/health/live` while it runs, `/health/ready` while it can answer.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.HealthHandlers

open Giraffe
open Web.Giraffe

let live: HttpHandler = fun next context -> json { Status = "live" } next context

let isReady = "ready"

let state (site: Site) : ReadyJson =
    let workers = site.Workers.Report()

    let active =
        workers |> Array.sumBy (fun worker -> if worker.State = Active then 1 else 0)

    {
        Status =
            if site.Stopping() then "stopping"
            elif active = 0 then "no active worker"
            else isReady
        ActiveWorkers = active
        Workers = workers.Length
    }

/// 200 when at least one worker is active and the node was not told to stop, else 503.
let ready (site: Site) : HttpHandler =
    fun next context ->
        let state = state site
        (setStatusCode (if state.Status = isReady then 200 else 503) >=> json state) next context
