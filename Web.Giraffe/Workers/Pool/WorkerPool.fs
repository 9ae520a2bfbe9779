namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Logging
open Protocol.Core

/// The source of a change of the list.
[<RequireQualifiedAccess; Struct>]
type EditedBy =
    | Operator
    /// A failed worker, removed because of `Pool:OnFailure=Remove`.
    | Failure
    /// DNS discovery, or the list that web nodes share.
    | Discovery

/// A change of the list.
type ListEdit =
    {
        Address: WorkerAddress
        Change: ListChange
        By: EditedBy
    }

/// A request for a worker: answered immediately, or queued.
type private Admission =
    | Immediate of AcquireResult
    | Queued of LinkedListNode<Waiter>

/// The live worker list: holds the pool's state and the bounded queue in front of it. The lock is held briefly and
/// never across I/O. `chance` returns numbers from 0 to 1.
[<Sealed>]
type WorkerPool(policy: PoolPolicy, queue: int, time: TimeProvider, chance: unit -> float, log: ILogger<WorkerPool>) =
    let gate = obj ()
    let began = time.GetTimestamp()
    let beganAt = time.GetUtcNow()
    let now () = time.GetElapsedTime began
    let edited = Event<ListEdit>()
    let waiting = WaitQueue()
    // Held from a change to the list until all subscribers have been notified, so that they see changes in order.
    let editing = obj ()
    let mutable pool = PoolState.empty policy

    let pick tried =
        let struct (next, picked) = PoolState.pick (now ()) (chance ()) tried pool
        pool <- next
        picked

    // Call under the lock, after every change that frees a slot or removes a usable worker. Without a free worker, the
    // answers are unchanged unless `lost`: a usable worker is gone.
    let serve lost =
        let more () = lost || PoolState.hasFree (now ()) pool

        if waiting.Count > 0 && more () then
            waiting.Serve(pick, more)

    let change (transition: TimeSpan -> PoolState -> struct (PoolState * 'result)) =
        lock gate (fun () ->
            let struct (next, result) = transition (now ()) pool
            let lost = PoolState.candidates next < PoolState.candidates pool
            pool <- next
            serve lost
            result)

    let announce listChange by address =
        edited.Trigger
            {
                Address = address
                Change = listChange
                By = by
            }

    // Changes the list; if this has the `expected` result, logs it and notifies the subscribers.
    let edit by address transition expected (logChange: ILogger -> WorkerAddress -> unit) =
        lock editing (fun () ->
            let result = change (fun _ -> transition)

            if result = expected then
                logChange log address
                announce result by address

            result)

    let add by address =
        edit by address (PoolState.add address) Added WorkersLog.workerAdded

    let remove by address logRemoval =
        edit by address (PoolState.remove address) Removed logRemoval

    // Draining and resuming do not change the list.
    let drainOrResume address transition expected (logChange: ILogger -> WorkerAddress -> unit) =
        let result = change (fun _ -> transition address)

        if result = expected then
            logChange log address

        result

    let logEjection (lease: Lease) failure error =
        WorkerSeries.ejected lease.Address
        WorkersLog.workerEjected log lease.Address failure error

    // Applies an outcome that may be a failure. Removing a failed worker is a change of the list.
    let report (lease: Lease) failure error transition =
        let jitter = chance ()
        let transition now = transition now jitter

        let apply () =
            match change transition with
            | WasEjected _ -> logEjection lease failure error
            | StillEjected retryAt -> WorkersLog.workerStillEjected log lease.Address failure (beganAt + retryAt)
            | Deleted ->
                logEjection lease failure error
                WorkersLog.failedWorkerRemoved log lease.Address
                announce Removed EditedBy.Failure lease.Address
            | Restored -> WorkersLog.workerRestored log lease.Address
            | Unchanged -> ()

        if policy.OnFailure = OnFailure.Remove then
            lock editing apply
        else
            apply ()

    let abandon lease =
        change (fun _ -> PoolOutcomes.abandoned lease) |> ignore

    let await (waiter: LinkedListNode<Waiter>) (timeout: TimeSpan) (cancel: CancellationToken) =
        task {
            try
                return! waiter.Value.Task.WaitAsync(timeout, time, cancel)
            with
            | :? TimeoutException
            | :? OperationCanceledException ->
                if lock gate (fun () -> waiting.Remove waiter) then
                    cancel.ThrowIfCancellationRequested()
                    return TimedOut
                else
                    // The lease was granted at the same moment.
                    let! result = waiter.Value.Task

                    match result with
                    | Acquired lease when cancel.IsCancellationRequested ->
                        abandon lease
                        cancel.ThrowIfCancellationRequested()
                    | _ -> ()

                    return result
        }

    /// Raised after every change, on the thread that made it.
    [<CLIEvent>]
    member _.Edited = edited.Publish

    /// The addresses to save, in round-robin order.
    member _.Addresses = lock gate (fun () -> PoolState.addresses pool)

    /// The number of requests that wait for a worker.
    member _.Waiting = lock gate (fun () -> waiting.Count)

    /// Leases a worker that is not in `tried`; waits up to `timeout` while all of them are full.
    member _.Take(tried: Set<WorkerAddress>, timeout: TimeSpan, cancel: CancellationToken) : Task<AcquireResult> =
        let admission =
            lock gate (fun () ->
                match pick tried with
                | Chosen lease -> Immediate(Acquired lease)
                | NoneLeft -> Immediate NoWorkers
                | Busy when waiting.Count >= queue -> Immediate QueueFull
                | Busy -> Queued(waiting.Add tried))

        match admission with
        | Immediate result -> Task.FromResult result
        | Queued waiter -> await waiter timeout cancel

    /// Starts all due checks and returns their leases.
    member _.LeaseDueChecks(interval: TimeSpan) : Lease list =
        lock gate (fun () ->
            [
                for address in PoolChecks.due (now ()) interval pool do
                    let struct (next, lease) = PoolChecks.start (now ()) address pool
                    pool <- next

                    match lease with
                    | ValueSome lease -> lease
                    | ValueNone -> ()
            ])

    member _.Succeeded(lease: Lease) =
        match change (fun now -> PoolOutcomes.succeeded now lease) with
        | Restored -> WorkersLog.workerRestored log lease.Address
        | _ -> ()

    /// Reports that the worker refused the picture. This does not count for or against the worker.
    member _.Refused(lease: Lease) =
        change (fun now -> PoolOutcomes.refused now lease) |> ignore

    /// Reports that the worker answered that it is busy.
    member _.Busy(lease: Lease) =
        let failure = Failure.at Stage.Result Cause.RejectedTooOften
        let error = "always busy while other workers answer"
        report lease failure error (fun now jitter -> PoolOutcomes.busy now jitter lease error)

    /// Reports a failure. `detail` is the system's error message, or empty.
    member _.Failed(lease: Lease, failure: Failure, detail: string) =
        let error =
            if detail = "" then
                Failure.describe failure
            else
                $"{Failure.describe failure} ({detail})"

        report lease failure error (fun now jitter -> PoolOutcomes.failed now jitter lease error)

    /// Ends a lease without a result about the worker.
    member _.Abandoned(lease: Lease) = abandon lease

    /// Starts a check of one worker; none while it is being probed, or if it is not on the list.
    member _.LeaseCheck(address: WorkerAddress) : Lease voption =
        change (fun now -> PoolChecks.start now address)

    /// Adds or removes a worker as DNS discovery or the shared list requires.
    member _.ApplyDiscovery(address: WorkerAddress, listed: bool) =
        if listed then
            add EditedBy.Discovery address
        else
            remove EditedBy.Discovery address WorkersLog.workerLeft
        |> ignore

    interface IWorkerList with
        member _.Add address = add EditedBy.Operator address

        member _.Remove address =
            remove EditedBy.Operator address WorkersLog.workerRemoved

        member _.Drain address =
            drainOrResume address PoolDrain.drain DrainStarted WorkersLog.workerDrained

        member _.Resume address =
            drainOrResume address PoolDrain.resume Resumed WorkersLog.workerResumed

        member _.Report() =
            let struct (now, pool) = lock gate (fun () -> struct (now (), pool))
            PoolReport.rows beganAt now pool
