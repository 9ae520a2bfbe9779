namespace Web.Giraffe

open System.Collections.Generic
open System.Threading.Tasks

/// What asking for a worker came to.
type AcquireResult =
    /// The caller says `Succeeded`, `Failed` or `Abandoned` about it, once.
    | Acquired of Lease
    | NoWorkers
    /// As many requests wait as may.
    | QueueFull
    | TimedOut

/// A request that waits for a worker.
[<ReferenceEquality>]
type Waiter =
    private
        {
            Tried: Set<WorkerAddress>
            /// Second attempts before first ones, and each of the two in the order in which they came.
            Rank: struct (bool * int64)
            Source: TaskCompletionSource<AcquireResult>
        }

    member waiter.Task = waiter.Source.Task

/// The requests that wait for a worker. Those that have tried the same workers have the same answer, so that one question
/// answers all of them. Not thread-safe.
[<Sealed>]
type WaitQueue() =
    let groups =
        Dictionary<Set<WorkerAddress>, LinkedList<Waiter>> HashIdentity.Structural

    let mutable count = 0
    let mutable number = 0L

    let head (group: LinkedList<Waiter>) =
        match group.First with
        | null -> ValueNone
        | first -> ValueSome first.Value

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

    /// Puts a request that has been to `tried` in its place.
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

    /// False where the request has its answer already.
    member _.Remove(node: LinkedListNode<Waiter>) : bool = remove node

    /// Answers everybody who can be answered, in the order of their ranks, while `more` holds.
    member _.Serve(pick: Set<WorkerAddress> -> PickResult, more: unit -> bool) =
        let order = PriorityQueue<LinkedList<Waiter>, struct (bool * int64)>()

        let line (group: LinkedList<Waiter>) =
            head group |> ValueOption.iter (fun first -> order.Enqueue(group, first.Rank))

        for group in groups.Values do
            line group

        let answer (group: LinkedList<Waiter>) taken =
            match group.First with
            | null -> ()
            | first ->
                remove first |> ignore
                first.Value.Source.SetResult taken
                line group

        while order.Count > 0 && more () do
            let group = order.Dequeue()

            head group
            |> ValueOption.iter (fun first ->
                match pick first.Tried with
                | Busy -> ()
                | Chosen turn -> answer group (Acquired turn)
                | NoneLeft -> answer group NoWorkers)
