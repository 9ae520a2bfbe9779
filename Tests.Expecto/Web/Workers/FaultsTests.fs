/// Workers that die, hang and come back while users ask without a pause: nobody goes without an answer.
module Tests.Expecto.Web.FaultsTests

open System
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Hosting
open Web.Giraffe

let private names = Predicts(TestWorker.predictions, TimeSpan.FromMilliseconds 5.0)

/// What the users of one run saw.
type private UserSummary =
    {
        Answers: int
        Errors: ClassifyError list
        Wrong: int
        Longest: TimeSpan
    }

let private user (engine: WorkersUnderTest) (stop: CancellationToken) =
    task {
        let mutable summary =
            {
                Answers = 0
                Errors = []
                Wrong = 0
                Longest = TimeSpan.Zero
            }

        while not stop.IsCancellationRequested do
            let watch = Stopwatch.StartNew()
            let! result = engine.Classify()

            summary <-
                { summary with
                    Longest = max summary.Longest watch.Elapsed
                }

            match result with
            | Ok answer when answer.Predictions = TestWorker.predictions ->
                summary <-
                    { summary with
                        Answers = summary.Answers + 1
                    }
            | Ok _ ->
                summary <-
                    { summary with
                        Wrong = summary.Wrong + 1
                    }
            | Error reason ->
                summary <-
                    { summary with
                        Errors = reason :: summary.Errors
                    }

        return summary
    }

/// Sixteen users, three workers, checks running, and `disturb` called again and again with the next worker.
let private run rounds (disturb: TestWorker -> Task<unit>) =
    task {
        let workers = [ for _ in 1..3 -> new TestWorker(names) ]

        let settings =
            { WorkersUnderTest.settings with
                CheckEvery = TimeSpan.FromSeconds 1.0
                Policy.FirstRetry = TimeSpan.FromSeconds 0.3
            }

        let engine =
            WorkersUnderTest(settings, TimeProvider.System, workers |> List.map _.Address)

        use checks = engine.Checks()
        do! (checks :> IHostedService).StartAsync CancellationToken.None
        use stop = new CancellationTokenSource()
        let users = Task.WhenAll [ for _ in 1..16 -> user engine stop.Token ]

        for round in 0 .. rounds - 1 do
            do! Task.Delay 300
            do! disturb workers[round % 3]

            do!
                WorkersUnderTest.eventually "all are back" (fun () ->
                    engine.Report |> Array.forall (fun row -> row.State = Active))

        stop.Cancel()
        let! summary = users
        do! (checks :> IHostedService).StopAsync CancellationToken.None

        for worker in workers do
            (worker :> IDisposable).Dispose()

        let longest = summary |> Seq.map _.Longest |> Seq.max
        Expect.equal (summary |> Seq.collect _.Errors |> List.ofSeq) [] "failed requests"
        Expect.equal (summary |> Seq.sumBy _.Wrong) 0 "wrong answers"
        Expect.isGreaterThan (summary |> Seq.sumBy _.Answers) (rounds * 100) "answers"
        let failures = engine.Report |> Seq.sumBy _.Failures
        Expect.isGreaterThanOrEqual failures (int64 rounds) "the faults were felt"
        Expect.equal (engine.Ejections).Length (engine.Lines.With 2004).Length "out and back, each said once"
        return longest
    }

let private until (engine: TestWorker) behaviour (milliseconds: int) =
    task {
        engine.Behaviour <- behaviour
        do! Task.Delay milliseconds
        engine.Behaviour <- names
    }

let tests =
    testSequenced
    <| testList
        "Faults"
        [
            testTask "workers that are killed and restarted one after the other fail no request" {
                let! longest =
                    run 6 (fun worker ->
                        task {
                            worker.Kill()
                            do! Task.Delay 200
                            worker.Restart()
                        })

                Expect.isLessThan longest (TimeSpan.FromSeconds 2.0) "the longest answer"
            }

            testTask "workers that hang one after the other fail no request" {
                let! longest =
                    run 6 (fun worker ->
                        task {
                            worker.Freeze()
                            do! Task.Delay 700
                            worker.Thaw()
                        })

                Expect.isLessThan longest (TimeSpan.FromSeconds 2.0) "the longest answer"
            }

            testTask "workers that answer with garbage or cut results fail no request" {
                let! _ = run 3 (fun worker -> until worker (Sends "HTTP/1.1 400\r\n\r\n"B) 200)
                let! _ = run 3 (fun worker -> until worker (DiesBefore 2) 200)
                ()
            }
        ]
