namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks

/// The outcome of a request for a retry.
type private Entry =
    | Granted
    | QueueFull
    | Waiting of LinkedListNode<TaskCompletionSource>

/// A FIFO queue of at most `most` requests that wait until the budget allows their retry.
[<Sealed>]
type RetryQueue(most: int, time: TimeProvider) =
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

    let await (place: LinkedListNode<TaskCompletionSource>) (patience: TimeSpan) (cancel: CancellationToken) =
        task {
            try
                do! place.Value.Task.WaitAsync(patience, time, cancel)
                return true
            with
            | :? TimeoutException
            | :? OperationCanceledException ->
                let waits =
                    lock gate (fun () ->
                        let waits = not place.Value.Task.IsCompleted

                        if waits then
                            waiting.Remove place

                        waits)

                // The retry may have been granted at the same moment.
                if not waits then
                    ended ()

                cancel.ThrowIfCancellationRequested()
                return false
        }

    /// Counts an incoming request, which increases the budget.
    member _.Requested() =
        lock gate (fun () ->
            budget <- RetryBudget.requested (time.GetElapsedTime began) budget
            serve ())

    /// Waits up to `patience` for a retry. Returns false if none became available or the queue is full. After true, the
    /// caller calls `Ended` once.
    member _.Take(patience: TimeSpan, cancel: CancellationToken) : Task<bool> =
        let entry =
            lock gate (fun () ->
                if waiting.Count = 0 && grant () then
                    Granted
                elif waiting.Count >= most then
                    QueueFull
                else
                    TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously
                    |> waiting.AddLast
                    |> Waiting)

        match entry with
        | Granted -> Task.FromResult true
        | QueueFull -> Task.FromResult false
        | Waiting place -> await place patience cancel

    /// Ends a retry, whatever its outcome.
    member _.Ended() = ended ()
