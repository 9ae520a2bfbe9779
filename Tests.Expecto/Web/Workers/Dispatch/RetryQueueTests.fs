/// The queue of retries: first come, first served, and no permit is lost when it is granted during a cancellation.
module Tests.Expecto.Web.RetryQueueTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe

let private timeout = TimeSpan.FromMinutes 1.0

let private take (queue: RetryQueue) =
    queue.Take(timeout, CancellationToken.None)

let private granted (taking: Task<bool>) =
    task {
        let! granted = taking.WaitAsync(TimeSpan.FromSeconds 10.0)
        Expect.isTrue granted "granted"
    }

/// A queue whose three permits, which need no requests, are taken.
let private full (time: TimeProvider) =
    task {
        let queue = RetryQueue(8, time)

        for _ in 1..3 do
            do! granted (take queue)

        return queue
    }

/// Returns a permit that was granted in spite of the cancellation.
let private giveBack (queue: RetryQueue) (waiting: Task<bool>) =
    task {
        do! Task.WhenAny waiting :> Task

        if waiting.IsCompletedSuccessfully then
            queue.Ended()
    }

/// Checks that three permits are free, and no fourth.
let private threeAreFree (queue: RetryQueue) =
    task {
        let taking = [ for _ in 1..4 -> take queue ]

        for taking in List.take 3 taking do
            do! granted taking

        Expect.isFalse taking[3].IsCompleted "no fourth"
    }

let tests =
    testList
        "RetryQueue"
        [
            testTask "the retry queue is first come, first served" {
                let! queue = full (FakeTimeProvider())
                let waiting = [ for _ in 1..3 -> take queue ]

                for index in 0..2 do
                    queue.Ended()
                    do! granted waiting[index]

                    for later in waiting[index + 1 ..] do
                        Expect.isFalse later.IsCompleted "not yet"
            }

            testTask "the retry queue is bounded in length and time" {
                let time = FakeTimeProvider()
                let! queue = full time
                let waiting = [ for _ in 1..8 -> take queue ]
                let! ninth = take queue
                Expect.isFalse ninth "the queue is full"
                time.Advance timeout
                let! results = Task.WhenAll waiting
                Expect.all results not "timed out"
                queue.Ended()
                // The others have left the queue.
                do! granted (take queue)
            }

            testTask "a permit granted during a cancellation is returned" {
                let! queue = full (FakeTimeProvider())
                use gone = new CancellationTokenSource()
                let waiting = queue.Take(timeout, gone.Token)
                // Callbacks run in the reverse order of their registration: the permit is granted first.
                use _ = gone.Token.Register(fun () -> queue.Ended())
                gone.Cancel()
                do! giveBack queue waiting
                queue.Ended()
                queue.Ended()
                do! threeAreFree queue
            }

            testTask "permits granted during concurrent cancellations are never lost" {
                let! queue = full (FakeTimeProvider())

                for _ in 1..2_000 do
                    use gone = new CancellationTokenSource()
                    let waiting = queue.Take(timeout, gone.Token)
                    do! WorkersUnderTest.together queue.Ended gone.Cancel
                    do! giveBack queue waiting
                    // Taken again for the next round.
                    do! granted (take queue)

                for _ in 1..3 do
                    queue.Ended()

                do! threeAreFree queue
            }
        ]
