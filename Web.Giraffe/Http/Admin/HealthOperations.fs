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
        "Whether the node takes requests"
        "The node is not shutting down. With `Http:ReadyNeedsWorker`, an active worker has also answered lately."
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
