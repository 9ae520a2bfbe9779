/// The node's liveness and readiness, with and without workers, and while it stops.
module Tests.Expecto.Web.ReadinessTests

open System
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe
open Tests.Expecto.Web.ClassifyUnderTest

let private health =
    testTask
        "the node is live and ready without a worker; with Http:ReadyNeedsWorker, it is ready only while one is active" {
        use worker = TestWorker.good ()
        use! alone = WebUnderTest.Start []
        let! text = Http.textWith 200 "status" (alone.Send("GET", "/health/ready"))
        Expect.stringContains text "\"activeWorkers\":0" "and it reports that there is none"

        use! web =
            WebUnderTest.Start([ "--Http:ReadyNeedsWorker=true" ], [], TimeProvider.System)

        do! Http.returns 200 "live" (web.Send("GET", "/health/live"))
        do! Http.returns 503 "nobody there" (web.Send("GET", "/health/ready"))
        let! _ = web.Send("GET", $"/add/{worker.Address}")
        do! Http.returns 200 "somebody there" (web.Send("GET", "/health/ready"))
        do! Http.returns 200 "for a prober that wants no body" (web.Send("HEAD", "/health/ready"))
    }

let private fresh =
    testTask "the node is not ready when the last classification is too long ago, and a user's request counts" {
        use worker = TestWorker.good ()
        let time = FakeTimeProvider()

        // An answer is good for 60 + 10 + 2 s.
        let options =
            [
                "--Http:ReadyNeedsWorker=true"
                "--Pool:CheckSeconds=60"
                "--Pool:CheckDeadlineSeconds=10"
                "--Client:ConnectSeconds=10"
            ]

        use! web = WebUnderTest.Start(options, [ worker.Address ], time)

        let expect status (says: string) =
            task {
                let! text = Http.textWith status "status" (web.Send("GET", "/health/ready"))
                Expect.stringContains text says "why"
                Expect.stringContains text "\"activeWorkers\":1" "active all the time"
            }

        do! expect 200 "\"ready\""
        // Whoever checks it now waits, for as long as the clock stands.
        worker.Behaviour <- Silent
        time.Advance(TimeSpan.FromSeconds 71.0)
        do! expect 200 "\"ready\""
        time.Advance(TimeSpan.FromSeconds 2.0)
        do! expect 503 "no worker has answered lately"
        worker.Behaviour <- Predicts(TestWorker.predictions, TimeSpan.Zero)
        do! Http.returns 200 "a user's picture" (classify web (Http.body (Picture.png 100)))
        do! expect 200 "\"ready\""
    }

let private drain =
    testTask "a stopping node is not ready at once, still answers, and finishes running requests" {
        use! web =
            WebUnderTest.StartWith([ "--Http:DrainSeconds=1" ], TestWorker.slow 1500.0)

        let running = classify web (Http.body (Picture.png 100))

        do! WorkersUnderTest.eventually "it is with the worker" (fun () -> web.Worker.Pictures.Length = 1)
        let stopped = web.Stop()
        let! text = Http.textWith 503 "readiness first" (web.Send("GET", "/health/ready"))
        Expect.stringContains text "stopping" "and why"
        do! Http.returns 200 "still answering" (web.Send("GET", "/"))
        do! Http.returns 200 "finished" running
        do! stopped.WaitAsync(TimeSpan.FromSeconds 10.0)
    }

let tests = testList "Readiness" [ health; fresh; drain ]
