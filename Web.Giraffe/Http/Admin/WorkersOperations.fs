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
        Models = [| "squeezenet1_1@1" |]
    }

let private address =
    Parameter.path
        "address"
        "`HOST:PORT`, or `tls://HOST:PORT` (its slashes encoded, `%2F`); an IPv6 address in brackets."

let private administration id summary says =
    Operation.create id "workers" summary says |> Operation.requires Administrators

let private guarded problems =
    Operation.refuses (
        problems
        @ [
            AdminProblem.create NotThisMachine
            AdminProblem.create TokenMissing
            AdminProblem.create TokenWrong
            AdminProblem.create (TooManyWrongTokens TimeSpan.Zero)
        ]
    )

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
    administration "workers" "Lists the workers" "In the order of their turns."
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
    let _, said, _ = WorkersView.said change Examples.worker
    [ Media.json [ said, Json.change Examples.worker said ] ]

let private refused change =
    let _, heading, said = WorkersView.said change Examples.worker
    Problem.create (AdminHandlers.status change) heading said

let addWorker =
    administration "addWorker" "Adds a worker" "It takes turns from now on. Adding twice is no error."
    |> Operation.parameters [ address ]
    |> Operation.reply 200 "It was there already" (changed AlreadyThere)
    |> Operation.reply 201 "It was added" (changed Added)
    |> changing
        [
            refused (NotAllowed $"{Examples.worker.Host} is outside Admin:AllowedNetworks")
        ]

let removeWorker =
    administration "removeWorker" "Removes a worker" "What it is doing it finishes."
    |> Operation.parameters [ address ]
    |> Operation.reply 200 "It was removed" (changed Removed)
    |> changing [ WorkersApi.notThere Examples.worker ]

let private resting id summary says change =
    administration id summary says
    |> Operation.parameters [ address ]
    |> Operation.reply 200 "It is so now" (changed change)
    |> changing [ WorkersApi.notThere Examples.worker ]

let drainWorker =
    resting
        "drainWorker"
        "Lets a worker rest"
        "What it is doing it finishes; it gets nothing new, and stays on the list. Twice is no error."
        DrainStarted

let resumeWorker =
    resting "resumeWorker" "Ends a worker's rest" "It takes turns again. Twice is no error." Resumed

let probeWorker =
    let _, heading, said = WorkersView.probed NotNow Examples.worker

    administration
        "probeWorker"
        "Asks a worker now"
        "With the picture of the health checks; what it says counts as a check does."
    |> Operation.parameters [ address ]
    |> Operation.reply
        200
        "What it said"
        [
            Media.json
                [
                    "It answers", Json.probed Examples.worker (Some(TimeSpan.FromMilliseconds 9.718)) None
                    "It does not", Json.probed Examples.worker None (Some "connect/refused")
                ]
        ]
    |> changing [ WorkersApi.notThere Examples.worker; Problem.create 409 heading said ]

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
        }

    administration
        "events"
        "Follows the workers and the traffic"
        "Server-sent events, one a second. The first has the last fifteen minutes, the others what is new."
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
