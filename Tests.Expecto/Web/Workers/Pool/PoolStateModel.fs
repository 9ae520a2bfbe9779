/// What the pool must do, said a second time and simply: a model that is told every event, and what the pool made of it.
module Tests.Expecto.Web.PoolStateModel

open System
open Expecto
open Web.Giraffe
open Tests.Expecto.Web.PoolStateCommands

[<Sealed>]
type Model(policy: PoolPolicy) =
    let mutable now = TimeSpan.Zero
    let mutable known: Known list = []
    let mutable leases: UnderWay list = []
    // Who could have had the last lease.
    let mutable rivals: int64 list = []

    let find serial =
        known |> List.find (fun worker -> worker.Serial = serial)

    let listed address =
        known
        |> List.tryFind (fun worker -> worker.Address = address && not worker.Left)

    let users serial =
        leases
        |> List.filter (fun lease -> lease.Lease.Serial = serial && not lease.Lease.IsCheck)

    let probed serial =
        leases
        |> List.exists (fun lease -> lease.Lease.Serial = serial && lease.Probe && not lease.Stale)

    let changed serial =
        for lease in leases do
            if lease.Lease.Serial = serial then
                lease.Stale <- true

    let suits (worker: Known) =
        not worker.Left
        && not worker.Rests
        && (users worker.Serial).Length < policy.InFlight
        && match worker.Out with
           | ValueNone -> true
           | ValueSome retryAt -> retryAt <= now && not (probed worker.Serial)

    let begin' (lease: Lease) =
        let worker = find lease.Serial
        Expect.isFalse worker.Left "a worker that was removed gets nothing"
        Expect.isTrue (lease.IsCheck || not worker.Rests) "one that rests gets no user's picture"
        Expect.equal lease.Began now "when it was given"

        if worker.Out.IsSome then
            Expect.isFalse (probed lease.Serial) "one probe at a time"
            changed lease.Serial

        leases <- leases @ [ UnderWay(lease, worker.Out.IsSome) ]

    let load (worker: Known) = (users worker.Serial).Length

    /// What the policy says of the one that was chosen, of those in the rotation, before it has the lease.
    let byPolicy (chosen: Known) (rotation: Known list) =
        let others = rotation |> List.filter (fun other -> other.Serial <> chosen.Serial)

        match policy.LoadBalancingPolicy with
        | LoadBalancingPolicy.LeastInFlight ->
            Expect.all others (fun other -> load other >= load chosen) "nobody has fewer in flight"
        | LoadBalancingPolicy.PowerOfTwoChoices when not others.IsEmpty ->
            Expect.exists others (fun other -> load other >= load chosen) "never the one with the most alone"
        | _ -> ()

    let chosen (tried: Set<WorkerAddress>) (candidates: Known list) (lease: Lease) =
        let worker = find lease.Serial
        Expect.contains candidates worker "only who is in the rotation with room, or due"
        Expect.isFalse lease.IsCheck "a request"

        if worker.Out.IsNone then
            byPolicy worker (candidates |> List.filter _.Out.IsNone)
        elif not tried.IsEmpty then
            Expect.all candidates _.Out.IsSome "a second try is a probe only where nothing else is left"

        worker.Uses <- worker.Uses + 1L
        let could = candidates |> List.map _.Serial

        if could <> rivals || not tried.IsEmpty then
            known |> List.iter (fun worker -> worker.Fair <- 0)

        worker.Fair <- worker.Fair + 1
        rivals <- if tried.IsEmpty then could else []
        begin' lease

        if tried.IsEmpty && policy.LoadBalancingPolicy = LoadBalancingPolicy.RoundRobin then
            let uses = candidates |> List.map _.Fair
            Expect.isLessThanOrEqual (List.max uses - List.min uses) 1 "round robin to within one"

    let back (worker: Known) =
        worker.Back()
        changed worker.Serial

    /// What is done to a worker on the list, where it is not so `already`.
    let once address reported made (already: Known -> ListChange option) act =
        match listed address with
        | None -> Expect.equal reported NotThere "it is not on the list"
        | Some worker ->
            Expect.equal reported (Option.defaultValue made (already worker)) "done once"

            if reported = made then
                act worker
                rivals <- []

    member _.Now = now
    member _.Waited(time: TimeSpan) = now <- now + time
    member _.IsOver = leases.IsEmpty

    /// `worker` is what the pool has at the address now.
    member _.Added(reported: ListChange, worker: PooledWorker) =
        Expect.equal
            reported
            (if (listed worker.Address).IsSome then
                 AlreadyThere
             else
                 Added)
            "added once"

        if reported = Added then
            match known |> List.tryFind (fun other -> other.Serial = worker.Serial) with
            | Some again -> back again
            | None -> known <- known @ [ Known worker ]

            rivals <- []

    member _.Removed(address, reported: ListChange) =
        once address reported Removed (fun _ -> None) (fun worker -> worker.Left <- true)

    member _.Drained(address, reported: ListChange) =
        once
            address
            reported
            DrainStarted
            (fun worker -> if worker.Rests then Some AlreadyDrained else None)
            (fun worker ->
                worker.Rests <- true
                worker.Out <- ValueNone
                changed worker.Serial)

    member _.Resumed(address, reported: ListChange) =
        once address reported Resumed (fun worker -> if worker.Rests then None else Some NotDrained) back

    member _.PickResult(tried: Set<WorkerAddress>, picked: PickResult) =
        let candidates =
            known
            |> List.filter (fun worker -> suits worker && not (tried.Contains worker.Address))

        match picked with
        | Chosen lease -> chosen tried candidates lease
        | Busy ->
            Expect.isEmpty candidates "nobody could have had it"

            let hope (worker: Known) =
                not worker.Left
                && not worker.Rests
                && not (tried.Contains worker.Address)
                && (worker.Out.IsNone || probed worker.Serial)

            Expect.exists known hope "somebody will have room"
        | NoneLeft -> Expect.isEmpty candidates "nobody could have had it"

    member _.Checked(address, check: Lease voption) =
        match check, listed address with
        | ValueSome lease, _ -> begin' lease
        | ValueNone, Some worker -> Expect.isTrue (probed worker.Serial) "only a probe keeps a check away"
        | ValueNone, None -> ()

    /// The nth of the leases that are under way, which is over.
    member _.Ended(index: int) =
        match leases with
        | [] -> ValueNone
        | _ ->
            let lease = leases[index % leases.Length]
            leases <- leases |> List.filter (fun other -> not (obj.ReferenceEquals(other, lease)))
            ValueSome lease

    member _.Failed(ended: UnderWay, verdict: HealthTransition) =
        let lease, probe, stale = ended.Lease, ended.Probe, ended.Stale
        let worker = find lease.Serial
        let early = probe && lease.IsCheck && worker.Out.IsSome && now < worker.Out.Value

        let out retryAt =
            let wait =
                TimeSpan.FromSeconds(min 40.0 (5.0 * Math.Pow(2.0, float worker.ConsecutiveFailures)))

            Expect.isGreaterThanOrEqual retryAt (now + wait) "not before its time"
            Expect.isLessThanOrEqual retryAt (now + wait * 1.2) "a fifth of jitter at most"
            worker.Out <- ValueSome retryAt
            worker.ConsecutiveFailures <- worker.ConsecutiveFailures + 1
            worker.Failures <- worker.Failures + 1L
            changed lease.Serial

        match verdict with
        | WasEjected retryAt ->
            Expect.isTrue (worker.Out.IsNone && not worker.Left && not stale) "it was in the rotation"
            out retryAt
        | StillEjected retryAt when early -> Expect.equal (ValueSome retryAt) worker.Out "as it was"
        | StillEjected retryAt ->
            Expect.isTrue (probe && not stale) "its probe failed"
            out retryAt
        | Deleted ->
            Expect.isTrue (worker.Out.IsNone && not worker.Left && not stale) "it was on the list"
            Expect.equal policy.OnFailure OnFailure.Remove "as the policy says"
            worker.Left <- true
        | Unchanged ->
            let spared = policy.OnFailure = OnFailure.Remove && lease.IsCheck
            Expect.isTrue (stale || worker.Left || worker.Rests || spared) "a failure that is the worker's counts"
        | Restored -> failtest "a failure brings nobody back"

    member _.Succeeded(ended: UnderWay, verdict: HealthTransition) =
        let worker = find ended.Lease.Serial
        let brings = ended.Probe && not ended.Stale && not worker.Left
        Expect.equal verdict (if brings then Restored else Unchanged) "only a probe brings it back"

        if brings then
            back worker

    /// A probe that is refused leaves the worker out for the first wait once more.
    member _.Refused(ended: UnderWay) =
        let worker = find ended.Lease.Serial

        if ended.Probe && not ended.Stale && not worker.Left then
            worker.Out <- worker.Out |> ValueOption.map (max (now + policy.FirstRetry))
            changed worker.Serial

    /// The pool's list, with those that leave, is the model's.
    member _.Agrees(listed: WorkerAddress list, workers: PooledWorker[]) =
        let there =
            known |> List.filter (fun worker -> not worker.Left) |> List.map _.Address

        Expect.equal (Set.ofList listed) (Set.ofList there) "who is on the list"
        Expect.equal listed.Length there.Length "everyone once"

        for worker in workers do
            let model = find worker.Serial
            Expect.equal worker.InFlight (users worker.Serial).Length "in flight"
            Expect.isLessThanOrEqual worker.InFlight policy.InFlight "the limit in flight"
            Expect.equal worker.Uses model.Uses "uses"
            Expect.equal worker.Failures model.Failures "failures"
            Expect.equal (worker.Phase = Leaving) model.Left "leaving"

            if not model.Left then
                Expect.equal (worker.Phase = Phase.Drained) model.Rests "rests"
                Expect.equal (worker.Phase = InRotation) (model.Out.IsNone && not model.Rests) "in the rotation"
