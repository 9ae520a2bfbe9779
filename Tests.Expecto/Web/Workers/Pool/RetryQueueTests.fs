/// The queue of second attempts: first come, first served, and nothing is lost where a grant and the end of waiting meet.
module Tests.Expecto.Web.RetryQueueTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe

let private timeout = TimeSpan.FromMinutes 1.0

/// With all three second attempts under way that there are without requests.
let private full (time: TimeProvider) =
    task {
        let line = RetryQueue(8, time)

        for _ in 1..3 do
            let! granted = line.Take(timeout, CancellationToken.None)
            Expect.isTrue granted "one of three"

        return line
    }

/// Whether all three can be had again, and no fourth.
let private allThere (line: RetryQueue) =
    task {
        let taking = [ for _ in 1..4 -> line.Take(timeout, CancellationToken.None) ]

        do!
            WorkersUnderTest.eventually "three" (fun () ->
                taking |> List.take 3 |> List.forall _.IsCompletedSuccessfully)

        Expect.isFalse taking[3].IsCompleted "and no fourth"
    }

let tests =
    testList
        "RetryQueue"
        [
            testTask "the retry queue is first come, first served" {
                let! line = full (FakeTimeProvider())
                let waiting = [ for _ in 1..3 -> line.Take(timeout, CancellationToken.None) ]

                for index in 0..2 do
                    line.Ended()
                    let! granted = waiting[index].WaitAsync(TimeSpan.FromSeconds 10.0)
                    Expect.isTrue granted "granted"

                    for later in waiting[index + 1 ..] do
                        Expect.isFalse later.IsCompleted "not yet"
            }

            testTask "the retry queue is bounded in length and time" {
                let time = FakeTimeProvider()
                let! line = full time
                let waiting = [ for _ in 1..8 -> line.Take(timeout, CancellationToken.None) ]
                let! ninth = line.Take(timeout, CancellationToken.None)
                Expect.isFalse ninth "the line is full"
                time.Advance timeout
                let! granted = Task.WhenAll waiting
                Expect.all granted not "timed out"
                line.Ended()
                let! next = line.Take(timeout, CancellationToken.None)
                Expect.isTrue next "they have left the line"
            }

            testTask "a permit granted during a cancellation is returned" {
                let! line = full (FakeTimeProvider())
                use gone = new CancellationTokenSource()
                let waiting = line.Take(timeout, gone.Token)
                // Callbacks run in the reverse order of their registration: it is granted first.
                use _ = gone.Token.Register(fun () -> line.Ended())
                gone.Cancel()
                let! _ = Task.WhenAny waiting

                if waiting.IsCompletedSuccessfully then
                    line.Ended()

                line.Ended()
                line.Ended()
                do! allThere line
            }

            testTask "permits granted during concurrent cancellations are never lost" {
                let! line = full (FakeTimeProvider())

                for _ in 1..2_000 do
                    use gone = new CancellationTokenSource()
                    let waiting = line.Take(timeout, gone.Token)
                    use together = new Barrier 2

                    let grant =
                        Task.Run(fun () ->
                            together.SignalAndWait()
                            line.Ended())

                    let cancel =
                        Task.Run(fun () ->
                            together.SignalAndWait()
                            gone.Cancel())

                    do! Task.WhenAll(grant, cancel)
                    let! _ = Task.WhenAny waiting

                    if waiting.IsCompletedSuccessfully then
                        line.Ended()

                    // Taken again for the next round.
                    let! granted =
                        line.Take(timeout, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds 10.0)

                    Expect.isTrue granted "none is lost"

                for _ in 1..3 do
                    line.Ended()

                do! allThere line
            }
        ]
