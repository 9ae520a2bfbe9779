namespace Web.Giraffe

open System

type WorkerPool =
    private
        {
            Policy: PoolPolicy
            Workers: PooledWorker[]
            /// Whose turn it is: an index into `Workers`.
            Next: int
            Serials: int64
        }

/// Who is on the list, and whose turn it is. The whole policy of the pool has no clock and no I/O: time and chance are
/// arguments.
[<RequireQualifiedAccess>]
module WorkerPool =

    let empty policy =
        {
            Policy = policy
            Workers = [||]
            Next = 0
            Serials = 0L
        }

    /// The list in the order of the turns, with the workers that are leaving.
    let workers pool = pool.Workers

    /// The list in the order of the turns, as it is to be remembered.
    let addresses pool =
        [
            for worker in pool.Workers do
                if worker.Phase <> Leaving then
                    worker.Address
        ]

    let internal put index worker (pool: WorkerPool) =
        { pool with
            Workers = Array.updateAt index worker pool.Workers
        }

    // The turn stays with the worker that had it.
    let private drop index (pool: WorkerPool) =
        { pool with
            Workers = Array.removeAt index pool.Workers
            Next = if index < pool.Next then pool.Next - 1 else pool.Next
        }

    let internal indexOf address pool =
        pool.Workers |> Array.tryFindIndex (fun worker -> worker.Address = address)

    /// At the end of the list; nothing changes where it is on it.
    let add address (pool: WorkerPool) : struct (WorkerPool * ListChange) =
        match indexOf address pool with
        | Some index when pool.Workers[index].Phase = Leaving ->
            struct (put index (PooledWorker.back pool.Workers[index]) pool, Added)
        | Some _ -> struct (pool, AlreadyThere)
        | None ->
            struct ({ pool with
                        Workers = Array.append pool.Workers [| PooledWorker.create address pool.Serials |]
                        Serials = pool.Serials + 1L
                    },
                    Added)

    /// The worker as it is now; one that leaves is gone when it has finished.
    let internal settle index worker pool =
        if worker.Phase = Leaving && worker.InFlight = 0 then
            drop index pool
        else
            put index worker pool

    let internal takeOff index worker pool =
        settle index (PooledWorker.enter Leaving worker) pool

    /// Gets no further request; what it has it finishes.
    let remove address pool : struct (WorkerPool * ListChange) =
        match indexOf address pool with
        | Some index when pool.Workers[index].Phase <> Leaving ->
            struct (takeOff index pool.Workers[index] pool, Removed)
        | _ -> struct (pool, NotThere)

    let private hasRoom pool (worker: PooledWorker) = worker.InFlight < pool.Policy.InFlight

    /// The index of the one of `ready`, in the order of the turns and at least one, whose turn it is by the policy.
    /// `chance` is 0 … 1, and 1 only by rounding.
    let private choose (chance: float) (ready: int[]) pool =
        let load index = pool.Workers[index].InFlight

        match pool.Policy.Turns with
        | Turns.LeastInFlight -> ready |> Array.minBy load
        | Turns.PowerOfTwoChoices when ready.Length > 1 ->
            // One number draws both: what is left of it behind the first is as random as it was.
            let scaled = chance * float ready.Length
            let first = min (int scaled) (ready.Length - 1)

            let second =
                min (int ((scaled - float first) * float (ready.Length - 1))) (ready.Length - 2)

            let second = if second >= first then second + 1 else second

            if load ready[second] < load ready[first] then
                ready[second]
            else
                ready[first]
        | _ -> ready[0]

    /// The next worker that is not in `tried`: in the rotation and not full, or due for a probe. A request that
    /// has failed once already is a probe only where nothing else is left. `chance`, 0 … 1, is for a policy that draws.
    let pick (now: TimeSpan) (chance: float) (tried: Set<WorkerAddress>) pool : struct (WorkerPool * Picked) =
        let count = pool.Workers.Length
        let untried (worker: PooledWorker) = not (tried.Contains worker.Address)

        let inTurn =
            seq { 0 .. count - 1 }
            |> Seq.map (fun step -> (pool.Next + step) % count)
            |> Seq.filter (fun index -> untried pool.Workers[index])

        let find suits =
            inTurn |> Seq.tryFind (fun index -> suits pool.Workers[index])

        let ready worker =
            worker.Phase = InRotation && hasRoom pool worker
        // What it had when it was taken out may still run.
        let due worker =
            PooledWorker.isDue now worker && hasRoom pool worker

        let inRotation () =
            match inTurn |> Seq.filter (fun index -> ready pool.Workers[index]) |> Array.ofSeq with
            | [||] -> None
            | several -> Some(choose chance several pool)

        let found =
            match pool.Policy.Turns with
            | Turns.RoundRobin when tried.IsEmpty -> find (fun worker -> ready worker || due worker)
            | Turns.RoundRobin -> find ready |> Option.orElseWith (fun () -> find due)
            // Who is out has nothing in flight, and would never be drawn by its load.
            | _ when tried.IsEmpty -> find due |> Option.orElseWith inRotation
            | _ -> inRotation () |> Option.orElseWith (fun () -> find due)

        let worthWaiting (worker: PooledWorker) =
            match worker.Phase with
            | InRotation
            | Probing _ -> untried worker
            | _ -> false

        match found with
        | Some index ->
            let worker = PooledWorker.probe pool.Workers[index]

            let busier =
                { worker with
                    Uses = worker.Uses + 1L
                    InFlight = worker.InFlight + 1
                }

            struct ({ put index busier pool with
                        Next = (index + 1) % count
                    },
                    Chosen(PooledWorker.turn false now worker))
        | None when Array.exists worthWaiting pool.Workers -> struct (pool, Busy)
        | None -> struct (pool, NoneLeft)
