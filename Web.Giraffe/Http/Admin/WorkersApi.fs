/// The worker list as JSON, below `/api/workers`.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.WorkersApi

open Giraffe
open Web.Giraffe

let list (services: AppServices) : HttpHandler =
    fun next context -> json (Json.workers services.Models (services.Workers.Report())) next context

let private withAddress (text: string) (handler: WorkerAddress -> HttpHandler) : HttpHandler =
    match WorkerAddress.tryParse text with
    | Error error -> Problem.json (AdminHandlers.badAddress error)
    | Ok address -> handler address

let notThere (address: WorkerAddress) =
    Problem.create 404 "No such worker" $"{address} is not in the list."

let one (services: AppServices) (text: string) : HttpHandler =
    withAddress text (fun address next context ->
        match
            services.Workers.Report()
            |> Array.tryFind (fun worker -> worker.Address = address)
        with
        | Some worker -> json (Json.worker services.Models worker) next context
        | None -> Problem.json (notThere address) next context)

let notAllowed (reason: string) =
    { Problem.create 403 "Not allowed" $"{Problem.capitalized reason}." with
        Code = Some "not-allowed"
    }

/// The problem of a worker that is being probed.
let notNow (address: WorkerAddress) =
    { Problem.create 409 "Not now" $"{address} is already being probed, or is being removed. Try again in a moment." with
        Code = Some "not-now"
    }

/// Puts a worker on the list. Idempotent: returns 201, then 200.
let put (services: AppServices) (text: string) : HttpHandler =
    withAddress text (fun address next context ->
        task {
            match! AdminHandlers.add services context address with
            | NotAllowed reason -> return! Problem.json (notAllowed reason) next context
            | change ->
                let code = if change = Added then 201 else 200
                return! (setStatusCode code >=> json (Json.change address change)) next context
        })

let delete (services: AppServices) (text: string) : HttpHandler =
    withAddress text (fun address next context ->
        match services.Workers.Remove address with
        | NotThere -> Problem.json (notThere address) next context
        | change -> json (Json.change address change) next context)

/// `POST /api/workers/HOST:PORT/drain` and `…/resume`. Idempotent, like PUT.
let drainOrResume (services: AppServices) (change: AdminHandlers.Change) (text: string) : HttpHandler =
    withAddress text (fun address next context ->
        task {
            match! change services context address with
            | NotThere -> return! Problem.json (notThere address) next context
            | change -> return! json (Json.change address change) next context
        })

/// `POST /api/workers/HOST:PORT/probe`.
let probe (services: AppServices) (text: string) : HttpHandler =
    withAddress text (fun address next context ->
        task {
            let! probed = services.Probe.Probe(address, context.RequestAborted)

            let answer =
                match probed with
                | Answers elapsed -> json (Json.probed address (Some elapsed) None)
                | Fails error -> json (Json.probed address None (Some error))
                | NoSuchWorker -> Problem.json (notThere address)
                | NotNow -> Problem.json (notNow address)

            return! answer next context
        })
