/// A simple model of the pool that receives every event and checks what the pool returned.
module Tests.Expecto.Web.PoolStateModel

open System
open Expecto
open Web.Giraffe
open Tests.Expecto.Web.PoolStateCommands

[<Sealed>]
type Model(policy: PoolPolicy) =
    let mutable now = TimeSpan.Zero
    let mutable known: Known list = []
    let mutable leases: OpenLease list = []
    // The candidates for the last lease.
    let mutable rivals: int64 list = []

    let find serial =
        known |> List.find (fun worker -> worker.Serial = serial)

    let listed address =
        known
        |> List.tryFind (fun worker -> worker.Address = address && not worker.IsRemoved)

    let users serial =
        leases
        |> List.filter (fun lease -> lease.Lease.Serial = serial && not lease.Lease.IsCheck)

    let probed serial =
        leases
        |> List.exists (fun lease -> lease.Lease.Serial = serial && lease.IsProbe && not lease.IsStale)

    let changed serial =
        for lease in leases do
            if lease.Lease.Serial = serial then
                lease.IsStale <- true

    let suits (worker: Known) =
        not worker.IsRemoved
        && not worker.IsDrained
        && (users worker.Serial).Length < policy.InFlight
        && match worker.EjectedUntil with
           | ValueNone -> true
           | ValueSome retryAt -> retryAt <= now && not (probed worker.Serial)

    let begin' (lease: Lease) =
        let worker = find lease.Serial
        Expect.isFalse worker.IsRemoved "not removed"
        Expect.isTrue (lease.IsCheck || not worker.IsDrained) "a drained worker receives no user's picture"
        Expect.equal lease.Began now "its time"

        if worker.EjectedUntil.IsSome then
            Expect.isFalse (probed lease.Serial) "one probe at a time"
            changed lease.Serial

        leases <- leases @ [ OpenLease(lease, worker.EjectedUntil.IsSome) ]

    let load (worker: Known) = (users worker.Serial).Length

    /// Checks the choice by the policy among the workers in the rotation.
    let byPolicy (chosen: Known) (rotation: Known list) =
        let others = rotation |> List.filter (fun other -> other.Serial <> chosen.Serial)

        match policy.LoadBalancingPolicy with
        | LoadBalancingPolicy.LeastInFlight ->
            Expect.all others (fun other -> load other >= load chosen) "the fewest in flight"
        | LoadBalancingPolicy.PowerOfTwoChoices when not others.IsEmpty ->
            Expect.exists others (fun other -> load other >= load chosen) "not the only one with the most in flight"
        | _ -> ()

    let chosen (tried: Set<WorkerAddress>) (candidates: Known list) (lease: Lease) =
        let worker = find lease.Serial
        Expect.contains candidates worker "in the rotation with room, or due"
        Expect.isFalse lease.IsCheck "a request"

        if worker.EjectedUntil.IsNone then
            byPolicy worker (candidates |> List.filter _.EjectedUntil.IsNone)
        elif not tried.IsEmpty then
            Expect.all candidates _.EjectedUntil.IsSome "a retry is a probe only if no other worker is left"

        worker.Uses <- worker.Uses + 1L
        let could = candidates |> List.map _.Serial

        if could <> rivals || not tried.IsEmpty then
            known |> List.iter (fun worker -> worker.RecentUses <- 0)

        worker.RecentUses <- worker.RecentUses + 1
        rivals <- if tried.IsEmpty then could else []
        begin' lease

        if tried.IsEmpty && policy.LoadBalancingPolicy = LoadBalancingPolicy.RoundRobin then
            let uses = candidates |> List.map _.RecentUses
            Expect.isLessThanOrEqual (List.max uses - List.min uses) 1 "round robin to within one"

    let restored (worker: Known) =
        worker.Restore()
        changed worker.Serial

    /// Applies `act` to a worker on the list, unless it is in that state `already`.
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

    /// `worker`: the pool's worker at the address now.
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
            | Some again -> restored again
            | None -> known <- known @ [ Known worker ]

            rivals <- []

    member _.Removed(address, reported: ListChange) =
        once address reported Removed (fun _ -> None) (fun worker -> worker.IsRemoved <- true)

    member _.Drained(address, reported: ListChange) =
        once
            address
            reported
            DrainStarted
            (fun worker -> if worker.IsDrained then Some AlreadyDrained else None)
            (fun worker ->
                worker.IsDrained <- true
                worker.EjectedUntil <- ValueNone
                changed worker.Serial)

    member _.Resumed(address, reported: ListChange) =
        once address reported Resumed (fun worker -> if worker.IsDrained then None else Some NotDrained) restored

    member _.PickResult(tried: Set<WorkerAddress>, picked: PickResult) =
        let candidates =
            known
            |> List.filter (fun worker -> suits worker && not (tried.Contains worker.Address))

        match picked with
        | Chosen lease -> chosen tried candidates lease
        | Busy ->
            Expect.isEmpty candidates "no candidate"

            let hope (worker: Known) =
                not worker.IsRemoved
                && not worker.IsDrained
                && not (tried.Contains worker.Address)
                && (worker.EjectedUntil.IsNone || probed worker.Serial)

            Expect.exists known hope "a worker that will have room"
        | NoneLeft -> Expect.isEmpty candidates "no candidate"

    member _.Checked(address, check: Lease voption) =
        match check, listed address with
        | ValueSome lease, _ -> begin' lease
        | ValueNone, Some worker -> Expect.isTrue (probed worker.Serial) "only a probe prevents a check"
        | ValueNone, None -> ()

    /// Removes and returns the nth open lease.
    member _.Ended(index: int) =
        match leases with
        | [] -> ValueNone
        | _ ->
            let lease = leases[index % leases.Length]
            leases <- leases |> List.filter (fun other -> not (obj.ReferenceEquals(other, lease)))
            ValueSome lease

    member _.Failed(ended: OpenLease, verdict: HealthTransition) =
        let lease, probe, stale = ended.Lease, ended.IsProbe, ended.IsStale
        let worker = find lease.Serial

        let early =
            probe
            && lease.IsCheck
            && worker.EjectedUntil.IsSome
            && now < worker.EjectedUntil.Value

        let out retryAt =
            let wait =
                TimeSpan.FromSeconds(min 40.0 (5.0 * Math.Pow(2.0, float worker.ConsecutiveFailures)))

            Expect.isGreaterThanOrEqual retryAt (now + wait) "not before its time"
            Expect.isLessThanOrEqual retryAt (now + wait * 1.2) "a fifth of jitter at most"
            worker.EjectedUntil <- ValueSome retryAt
            worker.ConsecutiveFailures <- worker.ConsecutiveFailures + 1
            worker.Failures <- worker.Failures + 1L
            changed lease.Serial

        match verdict with
        | WasEjected retryAt ->
            Expect.isTrue (worker.EjectedUntil.IsNone && not worker.IsRemoved && not stale) "it was in the rotation"
            out retryAt
        | StillEjected retryAt when early -> Expect.equal (ValueSome retryAt) worker.EjectedUntil "as it was"
        | StillEjected retryAt ->
            Expect.isTrue (probe && not stale) "its probe failed"
            out retryAt
        | Deleted ->
            Expect.isTrue (worker.EjectedUntil.IsNone && not worker.IsRemoved && not stale) "it was on the list"
            Expect.equal policy.OnFailure OnFailure.Remove "by the policy"
            worker.IsRemoved <- true
        | Unchanged ->
            let spared = policy.OnFailure = OnFailure.Remove && lease.IsCheck
            Expect.isTrue (stale || worker.IsRemoved || worker.IsDrained || spared) "the worker's failure counts"
        | Restored -> failtest "a failure restores no worker"

    member _.Succeeded(ended: OpenLease, verdict: HealthTransition) =
        let worker = find ended.Lease.Serial
        let isRestored = ended.IsProbe && not ended.IsStale && not worker.IsRemoved
        Expect.equal verdict (if isRestored then Restored else Unchanged) "restored only by a probe"

        if isRestored then
            restored worker

    /// After a refused probe, the worker stays ejected for the first wait again.
    member _.Refused(ended: OpenLease) =
        let worker = find ended.Lease.Serial

        if ended.IsProbe && not ended.IsStale && not worker.IsRemoved then
            worker.EjectedUntil <- worker.EjectedUntil |> ValueOption.map (max (now + policy.FirstRetry))
            changed worker.Serial

    /// Compares the pool's list with the model's, leaving workers included.
    member _.Agrees(listed: WorkerAddress list, workers: PooledWorker[]) =
        let there =
            known |> List.filter (fun worker -> not worker.IsRemoved) |> List.map _.Address

        Expect.equal (Set.ofList listed) (Set.ofList there) "the list"
        Expect.equal listed.Length there.Length "no duplicates"

        for worker in workers do
            let model = find worker.Serial
            Expect.equal worker.InFlight (users worker.Serial).Length "in flight"
            Expect.isLessThanOrEqual worker.InFlight policy.InFlight "the limit in flight"
            Expect.equal worker.Uses model.Uses "uses"
            Expect.equal worker.Failures model.Failures "failures"
            Expect.equal (worker.Phase = Leaving) model.IsRemoved "leaving"

            if not model.IsRemoved then
                Expect.equal (worker.Phase = Phase.Drained) model.IsDrained "drained"

                Expect.equal
                    (worker.Phase = InRotation)
                    (model.EjectedUntil.IsNone && not model.IsDrained)
                    "in the rotation"
