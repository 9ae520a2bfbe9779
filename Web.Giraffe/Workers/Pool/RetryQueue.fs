namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks

/// Where requests wait for their second try until the budget has one for them: first come, first served, at most
/// `most` of them.
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

    // Under the lock, after everything that may make room.
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

                // It may have been granted in the same moment.
                if not waits then
                    ended ()

                cancel.ThrowIfCancellationRequested()
                return false
        }

    /// A request came in: the budget grows with it.
    member _.Requested() =
        lock gate (fun () ->
            budget <- RetryBudget.requested (time.GetElapsedTime began) budget
            serve ())

    /// Waits for a second try, up to `patience`; false where there is none for it by then, or the line is full. Whoever
    /// has one says `Ended`, once.
    member _.Take(patience: TimeSpan, cancel: CancellationToken) : Task<bool> =
        let place =
            lock gate (fun () ->
                if waiting.Count = 0 && grant () then
                    Ok true
                elif waiting.Count >= most then
                    Ok false
                else
                    TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously
                    |> waiting.AddLast
                    |> Error)

        match place with
        | Ok granted -> Task.FromResult granted
        | Error place -> await place patience cancel

    /// A second try is over, however it went.
    member _.Ended() = ended ()
