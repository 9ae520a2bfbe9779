/// Replies that leave a user without an answer: they are no proof that a worker works, and count at some point.
module Tests.Expecto.Web.WorkerRepliesTests

open System
open System.Threading
open System.Threading.Tasks
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
    (PoolState.empty (policy LoadBalancingPolicy.RoundRobin OnFailure.Eject 8), [ 0uy; 1uy ])
    ||> List.fold (fun pool index ->
        let struct (pool, _) = PoolState.add (address index) pool
        pool)

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

/// Worker 0 answers `count` times that it is busy, a tenth of `span` apart, while worker 1 does what `other` says.
let private always count (span: TimeSpan) other =
    ((Unchanged, two), [ 0 .. count - 1 ])
    ||> List.fold (fun (_, pool) number ->
        let now = span * (float number / float (count - 1))
        busy now (other now pool))

let private checks change workers body =
    task {
        let settings = change WorkersUnderTest.settings
        let time = FakeTimeProvider()
        let engine = WorkersUnderTest(settings, time, workers)

        use checks = engine.Checks()
        do! body engine time (fun address -> (checks :> IWorkerProbe).Probe(address, CancellationToken.None))
    }

let tests =
    testList
        "Worker replies"
        [
            test "a worker that is always busy while another succeeds is ejected" {
                let verdict, pool = always 8 (seconds 10.0) (succeeds 1uy)
                Expect.isTrue verdict.IsWasEjected $"{verdict}"
                Expect.isTrue (worker 0uy pool).Phase.IsEjected "out"
                Expect.equal (worker 0uy pool).InFlight 0 "its slot is free"
                Expect.equal (worker 0uy pool).Failures 1L "a failure"
            }

            test "a busy worker is not ejected after fewer answers, within a shorter time or while nobody else succeeds" {
                let stays name (verdict: HealthTransition, pool) =
                    Expect.equal verdict Unchanged name
                    Expect.equal (worker 0uy pool).Phase InRotation name

                always 7 (seconds 60.0) (succeeds 1uy) |> stays "seven answers"
                always 100 (seconds 9.9) (succeeds 1uy) |> stays "9.9 s"
                always 100 (seconds 60.0) (fun _ pool -> pool) |> stays "all are busy"

                always 100 (seconds 60.0) (fun now pool -> succeeds 0uy now (succeeds 1uy now pool))
                |> stays "it succeeds"
            }

            test "a busy answer to a probe brings a worker back, unless it was ejected for being busy" {
                let _, pool = always 8 (seconds 10.0) (succeeds 1uy)
                let later = seconds 100.0
                let verdict, pool = busy later (succeeds 1uy later pool)
                Expect.isTrue verdict.IsStillEjected $"{verdict}"
                Expect.equal (worker 0uy pool).ConsecutiveFailures 2 "the wait doubles"

                let lease, pool = leaseOf 0uy TimeSpan.Zero two
                let struct (pool, _) = PoolOutcomes.failed TimeSpan.Zero 0.0 lease "cut" pool
                let verdict, pool = busy later pool
                Expect.equal verdict Restored "it is alive"
                Expect.equal (worker 0uy pool).BusyAnswers 1 "and the row has begun"
            }

            test
                "a refused picture is no success: the health check stays due, and a probe does not bring the worker back" {
                let due now pool =
                    PoolChecks.due (seconds now) (seconds 10.0) pool |> List.contains (address 0uy)

                let lease, pool = leaseOf 0uy (seconds 9.0) (succeeds 0uy TimeSpan.Zero two)
                let pool = PoolOutcomes.refused (seconds 9.0) lease pool
                Expect.equal (worker 0uy pool).InFlight 0 "its slot is free"
                Expect.isFalse (due 9.9 pool) "not yet"
                Expect.isTrue (due 10.0 pool) "as if nobody had asked"

                let lease, pool = leaseOf 0uy (seconds 10.0) pool
                let struct (pool, _) = PoolOutcomes.failed (seconds 10.0) 0.0 lease "cut" pool
                let lease, pool = leaseOf 0uy (seconds 20.0) pool
                let pool = PoolOutcomes.refused (seconds 20.0) lease pool
                Expect.equal (worker 0uy pool).Phase (Ejected(seconds 25.0)) "out for the first wait again"
            }

            testTask "a worker that is always busy costs second attempts for some seconds only" {
                use stuck = new TestWorker(Refuses(Refusal.create "Busy" ""))
                use good = TestWorker.good ()
                let time = FakeTimeProvider()

                let engine =
                    WorkersUnderTest(WorkersUnderTest.settings, time, [ stuck.Address; good.Address ])

                for _ in 1..20 do
                    let! result = engine.Classify()
                    Expect.isOk result "answered by the other one"
                    time.Advance(seconds 1.0)

                Expect.isTrue (engine.Row stuck.Address).State.IsInactive "out"
                Expect.isGreaterThan (engine.Row stuck.Address).Failures 0L "counted"
                Expect.stringContains (engine.Row stuck.Address).LastError.Value "busy" "and why"
                Expect.equal (engine.Row good.Address).State Active "the other one stays"
            }

            testTask "a worker that refuses the health checks' picture, which another recognized, is ejected" {
                use refusing = new TestWorker(CantDecode)
                use good = TestWorker.good ()

                do!
                    checks id [ refusing.Address; good.Address ] (fun engine _ probe ->
                        task {
                            let! first = probe refusing.Address
                            Expect.isTrue first.IsAnswers "the picture may be bad"
                            let! other = probe good.Address
                            Expect.isTrue other.IsAnswers "it is a good one"
                            let! second = probe refusing.Address
                            Expect.isTrue second.IsFails "a failure then"
                            Expect.isTrue (engine.Row refusing.Address).State.IsInactive "out"
                        })
            }

            testTask "a worker that refuses every user's picture is found by the health checks" {
                use refusing = new TestWorker(CantDecode)
                use good = TestWorker.good ()

                do!
                    checks id [ refusing.Address; good.Address ] (fun engine time probe ->
                        task {
                            let! _ = probe good.Address

                            for _ in 1..12 do
                                let! _ = engine.Classify()
                                time.Advance(seconds 1.0)

                            let due = engine.List.LeaseDueChecks(seconds 10.0) |> List.map _.Address
                            Expect.equal due [ refusing.Address ] "it alone has shown nothing for 10 s"
                        })
            }

            testTask "an impossible answer is the worker's failure, and the next worker is asked" {
                let impossible: (string * Prediction list) list =
                    [
                        "9,000 classes",
                        [
                            for index in 1..9_000 ->
                                {
                                    Label = $"class {index}"
                                    Probability = 1e-4
                                }
                        ]
                        "no class", []
                        "ascending", [ { Label = "a"; Probability = 0.1 }; { Label = "b"; Probability = 0.2 } ]
                        "more than all", [ { Label = "a"; Probability = 0.9 }; { Label = "b"; Probability = 0.9 } ]
                        "one name", [ for _ in 1..3 -> { Label = "a"; Probability = 0.1 } ]
                        "a long name",
                        [
                            {
                                Label = String('x', 100_000)
                                Probability = 0.1
                            }
                        ]
                    ]

                for name, predictions in impossible do
                    let recognition = Recognition.ofPredictions (Array.ofList predictions)
                    use lyingWorker = new TestWorker(Recognizes(fun _ _ -> recognition))
                    use good = TestWorker.good ()
                    let engine = WorkersUnderTest.start [ lyingWorker.Address; good.Address ]
                    let! result = engine.Classify()

                    match result with
                    | Ok answer -> Expect.equal answer.Worker good.Address name
                    | Error reason -> failtest $"{name}: {reason}"

                    Expect.isTrue (engine.Row lyingWorker.Address).State.IsInactive $"{name}: out"
                    Expect.equal (engine.Row lyingWorker.Address).Failures 1L $"{name}: counted"
            }
        ]
