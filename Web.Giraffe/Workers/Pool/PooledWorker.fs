namespace Web.Giraffe

open System

/// What a failure of the transport does to a worker.
type OnFailure =
    /// Out of the rotation, and back after a probe that went well.
    | Eject = 0
    /// Off the list.
    | Remove = 1

/// Which worker is next, of those that a request could go to: `Pool:Policy`.
type LoadBalancingPolicy =
    /// Each after the other, in the order of the list.
    | RoundRobin = 0
    /// The one with the fewest requests of this web node; of equals, the one whose turn it is.
    | LeastInFlight = 1
    /// Of two drawn by chance the one with fewer.
    | PowerOfTwoChoices = 2

type PoolPolicy =
    {
        LoadBalancingPolicy: LoadBalancingPolicy
        /// Requests that one worker has at a time; at least 1.
        InFlight: int
        /// How long a worker is out after its first failure; doubles with every probe that fails.
        FirstRetry: TimeSpan
        /// Where the doubling ends. Jitter comes on top.
        LongestRetry: TimeSpan
        OnFailure: OnFailure
    }

/// Times are since the pool began, on a clock that never goes back.
type Phase =
    | InRotation
    | Ejected of retryAt: TimeSpan
    /// Half-open: one probe is under way.
    | Probing of retryAt: TimeSpan
    /// An operator lets it rest: gets no request until it is told to go on.
    | Paused
    /// Removed while it had requests: finishes them.
    | Leaving

type PooledWorker =
    {
        Address: WorkerAddress
        /// Tells a worker from an earlier one of the same address.
        Serial: int64
        /// Goes up with every change of `Phase`, so that a report about an earlier one is known as such.
        Epoch: int
        Phase: Phase
        /// Failures in a row, probes included.
        ConsecutiveFailures: int
        Uses: int64
        Failures: int64
        InFlight: int
        /// How long its last exchanges with users took, the newest first; at most `PooledWorker.remembered`.
        Recent: TimeSpan[]
        LastError: string voption
        LastSuccess: TimeSpan voption
        /// Busy answers in a row, and when the first of them came. Only a success ends the row.
        BusyAnswers: int
        BusySince: TimeSpan
        LastCheck: TimeSpan voption
    }

/// One exchange that a worker was given; comes back to the pool once, as `succeeded`, `failed` or `abandoned`.
[<Struct>]
type Lease =
    {
        Address: WorkerAddress
        Serial: int64
        Epoch: int
        /// When it was given.
        Began: TimeSpan
        /// The web node's own probe, not a user's request: it takes no turn and no place.
        IsCheck: bool
    }

type PickResult =
    | Chosen of Lease
    /// Every worker that could answer is full, or is being probed: worth waiting for.
    | Busy
    | NoneLeft

/// What a report changed.
type HealthTransition =
    /// This report, and no other, took the worker out of the rotation.
    | TakenOut of retryAt: TimeSpan
    | StillOut of retryAt: TimeSpan
    /// This report, and no other, took the worker off the list.
    | Deleted
    | BroughtBack
    | Unchanged

[<RequireQualifiedAccess>]
module PooledWorker =

    /// How many exchanges the median is of.
    let remembered = 31

    let create address serial =
        {
            Address = address
            Serial = serial
            Epoch = 0
            Phase = InRotation
            ConsecutiveFailures = 0
            Uses = 0L
            Failures = 0L
            InFlight = 0
            Recent = [||]
            LastError = ValueNone
            LastSuccess = ValueNone
            BusyAnswers = 0
            BusySince = TimeSpan.Zero
            LastCheck = ValueNone
        }

    let enter phase worker =
        { worker with
            Phase = phase
            Epoch = worker.Epoch + 1
        }

    let back worker =
        { enter InRotation worker with
            ConsecutiveFailures = 0
            BusyAnswers = 0
        }

    /// Half-open, where it was out.
    let probe worker =
        match worker.Phase with
        | Ejected retryAt -> enter (Probing retryAt) worker
        | _ -> worker

    let isDue now worker =
        match worker.Phase with
        | Ejected retryAt -> retryAt <= now
        | _ -> false

    let answered (now: TimeSpan) (turn: Lease) (worker: PooledWorker) =
        let kept = min worker.Recent.Length (remembered - 1)

        { worker with
            LastSuccess = ValueSome now
            BusyAnswers = 0
            Recent =
                if turn.IsCheck then
                    worker.Recent
                else
                    Array.append [| now - turn.Began |] (Array.sub worker.Recent 0 kept)
        }

    let answeredBusy (now: TimeSpan) (worker: PooledWorker) =
        { worker with
            BusyAnswers = worker.BusyAnswers + 1
            BusySince = if worker.BusyAnswers = 0 then now else worker.BusySince
        }

    let noted error (worker: PooledWorker) =
        { worker with
            LastError = ValueSome error
        }

    /// The middle of its last exchanges with users; none before the first.
    let median (worker: PooledWorker) : TimeSpan option =
        if worker.Recent.Length = 0 then
            None
        else
            Some((Array.sort worker.Recent)[worker.Recent.Length / 2])

    let turn isCheck now (worker: PooledWorker) : Lease =
        {
            Address = worker.Address
            Serial = worker.Serial
            Epoch = worker.Epoch
            Began = now
            IsCheck = isCheck
        }

    /// Out for the policy's first wait, doubled for every failure before this one in its streak.
    let out policy (now: TimeSpan) (jitter: float) error worker : struct (PooledWorker * TimeSpan) =
        let doubled =
            policy.FirstRetry * Math.Pow(2.0, float (min worker.ConsecutiveFailures 30))

        let retryAt = now + (min doubled policy.LongestRetry) * (1.0 + 0.2 * jitter)

        struct ({ enter (Ejected retryAt) (noted error worker) with
                    ConsecutiveFailures = worker.ConsecutiveFailures + 1
                    Failures = worker.Failures + 1L
                },
                retryAt)
