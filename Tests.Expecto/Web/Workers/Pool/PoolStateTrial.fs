/// Runs a pool and its model side by side through any order of events.
module Tests.Expecto.Web.PoolStateTrial

open System
open Expecto
open Web.Giraffe
open Tests.Expecto.Web.PoolStateCommands
open Tests.Expecto.Web.PoolStateModel

/// Runs the commands, and fails where pool and model disagree.
let run (policy: PoolPolicy) (commands: Command list) =
    let model = Model policy
    let pool = ref (PoolState.empty policy)

    let keep struct (next, reported) =
        pool.Value <- next
        reported

    let apply command =
        match command with
        | Add index ->
            let reported = keep (PoolState.add (address index) pool.Value)

            let worker =
                PoolState.workers pool.Value
                |> Array.find (fun worker -> worker.Address = address index)

            model.Added(reported, worker)
        | Remove index -> model.Removed(address index, keep (PoolState.remove (address index) pool.Value))
        | Drain index -> model.Drained(address index, keep (PoolDrain.drain (address index) pool.Value))
        | Resume index -> model.Resumed(address index, keep (PoolDrain.resume (address index) pool.Value))
        | Pick(tried, chance) ->
            let tried = tried |> List.map address |> Set.ofList
            model.PickResult(tried, keep (PoolState.pick model.Now (float chance / 255.0) tried pool.Value))
        | Check index -> model.Checked(address index, keep (PoolChecks.start model.Now (address index) pool.Value))
        | Succeed index ->
            model.Ended(int index)
            |> ValueOption.iter (fun ended ->
                model.Succeeded(ended, keep (PoolOutcomes.succeeded model.Now ended.Lease pool.Value)))
        | Fail(index, jitter) ->
            let jitter = float jitter / 255.0

            model.Ended(int index)
            |> ValueOption.iter (fun ended ->
                model.Failed(ended, keep (PoolOutcomes.failed model.Now jitter ended.Lease "cut" pool.Value)))
        | Abandon index ->
            model.Ended(int index)
            |> ValueOption.iter (fun ended -> keep (PoolOutcomes.abandoned ended.Lease pool.Value) |> ignore)
        | Refuse index ->
            model.Ended(int index)
            |> ValueOption.iter (fun ended ->
                model.Refused ended
                keep (PoolOutcomes.refused model.Now ended.Lease pool.Value) |> ignore)
        | Wait tenths -> model.Waited(TimeSpan.FromSeconds(float tenths / 10.0))

    for command in commands do
        apply command
        model.Agrees(PoolState.addresses pool.Value, PoolState.workers pool.Value)

    // In the end, every lease is returned, and no slot stays in use.
    while not model.IsOver do
        apply (Abandon 0uy)

    for worker in PoolState.workers pool.Value do
        Expect.equal worker.InFlight 0 "every slot is free"
        Expect.isFalse worker.Phase.IsProbing "no probe without a lease"
        Expect.notEqual worker.Phase Leaving "no worker stays leaving"
