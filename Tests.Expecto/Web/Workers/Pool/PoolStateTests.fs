/// The pool's policy against a model, in any order of events.
module Tests.Expecto.Web.PoolStateTests

open System
open Expecto
open Web.Giraffe
open Tests.Expecto.Web.PoolStateCommands

let private config =
    { FsCheckConfig.defaultConfig with
        maxTest = 2_000
        endSize = 150
    }

let private pickAt now tried pool =
    match PoolState.pick now 0.0 tried pool with
    | struct (pool, Chosen lease) -> lease, pool
    | struct (_, picked) -> failtest $"{picked}"

let private pick tried pool = pickAt TimeSpan.Zero tried pool

let private failed now lease pool =
    let struct (next, _) = PoolOutcomes.failed now 0.0 lease "cut" pool
    next

let private succeeded now lease pool =
    let struct (next, _) = PoolOutcomes.succeeded now lease pool
    next

let private by balancing inFlight =
    policy balancing OnFailure.Eject inFlight

let private roundRobin = by LoadBalancingPolicy.RoundRobin

/// The workers to check at this second, at an interval of 10 s.
let private due (seconds: float) pool =
    PoolChecks.due (TimeSpan.FromSeconds seconds) (TimeSpan.FromSeconds 10.0) pool

/// How often each of five workers is chosen, of 5,000 requests of which at most `under` run at a time.
let private shares balancing under =
    let random = Random 1
    let mutable pool = withWorkers (by balancing 1000) 5
    let running = Collections.Generic.Queue<Lease>()

    for _ in 1..5_000 do
        match PoolState.pick TimeSpan.Zero (random.NextDouble()) Set.empty pool with
        | struct (next, Chosen lease) ->
            pool <- next
            running.Enqueue lease
        | struct (_, picked) -> failtest $"{picked}"

        if running.Count >= under then
            pool <- succeeded TimeSpan.Zero (running.Dequeue()) pool

    PoolState.workers pool |> Array.map _.Uses

let tests =
    testList
        "PoolState"
        [
            for balancing in LoadBalancingPolicy.All do
                for onFailure in [ OnFailure.Eject; OnFailure.Remove ] do
                    for inFlight in [ 1; 2; 1000 ] do
                        testPropertyWithConfig
                            config
                            $"any order of events agrees with the model ({balancing}, {onFailure}, {inFlight} in flight)"
                        <| fun (commands: Command list) ->
                            PoolStateTrial.run
                                (policy balancing onFailure inFlight)
                                (Add 0uy :: Add 1uy :: Add 2uy :: commands)

            test "equal workers get equal shares: exact by round robin, within a tenth by chance" {
                for under in [ 1; 7; 40 ] do
                    for balancing in [ LoadBalancingPolicy.RoundRobin; LoadBalancingPolicy.LeastInFlight ] do
                        Expect.equal (shares balancing under) (Array.create 5 1_000L) $"{balancing}, {under} at a time"

                    for share in shares LoadBalancingPolicy.PowerOfTwoChoices under do
                        Expect.isLessThan (abs (float share - 1_000.0)) 100.0 $"two choices, {under} at a time"
            }

            test "a slow worker gets few requests, except by round robin, which fills its slots" {
                let share balancing =
                    let random = Random 2
                    let mutable pool = withWorkers (by balancing 1000) 3
                    let slow = ResizeArray<Lease>()

                    // The first worker answers a request after every tenth of the others'.
                    for number in 1..3_000 do
                        match PoolState.pick TimeSpan.Zero (random.NextDouble()) Set.empty pool with
                        | struct (next, Chosen lease) when lease.Address = address 0uy ->
                            pool <- next
                            slow.Add lease
                        | struct (next, Chosen lease) -> pool <- succeeded TimeSpan.Zero lease next
                        | struct (_, picked) -> failtest $"{picked}"

                        if number % 10 = 0 && slow.Count > 0 then
                            pool <- succeeded TimeSpan.Zero slow[0] pool
                            slow.RemoveAt 0

                    (PoolState.workers pool |> Array.head).Uses

                Expect.equal (share LoadBalancingPolicy.RoundRobin) 1_000L "a third of all"
                Expect.isLessThan (share LoadBalancingPolicy.LeastInFlight) 400L "hardly more than it answers"
                Expect.isLessThan (share LoadBalancingPolicy.PowerOfTwoChoices) 400L "hardly more than it answers"
            }

            test "a retried request is a probe only if no other worker is left" {
                let first, pool = pick Set.empty (withWorkers (roundRobin 8) 2)
                let pool = failed TimeSpan.Zero first pool
                let later = TimeSpan.FromMinutes 1.0

                let next tried =
                    (fst (pickAt later (Set.singleton tried) pool)).Address

                Expect.equal (next (WorkerAddress.withoutTls "elsewhere" 1)) (address 1uy) "the one in the rotation"
                Expect.equal (next (address 1uy)) (address 0uy) "the one that is due"
            }

            test "while no worker is active, ejected ones are checked every second" {
                let lease, pool = pick Set.empty (withWorkers (roundRobin 8) 1)
                let pool = failed TimeSpan.Zero lease pool
                let struct (pool, check) = PoolChecks.start TimeSpan.Zero (address 0uy) pool
                let pool = failed TimeSpan.Zero check.Value pool
                Expect.isEmpty (due 0.5 pool) "not yet"
                Expect.equal (due 1.0 pool) [ address 0uy ] "after a second"
                let struct (pool, _) = PoolState.add (address 1uy) pool
                Expect.equal (due 1.0 pool) [ address 1uy ] "the new one, which was never checked"
                Expect.equal (due 5.0 pool) [ address 0uy; address 1uy ] "when its retry is due"
            }

            test "a drained worker is not checked automatically, and a check does not resume it" {
                let struct (pool, reported) =
                    PoolDrain.drain (address 0uy) (withWorkers (roundRobin 8) 1)

                Expect.equal reported DrainStarted "drained"
                Expect.isEmpty (PoolChecks.due (TimeSpan.FromHours 1.0) TimeSpan.Zero pool) "not checked"
                let struct (pool, check) = PoolChecks.start TimeSpan.Zero (address 0uy) pool

                let struct (pool, verdict) =
                    PoolOutcomes.failed TimeSpan.Zero 0.0 check.Value "cut" pool

                Expect.equal verdict Unchanged "no ejection"
                let worker = (PoolState.workers pool)[0]
                Expect.equal (worker.LastError, worker.Failures) (ValueSome "cut", 0L) "its error is reported"
                let struct (pool, check) = PoolChecks.start TimeSpan.Zero (address 0uy) pool
                let pool = succeeded TimeSpan.Zero check.Value pool
                let worker = (PoolState.workers pool)[0]
                Expect.equal worker.Phase Phase.Drained "still drained"
            }

            test "the median is of the last thirty-one users' exchanges, without checks" {
                let row pool =
                    (PoolReport.rows DateTimeOffset.UnixEpoch TimeSpan.Zero pool)[0]

                let exchange (pool: PoolState) (milliseconds: float) =
                    let lease, pool = pick Set.empty pool
                    succeeded (TimeSpan.FromMilliseconds milliseconds) lease pool

                let struct (pool, check) =
                    PoolChecks.start TimeSpan.Zero (address 0uy) (withWorkers (roundRobin 8) 1)

                let pool = succeeded (TimeSpan.FromHours 1.0) check.Value pool
                Expect.equal (row pool).Median None "no user yet"
                let pool = List.fold exchange pool [ 9000.0; 10.0; 40.0 ]
                Expect.equal (row pool).Median (Some(TimeSpan.FromMilliseconds 40.0)) "the middle one"
                let pool = List.fold exchange pool [ for _ in 1..31 -> 7.0 ]
                Expect.equal (row pool).Median (Some(TimeSpan.FromMilliseconds 7.0)) "the old ones are forgotten"
            }

            test "the report names the next worker" {
                let next pool =
                    PoolReport.rows DateTimeOffset.UnixEpoch TimeSpan.Zero pool
                    |> Array.filter _.IsNext
                    |> Array.map _.Address

                let _, pool = pick Set.empty (withWorkers (roundRobin 1) 3)
                Expect.equal (next pool) [| address 1uy |] "the second one"
                let struct (pool, _) = PoolDrain.drain (address 1uy) pool
                Expect.equal (next pool) [| address 2uy |] "not the drained one"
                let _, pool = pick Set.empty pool
                Expect.isEmpty (next pool) "none: the others are full"
            }

            test "a worker that just answered a user is not checked" {
                let lease, pool = pick Set.empty (withWorkers (roundRobin 8) 1)
                let pool = succeeded (TimeSpan.FromSeconds 1.0) lease pool

                Expect.isEmpty (due 10.9 pool) "within the interval"
                Expect.equal (due 11.0 pool) [ address 0uy ] "after it"
            }
        ]
