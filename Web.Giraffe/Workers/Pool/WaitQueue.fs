namespace Web.Giraffe

open System.Collections.Generic
open System.Threading.Tasks

/// The result of acquiring a worker.
type AcquireResult =
    /// The caller calls `Succeeded`, `Failed` or `Abandoned` for the lease, once.
    | Acquired of Lease
    | NoWorkers
    /// The maximum number of requests is waiting.
    | QueueFull
    | TimedOut

/// A request that waits for a worker.
[<ReferenceEquality>]
type Waiter =
    private
        {
            Tried: Set<WorkerAddress>
            /// Retries come before first attempts; each kind is in order of arrival.
            Rank: struct (bool * int64)
            Source: TaskCompletionSource<AcquireResult>
        }

    member waiter.Task = waiter.Source.Task

/// The requests that wait for a worker. Requests that have tried the same workers are grouped: one pick decides for the
/// whole group. Not thread-safe.
[<Sealed>]
type WaitQueue() =
    let groups =
        Dictionary<Set<WorkerAddress>, LinkedList<Waiter>> HashIdentity.Structural

    let mutable count = 0
    let mutable number = 0L

    let remove (node: LinkedListNode<Waiter>) =
        match node.List with
        | null -> false
        | group ->
            group.Remove node
            count <- count - 1

            if group.Count = 0 then
                groups.Remove node.Value.Tried |> ignore

            true

    member _.Count = count

    /// Enqueues a request that has already tried the workers in `tried`.
    member _.Add(tried: Set<WorkerAddress>) : LinkedListNode<Waiter> =
        number <- number + 1L

        let waiter =
            {
                Tried = tried
                Rank = struct (tried.IsEmpty, number)
                Source = TaskCompletionSource<AcquireResult> TaskCreationOptions.RunContinuationsAsynchronously
            }

        let group =
            match groups.TryGetValue tried with
            | true, group -> group
            | _ ->
                let group = LinkedList<Waiter>()
                groups[tried] <- group
                group

        count <- count + 1
        group.AddLast waiter

    /// Returns false if the request was already answered.
    member _.Remove(node: LinkedListNode<Waiter>) : bool = remove node

    /// Answers all requests that can be answered, by rank, while `more` returns true.
    member _.Serve(pick: Set<WorkerAddress> -> PickResult, more: unit -> bool) =
        // The first request of each group.
        let order = PriorityQueue<LinkedListNode<Waiter>, struct (bool * int64)>()

        let enqueue (first: LinkedListNode<Waiter> | null) =
            match first with
            | null -> ()
            | first -> order.Enqueue(first, first.Value.Rank)

        for group in groups.Values do
            enqueue group.First

        let answer (first: LinkedListNode<Waiter>) result =
            let next = first.Next
            remove first |> ignore
            first.Value.Source.SetResult result
            enqueue next

        while order.Count > 0 && more () do
            let first = order.Dequeue()

            match pick first.Value.Tried with
            | Busy -> ()
            | Chosen lease -> answer first (Acquired lease)
            | NoneLeft -> answer first NoWorkers
