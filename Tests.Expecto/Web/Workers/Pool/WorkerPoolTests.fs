/// The half-open probe and the queue, on a clock that only the test moves and with workers that really answer.
module Tests.Expecto.Web.WorkerPoolTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe

let private take (engine: WorkersUnderTest) =
    engine.List.Take(Set.empty, TimeSpan.FromMinutes 10.0, CancellationToken.None)

let private start workers =
    let time = FakeTimeProvider()
    time, WorkersUnderTest(WorkersUnderTest.settings, time, workers)

/// A worker that answers, taken out of the rotation by one exchange that broke.
let private broken (worker: TestWorker) =
    task {
        let time, engine = start [ worker.Address ]
        worker.Behaviour <- DiesBefore 1
        let! result = engine.Classify()
        Expect.equal result (Error NoActiveWorker) "it broke"
        worker.Behaviour <- Predicts(TestWorker.predictions, TimeSpan.Zero)
        return time, engine
    }

let private seconds (value: float) = TimeSpan.FromSeconds value

let tests =
    testList
        "WorkerPool"
        [
            testTask "an ejected worker gets no request before its time and is back after one success" {
                use worker = TestWorker.good ()
                let! time, engine = broken worker
                // Half the jitter of a fifth: 5.5 s.
                Expect.equal (engine.Row worker.Address).State (Inactive(time.GetUtcNow() + seconds 5.5)) "when"
                let before = worker.PictureCount
                time.Advance(seconds 5.4)
                let! early = engine.Classify()
                Expect.equal early (Error NoActiveWorker) "not before"
                Expect.equal worker.PictureCount before "it saw nothing of it"
                time.Advance(seconds 0.1)
                let! probe = engine.Classify()
                Expect.isOk probe "the probe is a user's request, and is answered"
                Expect.equal (engine.Row worker.Address).State Active "back"
                Expect.hasLength (engine.Lines.With 2004) 1 "said once"
            }

            testTask "one of five concurrent requests is the probe, and the others wait for its result" {
                use worker = TestWorker.slow 100.0
                let! time, engine = broken worker
                worker.Behaviour <- Predicts(TestWorker.predictions, TimeSpan.FromMilliseconds 100.0)
                time.Advance(seconds 6.0)
                let asking = [ for _ in 1..5 -> engine.Classify() ]
                do! WorkersUnderTest.eventually "the probe is there" (fun () -> worker.Pictures.Length = 1)
                Expect.equal (engine.Row worker.Address).InFlight 1 "and nobody else"
                let! results = Task.WhenAll asking
                Expect.all results _.IsOk "all are answered"
            }

            testTask "a failed probe doubles the wait, up to five minutes" {
                let dead = TestWorker.deadAddress ()
                let time, engine = start [ dead ]
                let mutable waits = []

                for _ in 1..9 do
                    let! result = engine.Classify()
                    Expect.equal result (Error NoActiveWorker) "nobody"

                    match (engine.Row dead).State with
                    | Inactive retryAt ->
                        let wait = retryAt - time.GetUtcNow()
                        waits <- waits @ [ Math.Round(wait.TotalSeconds / 1.1, 3) ]
                        time.Advance wait
                    | state -> failtest $"{state}"

                Expect.equal waits [ 5.0; 10.0; 20.0; 40.0; 80.0; 160.0; 300.0; 300.0; 300.0 ] "seconds"
                Expect.hasLength (engine.Ejections) 1 "reported inactive once, not with every probe"
                Expect.hasLength (engine.Lines.With 2003) 8 "and still so eight times"
            }

            testTask "a user who disconnects during the probe leaves the worker to the next request" {
                use worker = TestWorker.good ()
                let! time, engine = broken worker
                worker.Behaviour <- Silent
                time.Advance(seconds 6.0)
                use gone = new CancellationTokenSource()
                let before = worker.Accepted
                let probe = engine.Classify([| 1uy |], gone.Token)
                do! WorkersUnderTest.eventually "the probe is there" (fun () -> worker.Accepted = before + 1)
                worker.Behaviour <- Predicts(TestWorker.predictions, TimeSpan.Zero)
                let next = engine.Classify()
                gone.Cancel()
                let! _ = Task.WhenAny probe
                Expect.isTrue probe.IsCanceled "gone"
                let! next = next
                Expect.isOk next "the next one is the probe now"
            }

            testTask "the queue is first come, first served" {
                let _, engine = start [ TestWorker.deadAddress () ]
                let! held = Task.WhenAll [ for _ in 1..8 -> take engine ]
                let waiting = [ for _ in 1..5 -> take engine ]
                Expect.all waiting (fun task -> not task.IsCompleted) "all places are taken"

                for index in 0..4 do
                    match held[index] with
                    | Acquired lease -> engine.List.Abandoned lease
                    | other -> failtest $"{other}"

                    let! _ = waiting[index]

                    for later in waiting[index + 1 ..] do
                        Expect.isFalse later.IsCompleted "not yet its turn"
            }

            testTask "a drained worker finishes its requests and serves waiting ones when it is resumed" {
                let address = TestWorker.deadAddress ()
                let _, engine = start [ address ]
                let list = engine.List :> IWorkerList
                let! held = take engine
                Expect.equal (list.Drain address) DrainStarted "drained"
                Expect.equal (engine.Row address).State Draining "with one in flight"
                let! nobody = take engine
                Expect.equal nobody NoWorkers "nothing new"

                match held with
                | Acquired lease -> engine.List.Succeeded lease
                | other -> failtest $"{other}"

                Expect.equal (engine.Row address).State WorkerStatus.Drained "finished"
                Expect.equal engine.List.Addresses [ address ] "and on the list"
                Expect.equal (list.Resume address) Resumed "resumed"
                Expect.equal (engine.Row address).State Active "receives requests again"
                Expect.hasLength (engine.Lines.With 2007) 1 "said once"
                Expect.hasLength (engine.Lines.With 2008) 1 "said once"
            }

            testTask "an added worker serves waiting requests" {
                let _, engine = start [ TestWorker.deadAddress () ]
                let! _ = Task.WhenAll [ for _ in 1..8 -> take engine ]
                let waiting = take engine
                let other = TestWorker.deadAddress ()
                (engine.List :> IWorkerList).Add other |> ignore

                match! waiting with
                | Acquired lease -> Expect.equal lease.Address other "the new one"
                | other -> failtest $"{other}"
            }

            testTask "slots are returned under concurrent successes, failures and cancellations" {
                let addresses = [ for index in 1..4 -> WorkerAddress.withoutTls "worker" index ]
                let time, engine = start addresses
                let list = engine.List :> IWorkerList

                let user seed =
                    task {
                        let random = Random(seed: int)

                        for _ in 1..300 do
                            use gone = new CancellationTokenSource()

                            if random.Next 10 = 0 then
                                gone.CancelAfter 1

                            try
                                match! engine.List.Take(Set.empty, seconds 5.0, gone.Token) with
                                | Acquired lease ->
                                    do! Task.Yield()

                                    match random.Next 4 with
                                    | 0 -> engine.List.Abandoned lease
                                    | 1 ->
                                        engine.List.Failed(
                                            lease,
                                            Protocol.Core.Failure.at Protocol.Core.Stage.Size Protocol.Core.Cause.Closed,
                                            ""
                                        )
                                    | _ -> engine.List.Succeeded lease
                                | _ -> time.Advance(seconds 1.0)
                            with :? OperationCanceledException ->
                                ()

                            match random.Next 40 with
                            | 0 -> list.Remove addresses[random.Next 4] |> ignore
                            | 1 -> list.Add addresses[random.Next 4] |> ignore
                            | _ -> ()
                    }

                do! Task.WhenAll [ for seed in 1..16 -> Task.Run<unit>(fun () -> user seed) ] :> Task

                for row in list.Report() do
                    Expect.equal row.InFlight 0 "every place given back"
                    Expect.notEqual row.State Removing "nobody leaves for ever"
            }
        ]
