/// The limits of requests: slots, queue, attempts, retries, time.
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

/// Workers with so many slots each.
let private withSlots count workers =
    WorkersUnderTest.startWith (inFlight count) workers

let tests =
    testList
        "Limits"
        [
            testTask "forty concurrent requests to a dead worker eject it once" {
                for _ in 1..10 do
                    use dying = new TestWorker(DiesBefore 2)
                    use good = TestWorker.good ()

                    let service = withSlots 40 [ dying.Address; good.Address ]
                    let! _ = service.ClassifyMany 40
                    Expect.equal service.Ejections.Length 1 "logged once"
                    Expect.equal (service.Row dying.Address).Failures 1L "counted once"
            }

            testTask "a request is sent to three workers at most, not counting failed connections" {
                use a = new TestWorker(DiesBefore 1)
                use b = new TestWorker(DiesBefore 1)
                use c = new TestWorker(DiesBefore 1)
                use d = TestWorker.good ()
                let dead = [ for _ in 1..4 -> TestWorker.deadAddress () ]
                let service = WorkersUnderTest.start (dead @ TestWorker.addresses [ a; b; c; d ])
                let! result = service.Classify()
                Expect.equal result (Error NoActiveWorker) "no more attempts"
                Expect.equal d.Accepted 0 "not sent to the fourth"
                let! result = service.Classify()
                Expect.equal (Expect.wantOk result "answered").Worker d.Address "the next request is"
            }

            testTask "a worker that dies with many requests costs none of them: they wait for a retry" {
                let mutable most = 0

                // The scheduler determines how many of the forty it has when it dies.
                for _ in 1..5 do
                    use dying = new TestWorker(DiesBefore 2)
                    use good = TestWorker.slow 20.0

                    let service = withSlots 40 [ dying.Address; good.Address ]
                    let! results = service.ClassifyMany 40

                    let attempts =
                        results |> Array.map (fun result -> (Expect.wantOk result "answered").Attempts)

                    most <- max most (attempts |> Array.filter (fun attempts -> attempts = 2) |> Array.length)

                Expect.isGreaterThan most 8 "more retries than a fifth of the requests, and than three"
            }

            testTask "retries are limited to three at a time, and those beyond the queue are rejected" {
                let dying = [ for _ in 1..9 -> new TestWorker(DiesBefore 2) ]
                use slow = TestWorker.slow 150.0

                let service =
                    WorkersUnderTest.startWith
                        (fun settings -> { inFlight 40 settings with Queue = 2 })
                        (TestWorker.addresses dying)

                // The nine have the requests before the good one is added.
                let asking = service.ClassifyMany 9
                service.Operator.Add slow.Address |> ignore
                let! results = asking
                Expect.isLessThanOrEqual slow.MaxConcurrent 3 "retries at one time"

                for result in results do
                    match result with
                    | Error(Overloaded wait) -> Expect.isGreaterThan wait TimeSpan.Zero "when to retry"
                    | Error NoActiveWorker
                    | Ok _ -> ()
                    | Error other -> failtest $"{other}"

                Expect.exists results (fun result -> result = Error(Overloaded(TimeSpan.FromSeconds 1.0))) "rejected"

                for worker in dying do
                    (worker :> IDisposable).Dispose()
            }

            testTask "requests beyond a worker's slots wait, and those beyond the queue are rejected at once" {
                use worker = TestWorker.slow 100.0

                let service =
                    WorkersUnderTest.startWith
                        (fun settings ->
                            { settings with
                                Queue = 3
                                Policy.InFlight = 2
                            })
                        [ worker.Address ]

                let asking = [ for _ in 1..6 -> service.Classify() ]
                let! first = Task.WhenAny(List.rev asking)
                Expect.equal first asking[5] "the sixth before all others"
                let! rejected = first
                Expect.equal rejected (Error(Overloaded(TimeSpan.FromSeconds 1.0))) "the sixth"
                let! results = Task.WhenAll(List.take 5 asking)
                Expect.all results _.IsOk "the others"
                Expect.equal worker.MaxConcurrent 2 "never more than two at a time"
            }

            testTask "queued requests end when the last worker is removed" {
                use worker = new TestWorker(Silent)
                let service = withSlots 1 [ worker.Address ]
                let! results = service.ClassifyMany 3
                Expect.all results (fun result -> result = Error NoActiveWorker) "no active worker"
                Expect.equal worker.Accepted 1 "only the first was sent"
            }

            testTask "a cancelled request leaves the queue" {
                use worker = TestWorker.slow 200.0
                let service = withSlots 1 [ worker.Address ]
                let first = service.Classify()
                use gone = new CancellationTokenSource(50)
                let waiting = service.Classify([| 1uy |], gone.Token)
                let! _ = Task.WhenAny waiting
                Expect.isTrue waiting.IsCanceled "cancelled"
                let! first = first
                Expect.isOk first "the first"
                Expect.equal (service.Row worker.Address).Uses 1L "the worker saw one"
                let! next = service.Classify()
                Expect.isOk next "its slot is free"
            }

            testTask "a request's deadline is not the worker's failure" {
                use worker = TestWorker.slow 5_000.0

                let service =
                    WorkersUnderTest.startWith
                        (fun settings ->
                            { settings with
                                Request = TimeSpan.FromSeconds 0.2
                            })
                        [ worker.Address ]

                let! result = service.Classify()
                Expect.equal result (Error OutOfTime) "out of time"
                Expect.equal (service.Row worker.Address).State Active "still active"
            }

            testTask "neither attempt has more time than is left of the request" {
                for first in [ Silent; DiesBefore 2 ] do
                    use a = new TestWorker(first)
                    use b = new TestWorker(Silent)

                    let patient (settings: WorkersSettings) =
                        { settings with
                            Request = TimeSpan.FromSeconds 1.0
                            Client.Silence = TimeSpan.FromMinutes 10.0
                            Client.Exchange = TimeSpan.FromMinutes 10.0
                        }

                    let service = WorkersUnderTest.startWith patient [ a.Address; b.Address ]
                    let! result = service.Classify().WaitAsync(TimeSpan.FromSeconds 30.0)
                    Expect.equal result (Error OutOfTime) $"{first}"
                    let last = if first.IsSilent then a else b
                    Expect.equal (service.Row last.Address).State Active "this is not the worker's failure"
            }
        ]
