/// Ejection, half-open probes and draining, on a clock that only the test moves.
module Tests.Expecto.Web.WorkerPoolTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Protocol.Core
open Web.Giraffe

let private start workers =
    let time = FakeTimeProvider()
    time, WorkersUnderTest(WorkersUnderTest.settings, time, workers)

/// A worker that answers, but was ejected by a failed exchange.
let private ejected (worker: TestWorker) =
    task {
        let time, service = start [ worker.Address ]
        let behaviour = worker.Behaviour
        worker.Behaviour <- DiesBefore 1
        let! result = service.Classify()
        Expect.equal result (Error NoActiveWorker) "it fails"
        worker.Behaviour <- behaviour
        return time, service
    }

let private seconds (value: float) = TimeSpan.FromSeconds value

let tests =
    testList
        "WorkerPool"
        [
            testTask "an ejected worker gets no request before its time and is back after one success" {
                use worker = TestWorker.good ()
                let! time, service = ejected worker
                // Half the jitter of a fifth: 5.5 s.
                let retryAt = time.GetUtcNow() + seconds 5.5
                Expect.equal (service.Row worker.Address).State (WorkerStatus.Ejected retryAt) "until then"
                let before = worker.PictureCount
                time.Advance(seconds 5.4)
                let! early = service.Classify()
                Expect.equal early (Error NoActiveWorker) "not before"
                Expect.equal worker.PictureCount before "no picture"
                time.Advance(seconds 0.1)
                let! probe = service.Classify()
                Expect.isOk probe "the probe is a user's request, and is answered"
                Expect.equal (service.Row worker.Address).State Active "back"
                Expect.hasLength (service.Lines.With 2004) 1 "logged once"
            }

            testTask "one of five concurrent requests is the probe, and the others wait for its result" {
                use worker = TestWorker.slow 100.0
                let! time, service = ejected worker
                time.Advance(seconds 6.0)
                let asking = service.ClassifyMany 5
                do! WorkersUnderTest.eventually "the probe is there" (fun () -> worker.Pictures.Length = 1)
                Expect.equal (service.Row worker.Address).InFlight 1 "no other"
                let! results = asking
                Expect.all results _.IsOk "all are answered"
            }

            testTask "a failed probe doubles the wait, up to five minutes" {
                let dead = TestWorker.deadAddress ()
                let time, service = start [ dead ]

                for expected in [ 5.0; 10.0; 20.0; 40.0; 80.0; 160.0; 300.0; 300.0; 300.0 ] do
                    let! result = service.Classify()
                    Expect.equal result (Error NoActiveWorker) "no answer"

                    match (service.Row dead).State with
                    | WorkerStatus.Ejected retryAt ->
                        let wait = retryAt - time.GetUtcNow()
                        Expect.floatClose Accuracy.medium (wait.TotalSeconds / 1.1) expected "seconds"
                        time.Advance wait
                    | state -> failtest $"{state}"

                Expect.hasLength service.Ejections 1 "logged once, not with every probe"
                Expect.hasLength (service.Lines.With 2003) 8 "still ejected, eight times"
            }

            testTask "a user who disconnects during the probe leaves the worker to the next request" {
                use worker = TestWorker.good ()
                let! time, service = ejected worker
                worker.Behaviour <- Silent
                time.Advance(seconds 6.0)
                use gone = new CancellationTokenSource()
                let before = worker.Accepted
                let probe = service.Classify([| 1uy |], gone.Token)
                do! WorkersUnderTest.eventually "the probe is there" (fun () -> worker.Accepted = before + 1)
                worker.Behaviour <- Predicts(TestWorker.predictions, TimeSpan.Zero)
                let next = service.Classify()
                gone.Cancel()
                let! _ = Task.WhenAny probe
                Expect.isTrue probe.IsCanceled "cancelled"
                let! next = next
                Expect.isOk next "the next one is the probe now"
            }

            testTask "a drained worker finishes its requests and serves waiting ones when it is resumed" {
                let address = TestWorker.deadAddress ()
                let _, service = start [ address ]
                let! held = service.Take()
                Expect.equal (service.Operator.Drain address) DrainStarted "drained"
                Expect.equal (service.Row address).State Draining "with one in flight"
                let! none = service.Take()
                Expect.equal none NoWorkers "nothing new"
                service.List.Succeeded(WorkersUnderTest.leaseOf held)
                Expect.equal (service.Row address).State WorkerStatus.Drained "finished"
                Expect.equal service.List.Addresses [ address ] "and on the list"
                Expect.equal (service.Operator.Resume address) Resumed "resumed"
                Expect.equal (service.Row address).State Active "receives requests again"
                Expect.hasLength (service.Lines.With 2007) 1 "logged once"
                Expect.hasLength (service.Lines.With 2008) 1 "logged once"
            }

            testTask "slots are returned under concurrent successes, failures and cancellations" {
                let addresses = [ for index in 1..4 -> WorkerAddress.withoutTls "worker" index ]
                let time, service = start addresses

                let user seed =
                    task {
                        let random = Random(seed: int)

                        for _ in 1..300 do
                            use gone = new CancellationTokenSource()

                            if random.Next 10 = 0 then
                                gone.CancelAfter 1

                            try
                                match! service.List.Take(Set.empty, seconds 5.0, gone.Token) with
                                | Acquired lease ->
                                    do! Task.Yield()

                                    match random.Next 4 with
                                    | 0 -> service.List.Abandoned lease
                                    | 1 -> service.List.Failed(lease, Failure.at Stage.Size Cause.Closed, "")
                                    | _ -> service.List.Succeeded lease
                                | _ -> time.Advance(seconds 1.0)
                            with :? OperationCanceledException ->
                                ()

                            match random.Next 40 with
                            | 0 -> service.Operator.Remove addresses[random.Next 4] |> ignore
                            | 1 -> service.Operator.Add addresses[random.Next 4] |> ignore
                            | _ -> ()
                    }

                do! Task.WhenAll [ for seed in 1..16 -> Task.Run<unit>(fun () -> user seed) ] :> Task

                for row in service.Report do
                    Expect.equal row.InFlight 0 "every slot is free"
                    Expect.notEqual row.State Removing "no worker stays leaving"
            }
        ]
