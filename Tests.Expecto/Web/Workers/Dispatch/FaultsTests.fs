/// Workers that die, hang and return while users send requests without a pause: every request is answered.
module Tests.Expecto.Web.FaultsTests

open System
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Hosting
open Web.Giraffe

let private answers =
    Predicts(TestWorker.predictions, TimeSpan.FromMilliseconds 5.0)

/// Sends requests until `stop`. Returns the results, and the longest time that one took.
let private user (service: WorkersUnderTest) (stop: CancellationToken) =
    task {
        let results = ResizeArray()
        let mutable longest = TimeSpan.Zero

        while not stop.IsCancellationRequested do
            let watch = Stopwatch.StartNew()
            let! result = service.Classify()
            longest <- max longest watch.Elapsed
            results.Add(result |> Result.map _.Predictions)

        return List.ofSeq results, longest
    }

/// Sixteen users, three workers, running checks, and `disturb` called again and again with the next worker.
let private run rounds (disturb: TestWorker -> Task<unit>) =
    task {
        use first = new TestWorker(answers)
        use second = new TestWorker(answers)
        use third = new TestWorker(answers)
        let workers = [ first; second; third ]

        let service =
            WorkersUnderTest.startWith
                (fun settings ->
                    { settings with
                        CheckEvery = TimeSpan.FromSeconds 1.0
                        Policy.FirstRetry = TimeSpan.FromSeconds 0.3
                    })
                (TestWorker.addresses workers)

        use checks = service.Checks()
        do! (checks :> IHostedService).StartAsync CancellationToken.None
        use stop = new CancellationTokenSource()
        let users = Task.WhenAll [ for _ in 1..16 -> user service stop.Token ]

        for round in 0 .. rounds - 1 do
            do! Task.Delay 300
            do! disturb workers[round % 3]

            do!
                WorkersUnderTest.eventually "all are back" (fun () ->
                    service.Report |> Array.forall (fun row -> row.State = Active))

        stop.Cancel()
        let! outcomes = users
        do! (checks :> IHostedService).StopAsync CancellationToken.None
        let results = outcomes |> Seq.collect fst |> List.ofSeq

        for result in results do
            Expect.equal result (Ok TestWorker.predictions) "no failed request, no wrong answer"

        Expect.isGreaterThan results.Length (rounds * 100) "answers"
        let failures = service.Report |> Seq.sumBy _.Failures
        Expect.isGreaterThanOrEqual failures (int64 rounds) "the faults had an effect"
        Expect.equal service.Ejections.Length (service.Lines.With 2004).Length "ejected and restored, each logged once"
        return outcomes |> Seq.map snd |> Seq.max
    }

/// Disturbs a worker for some time and then lets it go on.
let private disturbed (milliseconds: int) (start: TestWorker -> unit) (stop: TestWorker -> unit) (worker: TestWorker) =
    task {
        start worker
        do! Task.Delay milliseconds
        stop worker
    }

let private behaves behaviour =
    disturbed 200 (fun worker -> worker.Behaviour <- behaviour) (fun worker -> worker.Behaviour <- answers)

let tests =
    testSequenced
    <| testList
        "Faults"
        [
            testTask "workers that are killed and restarted one after the other fail no request" {
                let! longest = run 6 (disturbed 200 _.Kill() _.Restart())
                Expect.isLessThan longest (TimeSpan.FromSeconds 2.0) "the longest answer"
            }

            testTask "workers that hang one after the other fail no request" {
                let! longest = run 6 (disturbed 700 _.Freeze() _.Thaw())
                Expect.isLessThan longest (TimeSpan.FromSeconds 2.0) "the longest answer"
            }

            testTask "workers that answer with garbage or cut results fail no request" {
                let! _ = run 3 (behaves (Sends "HTTP/1.1 400\r\n\r\n"B))
                let! _ = run 3 (behaves (DiesBefore 2))
                ()
            }
        ]
