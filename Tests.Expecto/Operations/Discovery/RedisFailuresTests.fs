/// Rare failures of a shared list: a name that does not resolve, an unexpected exception.
module Tests.Expecto.Operations.RedisFailuresTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Scenarios.Nodes
open Node.Hosting.Redis
open Web.Giraffe
open Tests.Expecto
open Tests.Expecto.Web

let private nameless =
    testTask "a Redis whose name can't be resolved is logged once, and the worker serves" {
        // Too long for a label: no name server is queried.
        let redis = String('x', 70)
        let port = Nodes.freePort ()
        use worker = Nodes.startWorkerAt "*" [] port [ "--announce"; redis ]
        do! worker.UntilAsync("listening", TimeSpan.FromSeconds 60.0, (fun () -> Nodes.listens port))

        let output () =
            worker.Lines |> Array.filter _.Contains("[222]") |> Array.length

        do! Programs.logs 30.0 worker (fun () -> output () = 1)
        use! web = Nodes.web [ port ] [ "--Pool:CheckSeconds=0" ]
        let! status, answer = web.Classify(Repository.photograph "dog.jpg")
        Expect.equal status 200 $"{answer}"
        Expect.equal (output ()) 1 "once"
        do! Programs.terminate worker
    }

/// A list that is shared in the Redis.
let private sharing (redis: RedisNode) =
    let address =
        match RedisAddress.TryParse redis.Address with
        | true, NonNull address -> address
        | _ -> failtest redis.Address

    let settings = WorkersUnderTest.settings

    let list =
        WorkerPool(settings.Policy, 64, TimeProvider.System, (fun () -> 0.5), LogLines<WorkerPool>())

    let log = LogLines<RedisRegistry>()

    let registry =
        new RedisRegistry(address, settings.Client.Allowed, None, TimeProvider.System, log)

    (registry :> IWorkerStore).Attach(list, [])
    list, registry, log

let private unexpected =
    testTask "an unexpected exception is logged, and the list stays shared" {
        use redis = new RedisNode()
        do! redis.StartAsync()
        let first, registry, log = sharing redis
        use registry = registry
        let second, other, _ = sharing redis
        use other = other
        let mutable broken = 0

        first.Edited.Add(fun _ ->
            broken <- broken + 1

            if broken <= 2 then
                failwith "a subscriber's bug")

        do! registry.StartAsync CancellationToken.None
        do! other.StartAsync CancellationToken.None

        let a, b =
            WorkerAddress.withoutTls "127.0.0.1" 7201, WorkerAddress.withoutTls "127.0.0.1" 7202

        (second :> IWorkerList).Add a |> ignore
        (second :> IWorkerList).Add b |> ignore

        let firstHas addresses =
            Programs.eventually 20.0 (fun () -> $"{first.Addresses}") (fun () ->
                Task.FromResult(set first.Addresses = set addresses))

        do! firstHas [ a; b ]
        Expect.isNonEmpty (log.With 2055) "logged"
        (second :> IWorkerList).Remove a |> ignore
        do! firstHas [ b ]
        do! registry.StopAsync CancellationToken.None
        do! other.StopAsync CancellationToken.None
    }

let tests =
    testSequencedGroup "programs"
    <| testList "Redis failures" [ nameless; unexpected ]
