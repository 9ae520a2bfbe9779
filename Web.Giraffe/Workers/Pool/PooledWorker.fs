namespace Web.Giraffe

open System

/// The effect of a transport failure on a worker.
[<RequireQualifiedAccess; Struct>]
type OnFailure =
    /// Ejects the worker until a probe succeeds.
    | Eject
    /// Removes the worker from the list.
    | Remove

/// The load balancing policy: `Pool:Policy`.
[<RequireQualifiedAccess; Struct>]
type LoadBalancingPolicy =
    /// Selects the workers in turn, in the order of the list.
    | RoundRobin
    /// Selects the worker with the fewest in-flight requests of this web node; of equals, the next in round-robin
    /// order.
    | LeastInFlight
    /// Selects two workers at random and takes the one with fewer in-flight requests.
    | PowerOfTwoChoices

    static member All = [| RoundRobin; LeastInFlight; PowerOfTwoChoices |]

type PoolPolicy =
    {
        LoadBalancingPolicy: LoadBalancingPolicy
        /// The maximum number of in-flight requests per worker; at least 1.
        InFlight: int
        /// The ejection time after the first failure. It doubles with every failed probe.
        FirstRetry: TimeSpan
        /// The upper limit of the doubling, without jitter.
        LongestRetry: TimeSpan
        OnFailure: OnFailure
    }

/// A worker's phase. Times are since the pool began, on a monotonic clock.
type Phase =
    | InRotation
    | Ejected of retryAt: TimeSpan
    /// Half-open: one probe is in flight.
    | Probing of retryAt: TimeSpan
    /// Drained by an operator; receives no requests until resumed.
    | Drained
    /// Removed while it had requests in flight; finishes them.
    | Leaving

type PooledWorker =
    {
        Address: WorkerAddress
        /// Distinguishes a worker from an earlier one at the same address.
        Serial: int64
        /// Increases with every change of `Phase`, so that reports from an earlier phase can be recognized.
        Epoch: int
        Phase: Phase
        /// Consecutive failures, probes included.
        ConsecutiveFailures: int
        Uses: int64
        Failures: int64
        InFlight: int
        /// The times of its last user exchanges, newest first; at most `PooledWorker.maxRecent`.
        Recent: TimeSpan[]
        LastError: string voption
        LastErrorAt: TimeSpan voption
        LastSuccess: TimeSpan voption
        /// Consecutive busy answers, and the time of the first one. Only a success resets them.
        BusyAnswers: int
        BusySince: TimeSpan
        LastCheck: TimeSpan voption
    }

/// A slot on a worker for one exchange. The caller reports its outcome to the pool exactly once.
[<Struct>]
type Lease =
    {
        Address: WorkerAddress
        Serial: int64
        Epoch: int
        /// The time when the lease was acquired.
        Began: TimeSpan
        /// Whether it is the web node's own check. A check takes no slot and no place in the order.
        IsCheck: bool
    }

type PickResult =
    | Chosen of Lease
    /// Every usable worker is full or being probed; waiting makes sense.
    | Busy
    | NoneLeft

/// The effect of a report on a worker's health.
type HealthTransition =
    /// This report ejected the worker.
    | WasEjected of retryAt: TimeSpan
    | StillEjected of retryAt: TimeSpan
    /// This report removed the worker from the list.
    | Deleted
    | Restored
    | Unchanged

[<RequireQualifiedAccess>]
module PooledWorker =

    /// The number of exchanges in the median.
    let maxRecent = 31

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
            LastErrorAt = ValueNone
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

    let restore worker =
        { enter InRotation worker with
            ConsecutiveFailures = 0
            BusyAnswers = 0
        }

    /// Makes an ejected worker half-open.
    let probe worker =
        match worker.Phase with
        | Ejected retryAt -> enter (Probing retryAt) worker
        | _ -> worker

    let isDue now worker =
        match worker.Phase with
        | Ejected retryAt -> retryAt <= now
        | _ -> false

    let recordSuccess (now: TimeSpan) (lease: Lease) (worker: PooledWorker) =
        let kept = min worker.Recent.Length (maxRecent - 1)

        { worker with
            LastSuccess = ValueSome now
            BusyAnswers = 0
            Recent =
                if lease.IsCheck then
                    worker.Recent
                else
                    Array.append [| now - lease.Began |] (Array.sub worker.Recent 0 kept)
        }

    let recordBusy (now: TimeSpan) (worker: PooledWorker) =
        { worker with
            BusyAnswers = worker.BusyAnswers + 1
            BusySince = if worker.BusyAnswers = 0 then now else worker.BusySince
        }

    let withError (now: TimeSpan) error (worker: PooledWorker) =
        { worker with
            LastError = ValueSome error
            LastErrorAt = ValueSome now
        }

    /// Returns the median time of the last user exchanges; none before the first.
    let median (worker: PooledWorker) : TimeSpan option =
        if worker.Recent.Length = 0 then
            None
        else
            Some((Array.sort worker.Recent)[worker.Recent.Length / 2])

    let lease isCheck now (worker: PooledWorker) : Lease =
        {
            Address = worker.Address
            Serial = worker.Serial
            Epoch = worker.Epoch
            Began = now
            IsCheck = isCheck
        }

    /// Ejects the worker for the policy's first wait, doubled for every earlier consecutive failure.
    let eject policy (now: TimeSpan) (jitter: float) error worker : struct (PooledWorker * TimeSpan) =
        let doubled =
            policy.FirstRetry * Math.Pow(2.0, float (min worker.ConsecutiveFailures 30))

        let retryAt = now + (min doubled policy.LongestRetry) * (1.0 + 0.2 * jitter)

        struct ({ enter (Ejected retryAt) (withError now error worker) with
                    ConsecutiveFailures = worker.ConsecutiveFailures + 1
                    Failures = worker.Failures + 1L
                },
                retryAt)
