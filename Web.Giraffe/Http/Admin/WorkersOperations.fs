/// OpenAPI metadata of the administration routes.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.WorkersOperations

open System
open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Views

let private exampleWorker: WorkerJson =
    {
        Address = string Examples.worker
        State = "active"
        Next = true
        RetryAt = None
        Uses = 1204L
        Failures = 1L
        InFlight = 2
        Median = Some 9.718
        LastError = Some "connect/refused"
        LastErrorAt = Some(DateTimeOffset.FromUnixTimeSeconds 1_893_456_000L)
        Models = [| "squeezenet1_1@1" |]
    }

let private address =
    Parameter.path
        "address"
        "`HOST:PORT`, or `tls://HOST:PORT` (its slashes encoded, `%2F`); an IPv6 address in brackets."

let private administration id summary description =
    Operation.create id "workers" summary description
    |> Operation.requires Administrators

let private guarded problems =
    Operation.refuses (problems @ AdminProblem.documented)

let private changing problems =
    guarded (
        AdminHandlers.badAddress (
            match WorkerAddress.tryParse "nonsense" with
            | Error error -> error
            | Ok _ -> failwith "An address has a port."
        )
        :: problems
    )

let workers =
    administration "workers" "Lists the workers" "In round-robin order."
    |> Operation.reply
        200
        "The workers"
        [
            Media.json [ "One worker", ({ Workers = [| exampleWorker |] }: WorkersJson) ]
        ]
    |> guarded []

let worker =
    administration "worker" "Shows a worker" "One row of the list."
    |> Operation.parameters [ address ]
    |> Operation.reply 200 "The worker" [ Media.json [ "A worker", exampleWorker ] ]
    |> changing [ WorkersApi.notThere Examples.worker ]

let private changed change =
    [ Media.json [ ListChange.result change, Json.change Examples.worker change ] ]

let addWorker =
    administration "addWorker" "Adds a worker" "It receives requests from now on. Idempotent."
    |> Operation.parameters [ address ]
    |> Operation.reply 200 "It was there already" (changed AlreadyThere)
    |> Operation.reply 201 "It was added" (changed Added)
    |> changing
        [
            WorkersApi.notAllowed $"{Examples.worker.Host} isn't in an allowed network (Admin:AllowedNetworks)"
        ]

let removeWorker =
    administration "removeWorker" "Removes a worker" "It finishes its requests first."
    |> Operation.parameters [ address ]
    |> Operation.reply 200 "It was removed" (changed Removed)
    |> changing [ WorkersApi.notThere Examples.worker ]

let private drainOperation id summary description change =
    administration id summary description
    |> Operation.parameters [ address ]
    |> Operation.reply 200 "The worker's new state" (changed change)
    |> changing [ WorkersApi.notThere Examples.worker ]

let drainWorker =
    drainOperation
        "drainWorker"
        "Drains a worker"
        "It finishes its requests, receives no new ones, and stays on the list. Idempotent."
        DrainStarted

let resumeWorker =
    drainOperation "resumeWorker" "Resumes a worker" "It receives requests again. Idempotent." Resumed

let probeWorker =
    administration
        "probeWorker"
        "Probes a worker"
        "Sends the picture of the health checks now. The result counts as a health check."
    |> Operation.parameters [ address ]
    |> Operation.reply
        200
        "The result"
        [
            Media.json
                [
                    "It answers", Json.probed Examples.worker (Some(TimeSpan.FromMilliseconds 9.718)) None
                    "It does not", Json.probed Examples.worker None (Some "connect/refused")
                ]
        ]
    |> changing [ WorkersApi.notThere Examples.worker; WorkersApi.notNow Examples.worker ]

let events =
    let second: TrafficSecond =
        {
            Second = 1_893_456_000L
            Requests = 41
            Failures = 0
            Median = 9.8
            Slow = 21.3
        }

    let feed: FeedJson =
        {
            Now = 1_893_456_000L
            Span = 900
            Workers = [| exampleWorker |]
            Models = [| ModelsOperations.example |]
            Seconds = [| second |]
            Minute =
                {
                    Requests = 2461
                    Failures = 3
                    Slow = 21.3
                }
        }

    administration
        "events"
        "Follows the workers and the traffic"
        "Server-sent events: one a second, and one whenever a worker's state changes. The first has the last fifteen minutes, the others what is new."
    |> Operation.reply
        200
        "The events' data"
        [
            {
                Type = "text/event-stream"
                Shape = Shape.Json [ typeof<FeedJson> ]
                Examples = [ "A second", feed ]
            }
        ]
    |> guarded [ LiveHandlers.full ]
