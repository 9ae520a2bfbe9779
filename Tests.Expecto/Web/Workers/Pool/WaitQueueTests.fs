/// The queue of requests that wait for a worker: no slot is lost, its order holds, and it is cheap.
module Tests.Expecto.Web.WaitQueueTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe

/// Workers with so many slots each.
let private start slots queue workers =
    let settings =
        { WorkersUnderTest.settings with
            Queue = queue
            Policy.InFlight = slots
        }

    WorkersUnderTest(settings, FakeTimeProvider(), workers)

/// A worker whose eight slots are taken.
let private full () =
    task {
        let address = TestWorker.deadAddress ()
        let service = start 8 64 [ address ]
        let! held = Task.WhenAll [ for _ in 1..8 -> service.Take() ]
        return address, service, Array.map WorkersUnderTest.leaseOf held
    }

let private seconds (value: float) = TimeSpan.FromSeconds value

/// The tried workers of a retry.
let private elsewhere port =
    Set.singleton (WorkerAddress.withoutTls "elsewhere" port)

/// Returns a slot that was granted in spite of the cancellation.
let private giveBack (service: WorkersUnderTest) (waiting: Task<AcquireResult>) =
    task {
        do! Task.WhenAny waiting :> Task

        if waiting.IsCompletedSuccessfully then
            service.List.Abandoned(WorkersUnderTest.leaseOf waiting.Result)
    }

let tests =
    testList
        "WaitQueue"
        [
            testTask "a slot granted during a cancellation is returned" {
                let! address, service, held = full ()
                use gone = new CancellationTokenSource()
                let waiting = service.Take(cancel = gone.Token)
                // Callbacks run in the reverse order of their registration: the slot is granted first.
                use _ = gone.Token.Register(fun () -> service.List.Abandoned held[0])
                gone.Cancel()
                do! giveBack service waiting
                held[1..] |> Array.iter service.List.Abandoned
                do! WorkersUnderTest.eventually "no slot is lost" (fun () -> (service.Row address).InFlight = 0)
            }

            testTask "slots granted during concurrent cancellations are never lost" {
                let address = TestWorker.deadAddress ()
                let service = start 1 64 [ address ]

                for _ in 1..2_000 do
                    let! held = service.Take()
                    use gone = new CancellationTokenSource()
                    let waiting = service.Take(cancel = gone.Token)

                    do!
                        WorkersUnderTest.together
                            (fun () -> service.List.Abandoned(WorkersUnderTest.leaseOf held))
                            gone.Cancel

                    do! giveBack service waiting
                    Expect.equal (service.Row address).InFlight 0 "no slot is lost"
            }

            testTask "requests wait first come, first served, but retries come first" {
                let! _, service, held = full ()
                let first = service.Take()
                let retry = service.Take(elsewhere 1)
                let second = service.Take()
                let otherRetry = service.Take(elsewhere 2)
                let thirdRetry = service.Take(elsewhere 1)
                let line = [ retry; otherRetry; thirdRetry; first; second ]
                Expect.all line (fun waiting -> not waiting.IsCompleted) "all slots are taken"

                for index in 0..4 do
                    service.List.Abandoned held[index]
                    let! _ = line[index].WaitAsync(seconds 10.0)

                    for later in line[index + 1 ..] do
                        Expect.isFalse later.IsCompleted $"one slot, one answer: {index}"
            }

            testTask "requests that wait for a worker end when it is drained, whatever they have tried" {
                let! address, service, _ = full ()
                let waiting = [ service.Take(); service.Take(elsewhere 1) ]
                service.Operator.Drain address |> ignore
                let! answers = (Task.WhenAll waiting).WaitAsync(seconds 10.0)
                Expect.all answers _.IsNoWorkers "no worker is left"
            }

            testTask "an added worker serves waiting requests" {
                let! _, service, _ = full ()
                let waiting = service.Take()
                let other = TestWorker.deadAddress ()
                service.Operator.Add other |> ignore
                let! acquired = waiting
                Expect.equal (WorkersUnderTest.leaseOf acquired).Address other "the new one"
            }

            testTask "a removal during the publication of an addition is published after it" {
                let service = start 8 64 []
                let address = WorkerAddress.withoutTls "worker" 1
                let changes = Collections.Concurrent.ConcurrentQueue<ListChange>()
                let mutable removing: Task<ListChange> = Task.FromResult NotThere

                service.List.Edited.Add(fun edit ->
                    if edit.Change = Added then
                        removing <- Task.Run(fun () -> service.Operator.Remove address)
                        removing.Wait(TimeSpan.FromMilliseconds 300.0) |> ignore)

                service.List.Edited.Add(fun edit -> changes.Enqueue edit.Change)
                service.Operator.Add address |> ignore
                let! removed = removing.WaitAsync(seconds 10.0)
                Expect.equal removed Removed "removed"
                Expect.equal (List.ofSeq changes) [ Added; Removed ] "in the order in which they were made"
                Expect.isEmpty service.Report "and off the list"
            }

            testTask "with 1,000 workers and 1,000 waiting requests, a completion does not visit each of them" {
                let service =
                    start 1 1_000 [ for port in 1..1_000 -> WorkerAddress.withoutTls "worker" port ]

                let! held = Task.WhenAll [ for _ in 1..1_000 -> service.Take() ]
                let waiting = [| for _ in 1..1_000 -> service.Take() |]
                Expect.equal service.List.Waiting 1_000 "all wait"
                let before = GC.GetAllocatedBytesForCurrentThread()

                for held in held do
                    service.List.Succeeded(WorkersUnderTest.leaseOf held)

                let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                // Some KB each; a pick of every worker for every waiting request would be hundreds of MB.
                Expect.isLessThan allocated 60_000_000L "bytes"
                let! given = Task.WhenAll waiting
                Expect.all given _.IsAcquired "all have a worker"
            }
        ]
