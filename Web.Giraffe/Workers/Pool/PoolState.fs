namespace Web.Giraffe

open System
open System.Collections.Immutable

/// The pool's policy: its workers and the choice of the next one. It has no clock and no I/O: time and random numbers
/// are arguments.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module PoolState =

    let empty policy =
        {
            Policy = policy
            Workers = Map.empty
            ByAddress = Map.empty
            Ready = ImmutableSortedSet.Empty
            Ejected = ImmutableSortedSet.Empty
            Candidates = 0
            Next = 0L
            NextSerial = 0L
        }

    /// Returns all workers in round-robin order, those that are leaving included.
    let workers pool = Array.ofSeq pool.Workers.Values

    /// Returns the addresses to save, in round-robin order.
    let addresses pool =
        [
            for worker in pool.Workers.Values do
                if worker.Phase <> Leaving then
                    worker.Address
        ]

    /// Adds a worker at the end of the list; no change if it is already there.
    let add address (pool: PoolState) : struct (PoolState * ListChange) =
        match PoolIndex.tryFindAddress address pool with
        | Some worker when worker.Phase = Leaving -> struct (PoolIndex.put (PooledWorker.restore worker) pool, Added)
        | Some _ -> struct (pool, AlreadyThere)
        | None ->
            let serial = pool.NextSerial

            struct (PoolIndex.put
                        (PooledWorker.create address serial)
                        { pool with
                            ByAddress = pool.ByAddress.Add(address, serial)
                            NextSerial = serial + 1L
                        },
                    Added)

    /// Removes a worker. It receives no new requests and finishes those in flight.
    let remove address pool : struct (PoolState * ListChange) =
        match PoolIndex.tryFindAddress address pool with
        | Some worker when worker.Phase <> Leaving -> struct (PoolIndex.leave worker pool, Removed)
        | _ -> struct (pool, NotThere)

    /// The number of workers in the rotation or being probed. Waiting for one of these makes sense.
    let candidates pool = pool.Candidates

    /// Returns whether a worker could take a request now.
    let hasFree (now: TimeSpan) pool =
        let isDue (struct (retryAt: TimeSpan, _: int64)) = retryAt <= now
        not pool.Ready.IsEmpty || (not pool.Ejected.IsEmpty && isDue pool.Ejected.Min)

    let private position (key: struct (int * int64)) (ready: ImmutableSortedSet<struct (int * int64)>) =
        match ready.IndexOf key with
        | at when at >= 0 -> at
        | after -> ~~~after

    /// Returns the least loaded worker; of equals, the next in round-robin order.
    let private leastLoaded (ready: ImmutableSortedSet<struct (int * int64)>) pool =
        let struct (least, _) as first = ready.Min
        let at = position (struct (least, pool.Next)) ready

        if at = ready.Count then
            first
        else
            let struct (load, _) as found = ready[at]
            if load = least then found else first

    /// Returns the less loaded of two random workers.
    let private ofTwo (chance: float) (ready: ImmutableSortedSet<struct (int * int64)>) pool =
        let start = position (struct (0, pool.Next)) ready
        let nth number = ready[(start + number) % ready.Count]
        let load (struct (_, serial)) = pool.Workers[serial].InFlight
        // Derives both indices from one random number.
        let scaled = chance * float ready.Count
        let first = min (int scaled) (ready.Count - 1)

        let second =
            min (int ((scaled - float first) * float (ready.Count - 1))) (ready.Count - 2)

        let second = nth (if second >= first then second + 1 else second)
        let first = nth first
        if load second < load first then second else first

    /// Returns the serial of the worker in `ready` that the policy selects. `chance` is 0 … 1, and 1 only by rounding.
    let private choose chance (ready: ImmutableSortedSet<struct (int * int64)>) pool =
        if ready.IsEmpty then
            ValueNone
        else
            let struct (_, serial) =
                if
                    pool.Policy.LoadBalancingPolicy = LoadBalancingPolicy.PowerOfTwoChoices
                    && ready.Count > 1
                then
                    ofTwo chance ready pool
                else
                    leastLoaded ready pool

            ValueSome serial

    /// A sort key: the worker's distance from the next one in round-robin order.
    let private distance pool serial = struct (serial < pool.Next, serial)

    /// Returns the serial of the next worker, in round-robin order, that is due for a probe.
    let private due now (tried: PooledWorker list) pool =
        let untried serial =
            tried |> List.forall (fun worker -> worker.Serial <> serial)

        let mutable found = ValueNone
        let mutable step = 0

        let isDue () =
            let struct (retryAt, _) = pool.Ejected[step]
            retryAt <= now

        while step < pool.Ejected.Count && isDue () do
            let struct (_, serial) = pool.Ejected[step]

            if
                untried serial
                && found
                   |> ValueOption.forall (fun best -> distance pool serial < distance pool best)
            then
                found <- ValueSome serial

            step <- step + 1

        found

    /// Selects the next worker that is not in `tried`: in the rotation and not full, or due for a probe. A request that
    /// has already failed serves as a probe only if no other worker is left. `chance`, 0 … 1, is for a random policy.
    let pick (now: TimeSpan) (chance: float) (tried: Set<WorkerAddress>) pool : struct (PoolState * PickResult) =
        let others =
            [
                for address in tried do
                    match PoolIndex.tryFindAddress address pool with
                    | Some worker -> worker
                    | None -> ()
            ]

        let ready =
            (pool.Ready, others)
            ||> List.fold (fun ready worker -> ready.Remove(PoolIndex.readyKey pool worker))

        let found =
            match choose chance ready pool with
            | ValueSome ready when not tried.IsEmpty -> ValueSome ready
            | ValueSome ready when pool.Policy.LoadBalancingPolicy = LoadBalancingPolicy.RoundRobin ->
                match due now others pool with
                | ValueSome due when distance pool due < distance pool ready -> ValueSome due
                | _ -> ValueSome ready
            // An ejected worker has nothing in flight, so selection by load would never choose it.
            | ready -> due now others pool |> ValueOption.orElse ready

        let isCandidate (worker: PooledWorker) =
            worker.Phase.IsInRotation || worker.Phase.IsProbing

        match found with
        | ValueSome serial ->
            let worker = PooledWorker.probe pool.Workers[serial]

            let busier =
                { worker with
                    Uses = worker.Uses + 1L
                    InFlight = worker.InFlight + 1
                }

            struct ({ PoolIndex.put busier pool with
                        Next = serial + 1L
                    },
                    Chosen(PooledWorker.lease false now worker))
        | ValueNone when pool.Candidates > (others |> List.filter isCandidate).Length -> struct (pool, Busy)
        | ValueNone -> struct (pool, NoneLeft)
