module Tests.Expecto.Web.HealthChecksTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Web.Giraffe

let private settings = WorkersUnderTest.settings
let private answers = Predicts(TestWorker.predictions, TimeSpan.Zero)

let tests =
    testList
        "HealthChecks"
        [
            testTask "at the start a missing worker is ejected before the first request" {
                let dead = TestWorker.deadAddress ()
                use! checks = CheckedWorkers.Start(settings, [ dead ])
                Expect.isTrue (checks.State dead).IsEjected "ejected"
                let! result = checks.Service.Classify()
                Expect.equal result (Error NoActiveWorker) "the user's error"
                Expect.hasLength checks.Service.Ejections 1 "logged once"
            }

            testTask "a worker that starts later is used within three seconds" {
                use worker = new TestWorker(DiesBefore 0)
                use! checks = CheckedWorkers.Start(settings, [ worker.Address ])
                do! WorkersUnderTest.eventually "it is ejected" (fun () -> (checks.State worker.Address).IsEjected)
                worker.Behaviour <- answers
                let before = checks.Time.GetUtcNow()
                do! checks.Until("it is back", (fun () -> checks.State worker.Address = Active))
                Expect.isLessThan (checks.Time.GetUtcNow() - before) (TimeSpan.FromSeconds 3.0) "soon"
                Expect.hasLength (checks.Service.Lines.With 2004) 1 "logged once"
                Expect.equal (checks.Service.Row worker.Address).Uses 0L "a check is no use"
                let! result = checks.Service.Classify()
                Expect.isOk result "a user's picture"
            }

            testTask "a worker that accepts and never answers is found without a request" {
                use worker = TestWorker.good ()
                use! checks = CheckedWorkers.Start(settings, [ worker.Address ])
                do! WorkersUnderTest.eventually "the first check" (fun () -> worker.Pictures.Length = 1)
                worker.Behaviour <- Silent
                do! checks.Until("it is ejected", (fun () -> (checks.State worker.Address).IsEjected))
                do! WorkersUnderTest.eventually "it is logged" (fun () -> not checks.Service.Ejections.IsEmpty)
                let line = checks.Service.Ejections |> List.exactlyOne
                Expect.equal line.Values["Cause"] "TimedOut" "the cause"
            }

            testTask "a worker that refuses the check's picture stays active" {
                use worker = new TestWorker(CantDecode)
                use! checks = CheckedWorkers.Start(settings, [ worker.Address ])
                do! checks.Until("checked twice", (fun () -> worker.Pictures.Length >= 2))
                Expect.equal (checks.State worker.Address) Active "active"
            }

            testTask "a failed health check does not remove a worker that never answered" {
                let dead = TestWorker.deadAddress ()

                use! checks =
                    CheckedWorkers.Start(
                        { settings with
                            Policy.OnFailure = OnFailure.Remove
                        },
                        [ dead ]
                    )

                Expect.equal (checks.Service.Report |> Array.map _.Address) [| dead |] "still on the list"
            }

            testTask "without health checks no worker receives a picture" {
                use worker = TestWorker.good ()

                use! checks =
                    CheckedWorkers.Start(
                        { settings with
                            CheckEvery = TimeSpan.Zero
                        },
                        [ worker.Address ]
                    )

                checks.Time.Advance(TimeSpan.FromMinutes 1.0)
                do! Task.Delay 50
                Expect.equal worker.Accepted 0 "connections"
            }

            testTask "an operator's probe runs at once and restores an ejected worker" {
                use worker = new TestWorker(DiesBefore 0)
                use checks = new CheckedWorkers(settings, [ worker.Address ])
                let! failed = checks.Probe worker.Address
                Expect.isTrue failed.IsFails "no answer"
                let ejected = checks.State worker.Address
                Expect.isTrue ejected.IsEjected "ejected"
                let! again = checks.Probe worker.Address
                Expect.isTrue again.IsFails "still none"
                Expect.equal (checks.State worker.Address) ejected "a probe does not extend the ejection"
                worker.Behaviour <- answers
                let! answered = checks.Probe worker.Address
                Expect.isTrue answered.IsAnswers "answers"
                Expect.equal (checks.State worker.Address) Active "back early"
                let! missing = checks.Probe(TestWorker.deadAddress ())
                Expect.equal missing NoSuchWorker "not on the list"
            }

            testTask "a cancelled probe leaves the worker to the next probe" {
                use worker = new TestWorker(DiesBefore 0)
                use checks = new CheckedWorkers(settings, [ worker.Address ])
                let! failed = checks.Probe worker.Address
                Expect.isTrue failed.IsFails "ejected"
                worker.Behaviour <- Silent
                use gone = new CancellationTokenSource()
                let before = worker.Accepted
                let cancelled = checks.Probe(worker.Address, gone.Token)
                do! WorkersUnderTest.eventually "it is connected" (fun () -> worker.Accepted > before)
                let! meanwhile = checks.Probe worker.Address
                Expect.equal meanwhile NotNow "one probe at a time"
                gone.Cancel()
                let! _ = cancelled
                worker.Behaviour <- answers
                let! next = checks.Probe worker.Address
                Expect.isTrue next.IsAnswers $"{next}"
                Expect.equal (checks.State worker.Address) Active "back"
            }
        ]
