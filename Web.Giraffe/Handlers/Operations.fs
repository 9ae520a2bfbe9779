/// What the API's document says of each route. Its examples are values of the types that the handlers answer with, and
/// its errors are the handlers' own.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.Operations

open System
open System.Collections.Generic
open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Views

let private someWorker = WorkerAddress.plain "192.0.2.11" 8888

let private example: AnswerJson =
    {
        Model = "squeezenet1_1"
        Worker = string someWorker
        Milliseconds = 9.718
        Attempts = 1
        Predictions =
            [|
                {
                    Index = Some 258
                    Label = "Samoyed"
                    Probability = 0.9284364581108093
                }
                {
                    Index = Some 259
                    Label = "Pomeranian"
                    Probability = 0.03092595
                }
            |]
        Stages = Some(Dictionary(dict [ "decode", 2.418; "network", 5.872 ]))
        Maps = None
        Unmet = None
    }

let private exampleResults =
    Json.results
        Wishes.None
        [
            Some "scan.pdf", Error(Upload.problem (NotAPicture(Some "PDF", 0L)))
            Some "dog.jpg", Error(Problem.ofUnanswered (Overloaded(TimeSpan.FromSeconds 1.0)))
        ]

/// What no picture gets past, whoever reads it.
let uploadProblems =
    [
        Upload.problem Empty
        Upload.problem NoFile
        Upload.problem (TooLarge(20 <<< 20, 0L))
        Upload.problem (NotAPicture(None, 0L))
        Upload.problem (Encoded "gzip")
        Problem.ofUnanswered NoActiveWorker
        Problem.ofUnanswered (ImageRefused someWorker)
        Problem.ofUnanswered (Overloaded TimeSpan.Zero)
        Problem.ofUnanswered OutOfTime
    ]

let classify =
    Operation.create
        "classify"
        "pictures"
        "Says what is in a picture"
        "The picture is the body, or the field `file` of a multipart form. Of several files, each has its own answer or problem in `results`, in their order, with the status that it would have had alone; the same goes for one in the field `files`. A wish that an old worker can't fulfil is named in `unmet`."
    |> Operation.asks Asked.parameters
    |> Operation.takes (
        List.map Media.binary ImageFormat.mediaTypes
        @ [ Media.files [ "file"; "files" ] ]
    )
    |> Operation.reply
        200
        "What is in it"
        [
            {
                Type = "application/json"
                Shape = Shape.Json [ typeof<AnswerJson>; typeof<ResultsJson> ]
                Examples = [ "One picture", example; "Several", exampleResults ]
            }
        ]
    |> Operation.refuses (Asked.badTop :: Asked.badExplain :: ApiGuard.problems @ uploadProblems)
    |> Operation.behind Keys

let private exampleWorker: WorkerJson =
    {
        Address = string someWorker
        State = "active"
        Next = true
        RetryAt = None
        Uses = 1204L
        Failures = 1L
        InFlight = 2
        Median = Some 9.718
        LastError = Some "connect/refused"
    }

let private address =
    Parameter.path
        "address"
        "`HOST:PORT`, or `tls://HOST:PORT` (its slashes encoded, `%2F`); an IPv6 address in brackets."

let private administration id summary says =
    Operation.create id "workers" summary says |> Operation.behind Administrators

let private guarded problems =
    Operation.refuses (
        problems
        @ [
            AdminGuard.problem NotThisMachine
            AdminGuard.problem TokenMissing
            AdminGuard.problem TokenWrong
            AdminGuard.problem (ShutOut TimeSpan.Zero)
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
    |> Operation.asks [ address ]
    |> Operation.reply 200 "The worker" [ Media.json [ "A worker", exampleWorker ] ]
    |> changing [ WorkersApi.notThere someWorker ]

let private changed change =
    let _, said, _ = WorkersView.said change someWorker
    [ Media.json [ said, Json.change someWorker said ] ]

let private refused change =
    let _, heading, said = WorkersView.said change someWorker
    Problem.create (AdminHandlers.status change) heading said

let addWorker =
    administration "addWorker" "Adds a worker" "It takes turns from now on. Adding twice is no error."
    |> Operation.asks [ address ]
    |> Operation.reply 200 "It was there already" (changed AlreadyThere)
    |> Operation.reply 201 "It was added" (changed Added)
    |> changing [ refused (NotAllowed "192.0.2.11 is outside Admin:AllowedNetworks") ]

let removeWorker =
    administration "removeWorker" "Removes a worker" "What it is doing it finishes."
    |> Operation.asks [ address ]
    |> Operation.reply 200 "It was removed" (changed Removed)
    |> changing [ WorkersApi.notThere someWorker ]

let private resting id summary says change =
    administration id summary says
    |> Operation.asks [ address ]
    |> Operation.reply 200 "It is so now" (changed change)
    |> changing [ WorkersApi.notThere someWorker ]

let drainWorker =
    resting
        "drainWorker"
        "Lets a worker rest"
        "What it is doing it finishes; it gets nothing new, and stays on the list. Twice is no error."
        Rested

let resumeWorker =
    resting "resumeWorker" "Ends a worker's rest" "It takes turns again. Twice is no error." Resumed

let probeWorker =
    let _, heading, said = WorkersView.probed NotNow someWorker

    administration
        "probeWorker"
        "Asks a worker now"
        "With the picture of the health checks; what it says counts as a check does."
    |> Operation.asks [ address ]
    |> Operation.reply
        200
        "What it said"
        [
            Media.json
                [
                    "It answers", Json.probed someWorker (Some(TimeSpan.FromMilliseconds 9.718)) None
                    "It does not", Json.probed someWorker None (Some "connect/refused")
                ]
        ]
    |> changing [ WorkersApi.notThere someWorker; Problem.create 409 heading said ]

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

let live =
    Operation.create "live" "health" "Whether the program runs" "For a liveness probe."
    |> Operation.reply 200 "It runs" [ Media.json [ "Live", ({ Status = "live" }: LiveJson) ] ]

let private readiness status active : ReadyJson =
    {
        Status = status
        ActiveWorkers = active
        Workers = 2
    }

let ready =
    Operation.create
        "ready"
        "health"
        "Whether pictures can be named"
        "At least one worker is active, and the node was not told to stop."
    |> Operation.reply 200 "It is ready" [ Media.json [ "Ready", readiness "ready" 2 ] ]
    |> Operation.reply
        503
        "It is not"
        [
            Media.json
                [
                    "No worker", readiness "no active worker" 0
                    "Stopping", readiness "stopping" 2
                ]
        ]
