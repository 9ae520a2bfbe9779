/// The pool's policy against a model: any order of what can happen to it.
module Tests.Expecto.Web.WorkerPoolTests

open System
open Expecto
open Web.Giraffe

type Command =
    | Add of byte
    | Remove of byte
    /// The request has been to these workers already.
    | Pick of tried: byte list
    | Check of byte
    /// The nth of the turns that are under way.
    | Succeed of byte
    | Fail of turn: byte * jitter: byte
    | Abandon of byte
    | Wait of tenths: byte

let private policy onFailure inFlight =
    {
        InFlight = inFlight
        FirstRetry = TimeSpan.FromSeconds 5.0
        LongestRetry = TimeSpan.FromSeconds 40.0
        OnFailure = onFailure
    }

let private address (index: byte) =
    {
        Host = "worker"
        Port = 1 + int index % 5
    }

/// What the model knows of a worker, from what it was told and nothing else.
type private Known =
    {
        Address: WorkerAddress
        Serial: int64
        mutable Out: TimeSpan voption
        mutable Left: bool
        mutable Streak: int
        mutable Uses: int64
        mutable Failures: int64
        /// Turns since the set of those that could have had them last changed.
        mutable Fair: int
    }

type private Model(policy: PoolPolicy) =
    let mutable pool = WorkerPool.empty policy
    let mutable now = TimeSpan.Zero
    let mutable known: Known list = []
    // The turn, whether it is a probe, and whether the worker has changed its phase since.
    let mutable turns
        : {|
            Turn: Turn
            Probe: bool
            Stale: bool ref
        |} list =
        []

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
        |> List.exists (fun turn -> turn.Turn.Serial = serial && turn.Probe && not turn.Stale.Value)

    let changed serial =
        for turn in turns do
            if turn.Turn.Serial = serial then
                turn.Stale.Value <- true

    let suits (worker: Known) =
        not worker.Left
        && (users worker.Serial).Length < policy.InFlight
        && match worker.Out with
           | ValueNone -> true
           | ValueSome retryAt -> retryAt <= now && not (probed worker.Serial)

    let begin' (turn: Turn) =
        let worker = find turn.Serial
        Expect.isFalse worker.Left "a worker that was removed gets nothing"

        if worker.Out.IsSome then
            Expect.isFalse (probed turn.Serial) "one probe at a time"
            changed turn.Serial

        turns <-
            turns
            @ [
                {|
                    Turn = turn
                    Probe = worker.Out.IsSome
                    Stale = ref false
                |}
            ]

    let take (tried: Set<WorkerAddress>) =
        let candidates =
            known
            |> List.filter (fun worker -> suits worker && not (tried.Contains worker.Address))

        let struct (next, picked) = WorkerPool.pick now tried pool
        pool <- next

        match picked with
        | Chosen turn ->
            let worker = find turn.Serial
            Expect.contains candidates worker "only who is in the rotation with room, or due"
            Expect.isFalse turn.IsCheck "a request"
            worker.Uses <- worker.Uses + 1L
            let could = candidates |> List.map _.Serial

            if could <> rivals || not tried.IsEmpty then
                known |> List.iter (fun worker -> worker.Fair <- 0)

            worker.Fair <- worker.Fair + 1
            rivals <- if tried.IsEmpty then could else []
            begin' turn

            if tried.IsEmpty then
                let turns = candidates |> List.map _.Fair
                Expect.isLessThanOrEqual (List.max turns - List.min turns) 1 "round robin to within one"
        | Busy ->
            Expect.isEmpty candidates "nobody could have had it"

            let hope (worker: Known) =
                not worker.Left
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
        let struct (next, verdict) = WorkerPool.failed now jitter turn "cut" pool
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
            Expect.isTrue (stale || worker.Left || spared) "a failure that is the worker's counts"
        | BroughtBack -> failtest "a failure brings nobody back"

    let succeeded (turn: Turn) probe stale =
        let worker = find turn.Serial
        let struct (next, verdict) = WorkerPool.succeeded now turn pool
        pool <- next
        let back = probe && not stale && not worker.Left
        Expect.equal verdict (if back then BroughtBack else Unchanged) "only a probe brings it back"

        if back then
            worker.Out <- ValueNone
            worker.Streak <- 0
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
                    again.Left <- false
                    again.Out <- ValueNone
                    again.Streak <- 0
                    changed again.Serial
                | None ->
                    known <-
                        known
                        @ [
                            {
                                Address = worker.Address
                                Serial = worker.Serial
                                Out = ValueNone
                                Left = false
                                Streak = 0
                                Uses = 0L
                                Failures = 0L
                                Fair = 0
                            }
                        ]

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
        | Pick tried -> tried |> List.map address |> Set.ofList |> take
        | Check index ->
            let struct (next, turn) = WorkerPool.beginCheck now (address index) pool
            pool <- next

            match turn with
            | ValueSome turn -> begin' turn
            | ValueNone ->
                match listed (address index) with
                | Some worker -> Expect.isTrue (probed worker.Serial) "only a probe keeps a check away"
                | None -> ()
        | Succeed index ->
            ended (int index)
            |> ValueOption.iter (fun turn -> succeeded turn.Turn turn.Probe turn.Stale.Value)
        | Fail(index, jitter) ->
            ended (int index)
            |> ValueOption.iter (fun turn -> failed turn.Turn turn.Probe turn.Stale.Value (float jitter / 255.0))
        | Abandon index ->
            ended (int index)
            |> ValueOption.iter (fun turn -> pool <- WorkerPool.abandoned turn.Turn pool)
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
                Expect.equal (worker.Phase = InRotation) model.Out.IsNone "in the rotation"

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

let private config =
    { FsCheckConfig.defaultConfig with
        maxTest = 2_000
        endSize = 150
    }

let private pick tried pool =
    match WorkerPool.pick TimeSpan.Zero tried pool with
    | struct (pool, Chosen turn) -> turn, pool
    | struct (_, picked) -> failtest $"{picked}"

let private withWorkers count inFlight =
    (WorkerPool.empty (policy OnFailure.Eject inFlight), [ 0uy .. byte (count - 1) ])
    ||> List.fold (fun pool index ->
        let struct (pool, _) = WorkerPool.add (address index) pool
        pool)

let tests =
    testList
        "WorkerPool"
        [
            for onFailure in [ OnFailure.Eject; OnFailure.Remove ] do
                for inFlight in [ 1; 2; 1000 ] do
                    testPropertyWithConfig
                        config
                        $"any order of events agrees with the model ({onFailure}, {inFlight} in flight)"
                    <| fun (commands: Command list) ->
                        Model(policy onFailure inFlight).Run(Add 0uy :: Add 1uy :: Add 2uy :: commands)

            test "five picks of three workers are shared 2-2-1" {
                let mutable pool = withWorkers 3 8

                for _ in 1..5 do
                    pool <- snd (pick Set.empty pool)

                let uses = WorkerPool.workers pool |> Array.map _.Uses
                Expect.equal uses [| 2L; 2L; 1L |] "uses"
            }

            test "a request that has failed is a probe only where nothing else is left" {
                let first, pool = pick Set.empty (withWorkers 2 8)
                let struct (pool, _) = WorkerPool.failed TimeSpan.Zero 0.0 first "cut" pool
                let later = TimeSpan.FromMinutes 1.0
                let other = Set.singleton { Host = "elsewhere"; Port = 1 }

                match WorkerPool.pick later other pool with
                | struct (_, Chosen turn) -> Expect.equal turn.Address (address 1uy) "the one in the rotation"
                | struct (_, picked) -> failtest $"{picked}"

                match WorkerPool.pick later (Set.singleton (address 1uy)) pool with
                | struct (_, Chosen turn) -> Expect.equal turn.Address (address 0uy) "the one that is due"
                | struct (_, picked) -> failtest $"{picked}"
            }

            test "while nobody is in the rotation, those that are out are checked every second" {
                let interval = TimeSpan.FromSeconds 10.0
                let turn, pool = pick Set.empty (withWorkers 1 8)
                let struct (pool, _) = WorkerPool.failed TimeSpan.Zero 0.0 turn "cut" pool
                let struct (pool, check) = WorkerPool.beginCheck TimeSpan.Zero (address 0uy) pool
                let struct (pool, _) = WorkerPool.failed TimeSpan.Zero 0.0 check.Value "cut" pool

                let due (seconds: float) =
                    WorkerPool.toCheck (TimeSpan.FromSeconds seconds) interval pool

                Expect.isEmpty (due 0.5) "not yet"
                Expect.equal (due 1.0) [ address 0uy ] "after a second"

                let struct (pool, _) = WorkerPool.add (address 1uy) pool

                let due (seconds: float) =
                    WorkerPool.toCheck (TimeSpan.FromSeconds seconds) interval pool

                Expect.equal (due 1.0) [ address 1uy ] "the new one, which nobody has asked yet"
                Expect.equal (due 5.0) [ address 0uy; address 1uy ] "when its time has come"
            }

            test "a worker that just answered a user is not checked" {
                let turn, pool = pick Set.empty (withWorkers 1 8)
                let struct (pool, _) = WorkerPool.succeeded (TimeSpan.FromSeconds 1.0) turn pool

                let due (seconds: float) =
                    WorkerPool.toCheck (TimeSpan.FromSeconds seconds) (TimeSpan.FromSeconds 10.0) pool

                Expect.isEmpty (due 10.9) "within the interval"
                Expect.equal (due 11.0) [ address 0uy ] "after it"
            }
        ]
