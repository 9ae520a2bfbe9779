namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Logging
open Protocol.Core

/// What asking for a worker came to.
type Taken =
    /// The caller says `Succeeded`, `Failed` or `Abandoned` about it, once.
    | Given of Turn
    | NobodyLeft
    /// As many requests wait as may.
    | QueueFull
    | WaitedTooLong

/// Who changed the list.
type EditedBy =
    /// Someone asked for it.
    | Operator = 0
    /// The worker failed, and such workers go (`Pool:OnFailure=Remove`).
    | Failure = 1
    /// A name, or the list that web nodes share, has it so.
    | Discovery = 2

/// A change of the list.
type ListEdit =
    {
        Address: WorkerAddress
        Change: ListChange
        By: EditedBy
    }

[<ReferenceEquality>]
type private Waiter =
    {
        Tried: Set<WorkerAddress>
        Source: TaskCompletionSource<Taken>
    }

/// The live worker list: the pool in its one mutable cell, locked for a few instructions and never across I/O, and
/// the bounded queue in front of it. `chance` gives numbers from 0 to 1.
[<Sealed>]
type WorkerList(policy: PoolPolicy, queue: int, time: TimeProvider, chance: unit -> float, log: ILogger<WorkerList>) =
    let gate = obj ()
    let began = time.GetTimestamp()
    let beganAt = time.GetUtcNow()
    let now () = time.GetElapsedTime began
    let edited = Event<ListEdit>()
    let waiting = List<Waiter>()
    let mutable pool = WorkerPool.empty policy

    let pick tried =
        let struct (next, picked) = WorkerPool.pick (now ()) (chance ()) tried pool
        pool <- next
        picked

    // Everything that can make room or take away hope ends with this, under the lock: the queue is first come,
    // first served, among those that a worker would suit.
    let serve () =
        waiting.RemoveAll(fun waiter ->
            match pick waiter.Tried with
            | Busy -> false
            | Chosen turn ->
                waiter.Source.SetResult(Given turn)
                true
            | NoneLeft ->
                waiter.Source.SetResult NobodyLeft
                true)
        |> ignore

    let change (transition: TimeSpan -> WorkerPool -> struct (WorkerPool * 'said)) =
        lock gate (fun () ->
            let struct (next, said) = transition (now ()) pool
            pool <- next
            serve ()
            said)

    let enqueue tried =
        let source =
            TaskCompletionSource<Taken> TaskCreationOptions.RunContinuationsAsynchronously

        let waiter = { Tried = tried; Source = source }
        // A request that has been to a worker already has waited longest.
        waiting.Insert((if Set.isEmpty tried then waiting.Count else 0), waiter)
        waiter

    // A change of the list, said in the log and to whoever remembers it.
    let edit by address transition made tell =
        let said = change (fun _ -> transition)

        if said = made then
            tell log address

            edited.Trigger
                {
                    Address = address
                    Change = said
                    By = by
                }

        said

    let abandon turn =
        change (fun _ pool -> struct (PoolOutcomes.abandoned turn pool, ()))

    let await waiter patience cancel =
        task {
            try
                return! waiter.Source.Task.WaitAsync(patience, time, cancel)
            with
            | :? TimeoutException
            | :? OperationCanceledException ->
                if lock gate (fun () -> waiting.Remove waiter) then
                    cancel.ThrowIfCancellationRequested()
                    return WaitedTooLong
                else
                    // The turn came in the same moment.
                    let! taken = waiter.Source.Task

                    match taken with
                    | Given turn when cancel.IsCancellationRequested ->
                        abandon turn
                        cancel.ThrowIfCancellationRequested()
                    | _ -> ()

                    return taken
        }

    /// After every change; on the thread that made it.
    [<CLIEvent>]
    member _.Edited = edited.Publish

    /// The list in the order of the turns, as it is to be remembered.
    member _.Addresses = lock gate (fun () -> WorkerPool.addresses pool)

    /// How many requests wait for a worker's turn.
    member _.Waiting = lock gate (fun () -> waiting.Count)

    /// A worker that is not in `tried`; waits up to `patience` while all of them are full.
    member _.Take(tried: Set<WorkerAddress>, patience: TimeSpan, cancel: CancellationToken) : Task<Taken> =
        let answer =
            lock gate (fun () ->
                match pick tried with
                | Chosen turn -> Ok(Given turn)
                | NoneLeft -> Ok NobodyLeft
                | Busy when waiting.Count >= queue -> Ok QueueFull
                | Busy -> Error(enqueue tried))

        match answer with
        | Ok taken -> Task.FromResult taken
        | Error waiter -> await waiter patience cancel

    /// The workers whose check is due, and whose check has thereby begun.
    member _.TakeChecks(interval: TimeSpan) : Turn list =
        lock gate (fun () ->
            [
                for address in PoolChecks.due (now ()) interval pool do
                    let struct (next, turn) = PoolChecks.start (now ()) address pool
                    pool <- next

                    match turn with
                    | ValueSome turn -> turn
                    | ValueNone -> ()
            ])

    member _.Succeeded(turn: Turn) =
        match change (fun now -> PoolOutcomes.succeeded now turn) with
        | BroughtBack -> EngineLog.workerBack log turn.Address
        | _ -> ()

    /// `detail` is the machine's own word on the failure, or empty.
    member _.Failed(turn: Turn, failure: Failure, detail: string) =
        let error =
            if detail = "" then
                Failure.describe failure
            else
                $"{Failure.describe failure} ({detail})"

        let jitter = chance ()

        match change (fun now -> PoolOutcomes.failed now jitter turn error) with
        | TakenOut _ ->
            EngineMetrics.ejected turn.Address
            EngineLog.workerInactive log turn.Address failure error
        | StillOut retryAt -> EngineLog.workerStillInactive log turn.Address failure (beganAt + retryAt)
        | Deleted ->
            EngineMetrics.ejected turn.Address
            EngineLog.workerInactive log turn.Address failure error
            EngineLog.workerRemoved log turn.Address

            edited.Trigger
                {
                    Address = turn.Address
                    Change = Removed
                    By = EditedBy.Failure
                }
        | BroughtBack
        | Unchanged -> ()

    /// The exchange said nothing about the worker.
    member _.Abandoned(turn: Turn) = abandon turn

    /// A check of one worker begins; none while it is probed, or where it is not on the list.
    member _.TakeCheck(address: WorkerAddress) : Turn voption =
        change (fun now -> PoolChecks.start now address)

    /// Puts a worker on the list or takes it off, as a name or the shared list has it.
    member _.Follow(address: WorkerAddress, listed: bool) =
        if listed then
            edit EditedBy.Discovery address (WorkerPool.add address) Added EngineLog.workerAdded
        else
            edit EditedBy.Discovery address (WorkerPool.remove address) Removed EngineLog.workerRemoved
        |> ignore

    interface IWorkerList with
        member _.Add address =
            edit EditedBy.Operator address (WorkerPool.add address) Added EngineLog.workerAdded

        member _.Remove address =
            edit EditedBy.Operator address (WorkerPool.remove address) Removed EngineLog.workerRemoved

        member _.Drain address =
            let said = change (fun _ -> PoolRest.drain address)

            if said = Rested then
                EngineLog.workerRests log address

            said

        member _.Resume address =
            let said = change (fun _ -> PoolRest.resume address)

            if said = Resumed then
                EngineLog.workerResumed log address

            said

        member _.Report() =
            let struct (now, pool) = lock gate (fun () -> struct (now (), pool))
            PoolReport.rows beganAt now pool
