/// For those that watch the node: `/health/live` while it runs, `/health/ready` while it can answer.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.HealthHandlers

open Giraffe
open Web.Giraffe

let live: HttpHandler = fun next context -> json { Status = "live" } next context

/// 200 when at least one worker is active and the node was not told to stop, else 503.
let ready (site: Site) : HttpHandler =
    fun next context ->
        let workers = site.Workers.Report()

        let active =
            workers |> Array.sumBy (fun worker -> if worker.State = Active then 1 else 0)

        let status =
            if site.Stopping() then "stopping"
            elif active = 0 then "no active worker"
            else "ready"

        (setStatusCode (if status = "ready" then 200 else 503)
         >=> json
                 {
                     Status = status
                     ActiveWorkers = active
                     Workers = workers.Length
                 })
            next
            context
