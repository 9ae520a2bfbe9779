/// Workers that die, hang and come back while users ask without a pause: nobody goes without an answer.
module Tests.Expecto.Web.FaultsTests

open System
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Expecto
open Microsoft.Extensions.Hosting
open Web.Giraffe

let private names = Names(TestWorker.predictions, TimeSpan.FromMilliseconds 5.0)

/// What the users of one run saw.
type private Seen =
    {
        Answers: int
        Errors: ClassifyError list
        Wrong: int
        Longest: TimeSpan
    }

let private user (engine: WorkersUnderTest) (stop: CancellationToken) =
    task {
        let mutable seen =
            {
                Answers = 0
                Errors = []
                Wrong = 0
                Longest = TimeSpan.Zero
            }

        while not stop.IsCancellationRequested do
            let watch = Stopwatch.StartNew()
            let! result = engine.Classify()

            seen <-
                { seen with
                    Longest = max seen.Longest watch.Elapsed
                }

            match result with
            | Ok answer when answer.Predictions = TestWorker.predictions ->
                seen <- { seen with Answers = seen.Answers + 1 }
            | Ok _ -> seen <- { seen with Wrong = seen.Wrong + 1 }
            | Error reason ->
                seen <-
                    { seen with
                        Errors = reason :: seen.Errors
                    }

        return seen
    }

/// Sixteen users, three workers, checks running, and `disturb` called again and again with the next worker.
let private run rounds (disturb: TestWorker -> Task<unit>) =
    task {
        let workers = [ for _ in 1..3 -> new TestWorker(names) ]

        let settings =
            { WorkersUnderTest.settings with
                CheckEvery = TimeSpan.FromSeconds 1.0
                Policy =
                    { WorkersUnderTest.settings.Policy with
                        FirstRetry = TimeSpan.FromSeconds 0.3
                    }
            }

        let engine =
            WorkersUnderTest(settings, TimeProvider.System, workers |> List.map _.Address)

        use checks =
            new HealthChecks(settings, engine.List, engine.Client, TimeProvider.System, LogLines<HealthChecks>())

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
        let! seen = users
        do! (checks :> IHostedService).StopAsync CancellationToken.None

        for worker in workers do
            (worker :> IDisposable).Dispose()

        let longest = seen |> Seq.map _.Longest |> Seq.max
        Expect.equal (seen |> Seq.collect _.Errors |> List.ofSeq) [] "failed requests"
        Expect.equal (seen |> Seq.sumBy _.Wrong) 0 "wrong answers"
        Expect.isGreaterThan (seen |> Seq.sumBy _.Answers) (rounds * 100) "answers"
        let failures = engine.Report |> Seq.sumBy _.Failures
        Expect.isGreaterThanOrEqual failures (int64 rounds) "the faults were felt"
        Expect.equal (engine.Lines.With 2002).Length (engine.Lines.With 2004).Length "out and back, each said once"
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
            testCaseTask "workers that are killed and restarted one after the other fail no request"
            <| fun () ->
                task {
                    let! longest =
                        run 6 (fun worker ->
                            task {
                                worker.Kill()
                                do! Task.Delay 200
                                worker.Restart()
                            })

                    Expect.isLessThan longest (TimeSpan.FromSeconds 2.0) "the longest answer"
                }

            testCaseTask "workers that hang one after the other fail no request"
            <| fun () ->
                task {
                    let! longest =
                        run 6 (fun worker ->
                            task {
                                worker.Freeze()
                                do! Task.Delay 700
                                worker.Thaw()
                            })

                    Expect.isLessThan longest (TimeSpan.FromSeconds 2.0) "the longest answer"
                }

            testCaseTask "workers that answer with garbage or cut results fail no request"
            <| fun () ->
                task {
                    let! _ = run 3 (fun worker -> until worker (Says "HTTP/1.1 400\r\n\r\n"B) 200)
                    let! _ = run 3 (fun worker -> until worker (DiesBefore 2) 200)
                    ()
                }
        ]
