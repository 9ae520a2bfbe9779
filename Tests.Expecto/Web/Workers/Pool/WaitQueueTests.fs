/// The queue of requests that wait for a worker: nothing is lost in it, its order holds, and it is cheap.
module Tests.Expecto.Web.WaitQueueTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe

let private take (engine: WorkersUnderTest) =
    engine.List.Take(Set.empty, TimeSpan.FromMinutes 10.0, CancellationToken.None)

let private startWith inFlight queue workers =
    let settings =
        { WorkersUnderTest.settings with
            Queue = queue
            Policy.InFlight = inFlight
        }

    WorkersUnderTest(settings, FakeTimeProvider(), workers)

let private start workers = startWith 8 64 workers
let private seconds (value: float) = TimeSpan.FromSeconds value

let private turnOf taken =
    match taken with
    | Acquired lease -> lease
    | other -> failtest $"{other}"

let tests =
    testList
        "WaitQueue"
        [
            testTask "a slot granted during a cancellation is returned" {
                let address = TestWorker.deadAddress ()
                let engine = start [ address ]
                let! held = Task.WhenAll [ for _ in 1..8 -> take engine ]
                use gone = new CancellationTokenSource()
                let waiting = engine.List.Take(Set.empty, TimeSpan.FromMinutes 10.0, gone.Token)
                // Callbacks run in the reverse order of their registration: the slot is given first.
                use _ = gone.Token.Register(fun () -> engine.List.Abandoned(turnOf held[0]))
                gone.Cancel()
                let! _ = Task.WhenAny waiting

                if waiting.IsCompletedSuccessfully then
                    engine.List.Abandoned(turnOf waiting.Result)

                for held in held[1..] do
                    engine.List.Abandoned(turnOf held)

                do! WorkersUnderTest.eventually "no slot is lost" (fun () -> (engine.Row address).InFlight = 0)
            }

            testTask "slots granted during concurrent cancellations are never lost" {
                let address = TestWorker.deadAddress ()
                let engine = startWith 1 64 [ address ]

                for _ in 1..2_000 do
                    let! held = take engine
                    use gone = new CancellationTokenSource()
                    let waiting = engine.List.Take(Set.empty, TimeSpan.FromMinutes 10.0, gone.Token)
                    use together = new Barrier 2

                    let give =
                        Task.Run(fun () ->
                            together.SignalAndWait()
                            engine.List.Abandoned(turnOf held))

                    let cancel =
                        Task.Run(fun () ->
                            together.SignalAndWait()
                            gone.Cancel())

                    do! Task.WhenAll(give, cancel)
                    let! _ = Task.WhenAny waiting

                    if waiting.IsCompletedSuccessfully then
                        engine.List.Abandoned(turnOf waiting.Result)

                    Expect.equal (engine.Row address).InFlight 0 "no slot is lost"
            }

            testTask "a second attempt is ahead of first ones in the queue, and behind earlier second ones" {
                let address = TestWorker.deadAddress ()
                let engine = start [ address ]
                let! held = Task.WhenAll [ for _ in 1..8 -> take engine ]

                let again port =
                    let tried = Set.singleton (WorkerAddress.withoutTls "elsewhere" port)
                    engine.List.Take(tried, TimeSpan.FromMinutes 10.0, CancellationToken.None)

                let first = take engine
                let second = again 1
                let third = again 2
                let fourth = again 1
                let line = [ second; third; fourth; first ]

                for index in 0..3 do
                    engine.List.Abandoned(turnOf held[index])
                    let! _ = line[index].WaitAsync(seconds 10.0)

                    for later in line[index + 1 ..] do
                        Expect.isFalse later.IsCompleted $"one slot, one answer: {index}"
            }

            testTask "requests that wait for a worker end when it is drained, whatever they have tried" {
                let address = TestWorker.deadAddress ()
                let engine = start [ address ]
                let! _ = Task.WhenAll [ for _ in 1..8 -> take engine ]
                let tried = Set.singleton (WorkerAddress.withoutTls "elsewhere" 1)

                let waiting =
                    [
                        take engine
                        engine.List.Take(tried, TimeSpan.FromMinutes 10.0, CancellationToken.None)
                    ]

                (engine.List :> IWorkerList).Drain address |> ignore
                let! answers = (Task.WhenAll waiting).WaitAsync(seconds 10.0)
                Expect.all answers _.IsNoWorkers "nobody is left"
            }

            testTask "a removal during the publication of an addition is published after it" {
                let engine = start []
                let list = engine.List :> IWorkerList
                let address = WorkerAddress.withoutTls "worker" 1
                let changes = Collections.Concurrent.ConcurrentQueue<ListChange>()
                let mutable removing: Task<ListChange> = Task.FromResult NotThere

                engine.List.Edited.Add(fun edit ->
                    if edit.Change = Added then
                        removing <- Task.Run(fun () -> list.Remove address)
                        removing.Wait(TimeSpan.FromMilliseconds 300.0) |> ignore)

                engine.List.Edited.Add(fun edit -> changes.Enqueue edit.Change)
                list.Add address |> ignore
                let! removed = removing.WaitAsync(seconds 10.0)
                Expect.equal removed Removed "removed"
                Expect.equal (List.ofSeq changes) [ Added; Removed ] "in the order in which they were made"
                Expect.isEmpty engine.Report "and off the list"
            }

            testTask "with 1,000 workers and 1,000 waiting requests, a completion does not visit each of them" {
                let engine =
                    startWith 1 1_000 [ for port in 1..1_000 -> WorkerAddress.withoutTls "worker" port ]

                let! held = Task.WhenAll [ for _ in 1..1_000 -> take engine ]
                let waiting = [| for _ in 1..1_000 -> take engine |]
                Expect.equal engine.List.Waiting 1_000 "all wait"
                let before = GC.GetAllocatedBytesForCurrentThread()

                for held in held do
                    engine.List.Succeeded(turnOf held)

                let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                // Some KB each; a pick of every worker for every request that waits would be hundreds of MB.
                Expect.isLessThan allocated 60_000_000L "bytes"
                let! given = Task.WhenAll waiting
                Expect.all given _.IsAcquired "all have a worker"
            }
        ]
