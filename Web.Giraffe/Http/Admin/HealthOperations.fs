/// OpenAPI metadata of the health routes.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.HealthOperations

open Web.Giraffe.Api

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
