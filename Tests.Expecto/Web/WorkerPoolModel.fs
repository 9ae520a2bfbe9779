/// What the pool must do, said a second time and simply: a model that every event is tried on beside the pool.
module Tests.Expecto.Web.WorkerPoolModel

open System
open Expecto
open Web.Giraffe
open Tests.Expecto.Web.WorkerPoolCommands

type Model(policy: PoolPolicy) =
    let mutable pool = WorkerPool.empty policy
    let mutable now = TimeSpan.Zero
    let mutable known: Known list = []
    let mutable turns: UnderWay list = []
    // Who could have had the last turn.
    let mutable rivals: int64 list = []

    let find serial =
        known |> List.find (fun worker -> worker.Serial = serial)

    let listed address =
        known
        |> List.tryFind (fun worker -> worker.Address = address && not worker.Left)

    let users serial =
        turns
        |> List.filter (fun turn -> turn.Turn.Serial = serial && not turn.Turn.IsCheck)

    let probed serial =
        turns
        |> List.exists (fun turn -> turn.Turn.Serial = serial && turn.Probe && not turn.Stale)

    let changed serial =
        for turn in turns do
            if turn.Turn.Serial = serial then
                turn.Stale <- true

    let suits (worker: Known) =
        not worker.Left
        && not worker.Rests
        && (users worker.Serial).Length < policy.InFlight
        && match worker.Out with
           | ValueNone -> true
           | ValueSome retryAt -> retryAt <= now && not (probed worker.Serial)

    let begin' (turn: Turn) =
        let worker = find turn.Serial
        Expect.isFalse worker.Left "a worker that was removed gets nothing"
        Expect.isTrue (turn.IsCheck || not worker.Rests) "one that rests gets no user's picture"
        Expect.equal turn.Began now "when it was given"

        if worker.Out.IsSome then
            Expect.isFalse (probed turn.Serial) "one probe at a time"
            changed turn.Serial

        turns <- turns @ [ UnderWay(turn, worker.Out.IsSome) ]

    let load (worker: Known) = (users worker.Serial).Length

    /// What the policy says of the one that was chosen, of those in the rotation, before it has the turn.
    let byPolicy (chosen: Known) (rotation: Known list) =
        let others = rotation |> List.filter (fun other -> other.Serial <> chosen.Serial)

        match policy.Turns with
        | Turns.LeastInFlight -> Expect.all others (fun other -> load other >= load chosen) "nobody has fewer in flight"
        | Turns.PowerOfTwoChoices when not others.IsEmpty ->
            Expect.exists others (fun other -> load other >= load chosen) "never the one with the most alone"
        | _ -> ()

    let take (tried: Set<WorkerAddress>) chance =
        let candidates =
            known
            |> List.filter (fun worker -> suits worker && not (tried.Contains worker.Address))

        let struct (next, picked) = WorkerPool.pick now chance tried pool
        pool <- next

        match picked with
        | Chosen turn ->
            let worker = find turn.Serial
            Expect.contains candidates worker "only who is in the rotation with room, or due"
            Expect.isFalse turn.IsCheck "a request"

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
            begin' turn

            if tried.IsEmpty && policy.Turns = Turns.RoundRobin then
                let turns = candidates |> List.map _.Fair
                Expect.isLessThanOrEqual (List.max turns - List.min turns) 1 "round robin to within one"
        | Busy ->
            Expect.isEmpty candidates "nobody could have had it"

            let hope (worker: Known) =
                not worker.Left
                && not worker.Rests
                && not (tried.Contains worker.Address)
                && (worker.Out.IsNone || probed worker.Serial)

            Expect.exists known hope "somebody will have room"
        | NoneLeft -> Expect.isEmpty candidates "nobody could have had it"

    let ended index =
        match turns with
        | [] -> ValueNone
        | _ ->
            let turn = turns[index % turns.Length]
            turns <- turns |> List.filter (fun other -> not (obj.ReferenceEquals(other, turn)))
            ValueSome turn

    let failed (turn: Turn) probe stale jitter =
        let worker = find turn.Serial
        let struct (next, verdict) = PoolOutcomes.failed now jitter turn "cut" pool
        pool <- next
        let early = probe && turn.IsCheck && worker.Out.IsSome && now < worker.Out.Value

        let out retryAt =
            let wait = TimeSpan.FromSeconds(min 40.0 (5.0 * Math.Pow(2.0, float worker.Streak)))
            Expect.isGreaterThanOrEqual retryAt (now + wait) "not before its time"
            Expect.isLessThanOrEqual retryAt (now + wait * 1.2) "a fifth of jitter at most"
            worker.Out <- ValueSome retryAt
            worker.Streak <- worker.Streak + 1
            worker.Failures <- worker.Failures + 1L
            changed turn.Serial

        match verdict with
        | TakenOut retryAt ->
            Expect.isTrue (worker.Out.IsNone && not worker.Left && not stale) "it was in the rotation"
            out retryAt
        | StillOut retryAt when early -> Expect.equal (ValueSome retryAt) worker.Out "as it was"
        | StillOut retryAt ->
            Expect.isTrue (probe && not stale) "its probe failed"
            out retryAt
        | Deleted ->
            Expect.isTrue (worker.Out.IsNone && not worker.Left && not stale) "it was on the list"
            Expect.equal policy.OnFailure OnFailure.Remove "as the policy says"
            worker.Left <- true
        | Unchanged ->
            let spared = policy.OnFailure = OnFailure.Remove && turn.IsCheck
            Expect.isTrue (stale || worker.Left || worker.Rests || spared) "a failure that is the worker's counts"
        | BroughtBack -> failtest "a failure brings nobody back"

    let succeeded (turn: Turn) probe stale =
        let worker = find turn.Serial
        let struct (next, verdict) = PoolOutcomes.succeeded now turn pool
        pool <- next
        let back = probe && not stale && not worker.Left
        Expect.equal verdict (if back then BroughtBack else Unchanged) "only a probe brings it back"

        if back then
            worker.Back()
            changed turn.Serial

    let apply command =
        match command with
        | Add index ->
            let struct (next, said) = WorkerPool.add (address index) pool
            pool <- next

            Expect.equal
                said
                (if (listed (address index)).IsSome then
                     AlreadyThere
                 else
                     Added)
                "added once"

            if said = Added then
                let worker =
                    WorkerPool.workers pool
                    |> Array.find (fun worker -> worker.Address = address index)

                match known |> List.tryFind (fun other -> other.Serial = worker.Serial) with
                | Some again ->
                    again.Back()
                    changed again.Serial
                | None -> known <- known @ [ Known worker ]

                rivals <- []
        | Remove index ->
            let struct (next, said) = WorkerPool.remove (address index) pool
            pool <- next

            match listed (address index) with
            | Some worker ->
                Expect.equal said Removed "it was there"
                worker.Left <- true
                rivals <- []
            | None -> Expect.equal said NotThere "it was not"
        | Drain index ->
            let struct (next, said) = PoolRest.drain (address index) pool
            pool <- next

            match listed (address index) with
            | Some worker ->
                Expect.equal said (if worker.Rests then AlreadyResting else Rested) "drained once"

                if said = Rested then
                    worker.Rests <- true
                    worker.Out <- ValueNone
                    changed worker.Serial
                    rivals <- []
            | None -> Expect.equal said NotThere "it is not on the list"
        | Resume index ->
            let struct (next, said) = PoolRest.resume (address index) pool
            pool <- next

            match listed (address index) with
            | Some worker ->
                Expect.equal said (if worker.Rests then Resumed else NotResting) "resumed once"

                if said = Resumed then
                    worker.Back()
                    changed worker.Serial
                    rivals <- []
            | None -> Expect.equal said NotThere "it is not on the list"
        | Pick(tried, chance) -> take (tried |> List.map address |> Set.ofList) (float chance / 255.0)
        | Check index ->
            let struct (next, turn) = PoolChecks.start now (address index) pool
            pool <- next

            match turn with
            | ValueSome turn -> begin' turn
            | ValueNone ->
                match listed (address index) with
                | Some worker -> Expect.isTrue (probed worker.Serial) "only a probe keeps a check away"
                | None -> ()
        | Succeed index ->
            ended (int index)
            |> ValueOption.iter (fun turn -> succeeded turn.Turn turn.Probe turn.Stale)
        | Fail(index, jitter) ->
            ended (int index)
            |> ValueOption.iter (fun turn -> failed turn.Turn turn.Probe turn.Stale (float jitter / 255.0))
        | Abandon index ->
            ended (int index)
            |> ValueOption.iter (fun turn -> pool <- PoolOutcomes.abandoned turn.Turn pool)
        | Wait tenths -> now <- now + TimeSpan.FromSeconds(float tenths / 10.0)

    let agree () =
        let there =
            known |> List.filter (fun worker -> not worker.Left) |> List.map _.Address

        Expect.equal (Set.ofList (WorkerPool.addresses pool)) (Set.ofList there) "who is on the list"
        Expect.equal (WorkerPool.addresses pool).Length there.Length "everyone once"

        for worker in WorkerPool.workers pool do
            let model = find worker.Serial
            Expect.equal worker.InFlight (users worker.Serial).Length "in flight"
            Expect.isLessThanOrEqual worker.InFlight policy.InFlight "the limit in flight"
            Expect.equal worker.Uses model.Uses "uses"
            Expect.equal worker.Failures model.Failures "failures"
            Expect.equal (worker.Phase = Leaving) model.Left "leaving"

            if not model.Left then
                Expect.equal (worker.Phase = Resting) model.Rests "rests"
                Expect.equal (worker.Phase = InRotation) (model.Out.IsNone && not model.Rests) "in the rotation"

    member _.Run commands =
        for command in commands do
            apply command
            agree ()

        // In the end every turn comes back, and no place stays taken.
        while not turns.IsEmpty do
            apply (Abandon 0uy)

        for worker in WorkerPool.workers pool do
            Expect.equal worker.InFlight 0 "every place given back"
            Expect.isFalse worker.Phase.IsProbing "no probe without a turn"
            Expect.notEqual worker.Phase Leaving "nobody leaves for ever"
