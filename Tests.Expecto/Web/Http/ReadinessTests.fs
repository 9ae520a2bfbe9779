/// Whether the node says that it is live and ready: with and without workers, and when it stops.
module Tests.Expecto.Web.ReadinessTests

open System
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe

let private health =
    testTask
        "the node is live and ready without a worker; with Http:ReadyNeedsWorker, it is ready only while one is active" {
        use worker = TestWorker.good ()
        use! alone = WebUnderTest.Start []
        let! ready = alone.Send("GET", "/health/ready")
        let! text = Http.text ready
        Expect.equal (Http.status ready) 200 text
        Expect.stringContains text "\"activeWorkers\":0" "and it reports that there is none"

        use! web =
            WebUnderTest.Start([ "--Http:ReadyNeedsWorker=true" ], [], TimeProvider.System)

        let! live = web.Send("GET", "/health/live")
        Expect.equal (Http.status live) 200 "live"
        let! ready = web.Send("GET", "/health/ready")
        Expect.equal (Http.status ready) 503 "nobody there"
        let! _ = web.Send("GET", $"/add/{worker.Address}")
        let! ready = web.Send("GET", "/health/ready")
        Expect.equal (Http.status ready) 200 "somebody there"
        let! head = web.Send("HEAD", "/health/ready")
        Expect.equal (Http.status head) 200 "for a prober that wants no body"
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
                let! ready = web.Send("GET", "/health/ready")
                let! text = Http.text ready
                Expect.equal (Http.status ready) status text
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

        let! answer =
            web.Send("POST", "/api/classify", [], Some(Http.body (Picture.png 100)))

        Expect.equal (Http.status answer) 200 "a user's picture"
        do! expect 200 "\"ready\""
    }

let private drain =
    testTask "a stopping node is not ready at once, still answers, and finishes running requests" {
        use worker = TestWorker.slow 1500.0
        use! web = WebUnderTest.Start([ "--Http:DrainSeconds=1" ], [ worker.Address ])

        let running =
            web.Send("POST", "/api/classify", [], Some(Http.body (Picture.png 100)))

        do! WorkersUnderTest.eventually "it is with the worker" (fun () -> worker.Pictures.Length = 1)
        let stopped = web.Stop()
        let! ready = web.Send("GET", "/health/ready")
        Expect.equal (Http.status ready) 503 "readiness first"
        let! text = Http.text ready
        Expect.stringContains text "stopping" "and why"
        let! home = web.Send("GET", "/")
        Expect.equal (Http.status home) 200 "still answering"
        let! answer = running
        Expect.equal (Http.status answer) 200 "finished"
        do! stopped.WaitAsync(TimeSpan.FromSeconds 10.0)
    }

let tests = testList "Readiness" [ health; fresh; drain ]
