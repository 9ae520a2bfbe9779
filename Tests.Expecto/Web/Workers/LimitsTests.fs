/// What bounds a request, and all of them together: places, queue, attempts, retries, time.
module Tests.Expecto.Web.LimitsTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Web.Giraffe

let private inFlight count (settings: WorkersSettings) =
    { settings with
        Policy.InFlight = count
    }

let tests =
    testList
        "Limits"
        [
            testTask "forty concurrent requests to a dead worker eject it once" {
                for _ in 1..10 do
                    use dying = new TestWorker(DiesBefore 2)
                    use good = TestWorker.good ()

                    let engine =
                        WorkersUnderTest.startWith (inFlight 40) [ dying.Address; good.Address ]

                    let! _ = engine.ClassifyMany 40
                    Expect.equal (engine.Ejections).Length 1 "logged once"
                    Expect.equal (engine.Row dying.Address).Failures 1L "counted once"
            }

            testTask "a request is sent to three workers at most, not counting failed connections" {
                use a = new TestWorker(DiesBefore 1)
                use b = new TestWorker(DiesBefore 1)
                use c = new TestWorker(DiesBefore 1)
                use d = TestWorker.good ()
                let dead = [ for _ in 1..4 -> TestWorker.deadAddress () ]
                let engine = WorkersUnderTest.start (dead @ TestWorker.addresses [ a; b; c; d ])
                let! result = engine.Classify()
                Expect.equal result (Error NoActiveWorker) "given up"
                Expect.equal d.Accepted 0 "the fourth was not asked"
                let! result = engine.Classify()
                Expect.equal (Expect.wantOk result "answered").Worker d.Address "the next request is"
            }

            testTask "a worker that dies with many requests costs none of them: they wait for a second attempt" {
                let mutable most = 0

                // How many of the forty it has when it dies is the scheduler's to say.
                for _ in 1..5 do
                    use dying = new TestWorker(DiesBefore 2)
                    use good = TestWorker.slow 20.0

                    let engine =
                        WorkersUnderTest.startWith (inFlight 40) [ dying.Address; good.Address ]

                    let! results = engine.ClassifyMany 40
                    Expect.all results _.IsOk "all answered"

                    let second =
                        results
                        |> Array.filter (fun result -> (Expect.wantOk result "answered").Attempts = 2)
                        |> Array.length

                    most <- max most second

                Expect.isGreaterThan most 8 "more at once than a fifth of them, and than three"
            }

            testTask "one of two workers may die at any step of a single request without failing it" {
                use good = TestWorker.good ()

                for message in 0..2 do
                    for _ in 1..5 do
                        use dying = new TestWorker(DiesBefore message)
                        let engine = WorkersUnderTest.start [ dying.Address; good.Address ]

                        for _ in 1..3 do
                            let! result = engine.Classify()

                            Expect.equal
                                (Expect.wantOk result "answered").Worker
                                good.Address
                                $"dies before message {message}"
            }

            testTask "second attempts are limited to three at a time, and those beyond the queue are refused" {
                let dying = [ for _ in 1..9 -> new TestWorker(DiesBefore 2) ]
                use slow = TestWorker.slow 150.0

                let engine =
                    WorkersUnderTest.startWith
                        (fun settings -> { inFlight 40 settings with Queue = 2 })
                        (TestWorker.addresses dying)

                // The nine have them before the good one is there.
                let asking = engine.ClassifyMany 9
                (engine.List :> IWorkerList).Add slow.Address |> ignore
                let! results = asking
                Expect.isLessThanOrEqual slow.MaxConcurrent 3 "second tries at one time"

                for result in results do
                    match result with
                    | Error(Overloaded wait) -> Expect.isGreaterThan wait TimeSpan.Zero "when to come again"
                    | Error NoActiveWorker
                    | Ok _ -> ()
                    | Error other -> failtest $"{other}"

                Expect.exists results (fun result -> result = Error(Overloaded(TimeSpan.FromSeconds 1.0))) "turned away"

                for worker in dying do
                    (worker :> IDisposable).Dispose()
            }

            testTask "requests beyond a worker's slots wait, and those beyond the queue are refused at once" {
                use worker = TestWorker.slow 100.0

                let engine =
                    WorkersUnderTest.startWith
                        (fun settings ->
                            { settings with
                                Queue = 3
                                Policy.InFlight = 2
                            })
                        [ worker.Address ]

                let asking = [ for _ in 1..6 -> engine.Classify() ]
                let! first = Task.WhenAny(List.rev asking)
                Expect.equal first asking[5] "the sixth before all others"
                let! turnedAway = first
                Expect.equal turnedAway (Error(Overloaded(TimeSpan.FromSeconds 1.0))) "the sixth"
                let! results = Task.WhenAll(List.take 5 asking)
                Expect.all results _.IsOk "the others"
                Expect.equal worker.MaxConcurrent 2 "never more than two at a time"
            }

            testTask "queued requests end when the last worker is removed" {
                use worker = new TestWorker(Silent)

                let engine = WorkersUnderTest.startWith (inFlight 1) [ worker.Address ]

                let! results = engine.ClassifyMany 3
                Expect.all results (fun result -> result = Error NoActiveWorker) "no active worker"
                Expect.equal worker.Accepted 1 "only the first was sent"
            }

            testTask "a cancelled request leaves the queue" {
                use worker = TestWorker.slow 200.0

                let engine = WorkersUnderTest.startWith (inFlight 1) [ worker.Address ]

                let first = engine.Classify()
                use gone = new CancellationTokenSource(50)
                let waiting = engine.Classify([| 1uy |], gone.Token)
                let! _ = Task.WhenAny waiting
                Expect.isTrue waiting.IsCanceled "cancelled"
                let! first = first
                Expect.isOk first "the first"
                Expect.equal (engine.Row worker.Address).Uses 1L "the worker saw one"
                let! next = engine.Classify()
                Expect.isOk next "its place is free"
            }

            testTask "a request's deadline is not the worker's failure" {
                use worker = TestWorker.slow 5_000.0

                let engine =
                    WorkersUnderTest.startWith
                        (fun settings ->
                            { settings with
                                Request = TimeSpan.FromSeconds 0.2
                            })
                        [ worker.Address ]

                let! result = engine.Classify()
                Expect.equal result (Error OutOfTime) "out of time"
                Expect.equal (engine.Row worker.Address).State Active "still active"
            }

            testTask "the first and the second attempt have no more time than is left of the request" {
                for first in [ Silent; DiesBefore 2 ] do
                    use a = new TestWorker(first)
                    use b = new TestWorker(Silent)

                    let patient (settings: WorkersSettings) =
                        { settings with
                            Request = TimeSpan.FromSeconds 1.0
                            Client.Silence = TimeSpan.FromMinutes 10.0
                            Client.Exchange = TimeSpan.FromMinutes 10.0
                        }

                    let engine = WorkersUnderTest.startWith patient [ a.Address; b.Address ]
                    let! result = engine.Classify().WaitAsync(TimeSpan.FromSeconds 30.0)
                    Expect.equal result (Error OutOfTime) $"{first}"
                    let last = if first.IsSilent then a else b
                    Expect.equal (engine.Row last.Address).State Active "and that is not the worker's failure"
            }
        ]
