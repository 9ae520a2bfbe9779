namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks

/// The outcome of a request for a retry.
type private RetryAdmission =
    | Granted
    | QueueFull
    | Waiting of LinkedListNode<TaskCompletionSource>

/// A FIFO queue of at most `capacity` requests that wait until the budget allows their retry.
[<Sealed>]
type RetryQueue(capacity: int, time: TimeProvider) =
    let gate = obj ()
    let began = time.GetTimestamp()
    let waiting = LinkedList<TaskCompletionSource>()
    let mutable budget = RetryBudget.empty

    let grant () =
        let struct (next, granted) = RetryBudget.tryRetry (time.GetElapsedTime began) budget

        budget <- next
        granted

    // Call under the lock, after every change that may allow a retry.
    let serve () =
        while waiting.Count > 0 && grant () do
            match waiting.First with
            | null -> ()
            | first ->
                waiting.RemoveFirst()
                first.Value.SetResult()

    let ended () =
        lock gate (fun () ->
            budget <- RetryBudget.ended budget
            serve ())

    let await (node: LinkedListNode<TaskCompletionSource>) (timeout: TimeSpan) (cancel: CancellationToken) =
        task {
            try
                do! node.Value.Task.WaitAsync(timeout, time, cancel)
                return true
            with
            | :? TimeoutException
            | :? OperationCanceledException ->
                let removed =
                    lock gate (fun () ->
                        let removed = not node.Value.Task.IsCompleted

                        if removed then
                            waiting.Remove node

                        removed)

                // The retry may have been granted at the same moment.
                if not removed then
                    ended ()

                cancel.ThrowIfCancellationRequested()
                return false
        }

    /// Counts an incoming request, which increases the budget.
    member _.Requested() =
        lock gate (fun () ->
            budget <- RetryBudget.requested (time.GetElapsedTime began) budget
            serve ())

    /// Waits up to `timeout` for a retry. Returns false if none became available or the queue is full. After true, the
    /// caller calls `Ended` once.
    member _.Take(timeout: TimeSpan, cancel: CancellationToken) : Task<bool> =
        let admission =
            lock gate (fun () ->
                if waiting.Count = 0 && grant () then
                    Granted
                elif waiting.Count >= capacity then
                    QueueFull
                else
                    TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously
                    |> waiting.AddLast
                    |> Waiting)

        match admission with
        | Granted -> Task.FromResult true
        | QueueFull -> Task.FromResult false
        | Waiting node -> await node timeout cancel

    /// Ends a retry, whatever its outcome.
    member _.Ended() = ended ()
