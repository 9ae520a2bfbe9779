/// Busy answers, refusals and impossible answers: they don't prove that a worker is healthy, and count at some point.
module Tests.Expecto.Web.WorkerRepliesTests

open System
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Protocol.Core
open Web.Giraffe
open Tests.Expecto.Web.PoolStateCommands

let private seconds (value: float) = TimeSpan.FromSeconds value

let private worker index (pool: PoolState) =
    PoolState.workers pool
    |> Array.find (fun worker -> worker.Address = address index)

/// Two workers, 0 and 1.
let private two =
    withWorkers (policy LoadBalancingPolicy.RoundRobin OnFailure.Eject 8) 2

let private leaseOf index now pool =
    match PoolState.pick now 0.0 (Set.singleton (address (1uy - index))) pool with
    | struct (pool, Chosen lease) -> lease, pool
    | struct (_, picked) -> failtest $"{picked}"

let private busy now pool =
    let lease, pool = leaseOf 0uy now pool
    let struct (pool, verdict) = PoolOutcomes.busy now 0.0 lease "busy" pool
    verdict, pool

let private succeeds index now pool =
    let lease, pool = leaseOf index now pool
    let struct (pool, _) = PoolOutcomes.succeeded now lease pool
    pool

/// Worker 0 answers `count` times that it is busy, a tenth of `span` apart, while `other` happens to worker 1.
let private always count (span: TimeSpan) other =
    ((Unchanged, two), [ 0 .. count - 1 ])
    ||> List.fold (fun (_, pool) number ->
        let now = span * (float number / float (count - 1))
        busy now (other now pool))

let tests =
    testList
        "Worker replies"
        [
            test "a worker that is always busy while another succeeds is ejected" {
                let verdict, pool = always 8 (seconds 10.0) (succeeds 1uy)
                Expect.isTrue verdict.IsWasEjected $"{verdict}"
                Expect.isTrue (worker 0uy pool).Phase.IsEjected "ejected"
                Expect.equal (worker 0uy pool).InFlight 0 "its slot is free"
                Expect.equal (worker 0uy pool).Failures 1L "a failure"
            }

            test
                "a busy worker is not ejected after fewer answers, within a shorter time or while no other worker succeeds" {
                let stays name (verdict: HealthTransition, pool) =
                    Expect.equal verdict Unchanged name
                    Expect.equal (worker 0uy pool).Phase InRotation name

                always 7 (seconds 60.0) (succeeds 1uy) |> stays "seven answers"
                always 100 (seconds 9.9) (succeeds 1uy) |> stays "9.9 s"
                always 100 (seconds 60.0) (fun _ pool -> pool) |> stays "all are busy"

                always 100 (seconds 60.0) (fun now pool -> succeeds 0uy now (succeeds 1uy now pool))
                |> stays "it succeeds"
            }

            test "a busy answer to a probe restores a worker, unless it was ejected for being busy" {
                let _, pool = always 8 (seconds 10.0) (succeeds 1uy)
                let later = seconds 100.0
                let verdict, pool = busy later (succeeds 1uy later pool)
                Expect.isTrue verdict.IsStillEjected $"{verdict}"
                Expect.equal (worker 0uy pool).ConsecutiveFailures 2 "the wait doubles"

                let lease, pool = leaseOf 0uy TimeSpan.Zero two
                let struct (pool, _) = PoolOutcomes.failed TimeSpan.Zero 0.0 lease "cut" pool
                let verdict, pool = busy later pool
                Expect.equal verdict Restored "it is healthy"
                Expect.equal (worker 0uy pool).BusyAnswers 1 "the first in a row"
            }

            test "a refused picture is no success: the health check stays due, and a probe does not restore the worker" {
                let due now pool =
                    PoolChecks.due (seconds now) (seconds 10.0) pool |> List.contains (address 0uy)

                let lease, pool = leaseOf 0uy (seconds 9.0) (succeeds 0uy TimeSpan.Zero two)
                let struct (pool, _) = PoolOutcomes.refused (seconds 9.0) lease pool
                Expect.equal (worker 0uy pool).InFlight 0 "its slot is free"
                Expect.isFalse (due 9.9 pool) "not yet"
                Expect.isTrue (due 10.0 pool) "as without the request"

                let lease, pool = leaseOf 0uy (seconds 10.0) pool
                let struct (pool, _) = PoolOutcomes.failed (seconds 10.0) 0.0 lease "cut" pool
                let lease, pool = leaseOf 0uy (seconds 20.0) pool
                let struct (pool, _) = PoolOutcomes.refused (seconds 20.0) lease pool
                Expect.equal (worker 0uy pool).Phase (Phase.Ejected(seconds 25.0)) "ejected for the first wait again"
            }

            testTask "a worker that is always busy costs retries for some seconds only" {
                use stuck = new TestWorker(Refuses(Refusal.create "Busy" ""))
                use good = TestWorker.good ()
                let time = FakeTimeProvider()

                let service =
                    WorkersUnderTest(WorkersUnderTest.settings, time, [ stuck.Address; good.Address ])

                for _ in 1..20 do
                    let! result = service.Classify()
                    Expect.isOk result "answered by the other one"
                    time.Advance(seconds 1.0)

                Expect.isTrue (service.Row stuck.Address).State.IsEjected "ejected"
                Expect.isGreaterThan (service.Row stuck.Address).Failures 0L "counted"
                Expect.stringContains (service.Row stuck.Address).LastError.Value "busy" "and why"
                Expect.equal (service.Row good.Address).State Active "the other one stays"
            }

            testTask "a worker that refuses the health checks' picture, which another recognized, is ejected" {
                use refusing = new TestWorker(CantDecode)
                use good = TestWorker.good ()

                use checks =
                    new CheckedWorkers(WorkersUnderTest.settings, [ refusing.Address; good.Address ])

                let! first = checks.Probe refusing.Address
                Expect.isTrue first.IsAnswers "the picture may be bad"
                let! other = checks.Probe good.Address
                Expect.isTrue other.IsAnswers "the picture is good"
                let! second = checks.Probe refusing.Address
                Expect.isTrue second.IsFails "so this is a failure"
                Expect.isTrue (checks.State refusing.Address).IsEjected "ejected"
            }

            testTask "a worker that refuses every user's picture is found by the health checks" {
                use refusing = new TestWorker(CantDecode)
                use good = TestWorker.good ()

                use checks =
                    new CheckedWorkers(WorkersUnderTest.settings, [ refusing.Address; good.Address ])

                let! _ = checks.Probe good.Address

                for _ in 1..12 do
                    let! _ = checks.Service.Classify()
                    checks.Time.Advance(seconds 1.0)

                let due = checks.Service.List.LeaseDueChecks(seconds 10.0) |> List.map _.Address

                Expect.equal due [ refusing.Address ] "only this one has succeeded at nothing for 10 s"
            }

            testTask "an impossible answer is the worker's failure, and the request goes to the next worker" {
                let named count name probability =
                    [|
                        for index in 1..count ->
                            {
                                Label = name index
                                Probability = probability
                            }
                    |]

                let impossible =
                    [
                        "9,000 classes", named 9_000 (sprintf "class %d") 1e-4
                        "no class", [||]
                        "ascending", [| { Label = "a"; Probability = 0.1 }; { Label = "b"; Probability = 0.2 } |]
                        "probabilities above 1 in total", named 2 (sprintf "class %d") 0.9
                        "one name", named 3 (fun _ -> "a") 0.1
                        "a long name", named 1 (fun _ -> String('x', 100_000)) 0.1
                    ]

                for name, predictions in impossible do
                    use lyingWorker =
                        new TestWorker(Recognizes(fun _ _ -> Recognition.ofPredictions predictions))

                    use good = TestWorker.good ()
                    let service = WorkersUnderTest.start [ lyingWorker.Address; good.Address ]
                    let! result = service.Classify()
                    Expect.equal (Expect.wantOk result name).Worker good.Address name
                    Expect.isTrue (service.Row lyingWorker.Address).State.IsEjected $"{name}: ejected"
                    Expect.equal (service.Row lyingWorker.Address).Failures 1L $"{name}: counted"
            }
        ]
