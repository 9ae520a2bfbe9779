module Tests.Expecto.Web.HealthChecksTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Time.Testing
open Web.Giraffe

/// The engine with its checks running, on a clock that only the test moves.
let private checking change workers body =
    task {
        let settings = change WorkersUnderTest.settings
        let time = FakeTimeProvider()
        let engine = WorkersUnderTest(settings, time, workers)

        use checks = engine.Checks()
        do! (checks :> IHostedService).StartAsync CancellationToken.None
        do! body engine time
        do! (checks :> IHostedService).StopAsync CancellationToken.None
    }

let private untilAfter (time: FakeTimeProvider) what (condition: unit -> bool) =
    WorkersUnderTest.eventually what (fun () ->
        if condition () then
            true
        else
            time.Advance(TimeSpan.FromSeconds 0.1)
            false)

let private stateOf (engine: WorkersUnderTest) (address: WorkerAddress) = (engine.Row address).State

let tests =
    testList
        "HealthChecks"
        [
            testCaseTask "at the start a missing worker is ejected before the first request"
            <| fun () ->
                let dead = TestWorker.deadAddress ()

                checking id [ dead ] (fun engine _ ->
                    task {
                        Expect.isTrue (stateOf engine dead).IsInactive "inactive"
                        let! result = engine.Classify()
                        Expect.equal result (Error NoActiveWorker) "and the user is told"
                        Expect.hasLength (engine.Ejections) 1 "reported once"
                    })

            testTask "a worker that starts later is used within two seconds" {
                use worker = TestWorker.good ()
                worker.Behaviour <- DiesBefore 0

                do!
                    checking id [ worker.Address ] (fun engine time ->
                        task {
                            do!
                                WorkersUnderTest.eventually "it is out" (fun () ->
                                    (stateOf engine worker.Address).IsInactive)

                            worker.Behaviour <- Predicts(TestWorker.predictions, TimeSpan.Zero)
                            let before = time.GetUtcNow()
                            do! untilAfter time "it is back" (fun () -> stateOf engine worker.Address = Active)
                            Expect.isLessThan (time.GetUtcNow() - before) (TimeSpan.FromSeconds 3.0) "soon"
                            Expect.hasLength (engine.Lines.With 2004) 1 "said once"
                            Expect.equal (engine.Row worker.Address).Uses 0L "a check is no use"
                            let! result = engine.Classify()
                            Expect.isOk result "a user's picture"
                        })
            }

            testTask "a worker that accepts and never answers is found without a request" {
                use worker = TestWorker.good ()

                do!
                    checking id [ worker.Address ] (fun engine time ->
                        task {
                            do! WorkersUnderTest.eventually "the first check" (fun () -> worker.Pictures.Length = 1)

                            worker.Behaviour <- Silent
                            do! untilAfter time "it is out" (fun () -> (stateOf engine worker.Address).IsInactive)

                            do! WorkersUnderTest.eventually "it is logged" (fun () -> not (engine.Ejections).IsEmpty)

                            let line = engine.Ejections |> List.exactlyOne
                            Expect.equal line.Values["Cause"] "TimedOut" "why"
                        })
            }

            testTask "a worker that refuses the probe's picture is alive" {
                use worker = new TestWorker(CantDecode)

                do!
                    checking id [ worker.Address ] (fun engine time ->
                        task {
                            do! untilAfter time "checked twice" (fun () -> worker.Pictures.Length >= 2)
                            Expect.equal (stateOf engine worker.Address) Active "active"
                        })
            }

            testCaseTask "a failed health check does not remove a worker that never answered"
            <| fun () ->
                let dead = TestWorker.deadAddress ()

                let remove (settings: WorkersSettings) =
                    { settings with
                        Policy.OnFailure = OnFailure.Remove
                    }

                checking remove [ dead ] (fun engine _ ->
                    task { Expect.equal (engine.Report |> Array.map _.Address) [| dead |] "still there" })

            testTask "without health checks no worker is asked" {
                use worker = TestWorker.good ()

                let off (settings: WorkersSettings) =
                    { settings with
                        CheckEvery = TimeSpan.Zero
                    }

                do!
                    checking off [ worker.Address ] (fun _ time ->
                        task {
                            time.Advance(TimeSpan.FromMinutes 1.0)
                            do! Task.Delay 50
                            Expect.equal worker.Accepted 0 "connections"
                        })
            }

            testTask "an operator's probe runs at once and brings back an ejected worker" {
                use worker = TestWorker.good ()
                worker.Behaviour <- DiesBefore 0
                let settings = WorkersUnderTest.settings
                let time = FakeTimeProvider()
                let engine = WorkersUnderTest(settings, time, [ worker.Address ])

                use checks = engine.Checks()

                let probe address =
                    (checks :> IWorkerProbe).Probe(address, CancellationToken.None)

                let! failed = probe worker.Address
                Expect.isTrue failed.IsFails "no answer"
                let out = stateOf engine worker.Address
                Expect.isTrue out.IsInactive "and out"
                let! again = probe worker.Address
                Expect.isTrue again.IsFails "still none"
                Expect.equal (stateOf engine worker.Address) out "asking does not make the wait longer"
                worker.Behaviour <- Predicts(TestWorker.predictions, TimeSpan.Zero)
                let! answered = probe worker.Address
                Expect.isTrue answered.IsAnswers "answers"
                Expect.equal (stateOf engine worker.Address) Active "back before its time"
                let! missing = probe (TestWorker.deadAddress ())
                Expect.equal missing NoSuchWorker "not on the list"
            }

            testTask "a cancelled probe leaves the worker to the next probe" {
                use worker = TestWorker.good ()
                worker.Behaviour <- DiesBefore 0
                let settings = WorkersUnderTest.settings
                let time = FakeTimeProvider()
                let engine = WorkersUnderTest(settings, time, [ worker.Address ])

                use checks = engine.Checks()

                let probe cancel =
                    (checks :> IWorkerProbe).Probe(worker.Address, cancel)

                let! failed = probe CancellationToken.None
                Expect.isTrue failed.IsFails "out"
                worker.Behaviour <- Silent
                use gone = new CancellationTokenSource()
                let before = worker.Accepted
                let cancelled = probe gone.Token
                do! WorkersUnderTest.eventually "it is asked" (fun () -> worker.Accepted > before)
                let! meanwhile = probe CancellationToken.None
                Expect.equal meanwhile NotNow "one probe at a time"
                gone.Cancel()
                let! _ = cancelled
                worker.Behaviour <- Predicts(TestWorker.predictions, TimeSpan.Zero)
                let! next = probe CancellationToken.None
                Expect.isTrue next.IsAnswers $"{next}"
                Expect.equal (stateOf engine worker.Address) Active "back"
            }
        ]
