/// The extended exchange against workers of every age, over kept connections.
module Tests.Expecto.Web.ExtendedTests

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Protocol.Core
open Web.Giraffe

let private settings =
    { WorkersUnderTest.settings.Client with
        Silence = TimeSpan.FromSeconds 5.0
    }

let private ask (client: WorkerClient) (worker: TestWorker) (image: byte[]) =
    task {
        if client.Capabilities worker.Address = PeerCapabilities.Unknown then
            do! client.Negotiate worker.Address

        return!
            client.Ask(
                worker.Address,
                ReadOnlySequence image,
                ClassifyOptions.None,
                TimeSpan.FromSeconds 5.0,
                CancellationToken.None
            )
    }

let private named =
    Replied(Succeeded(Recognition.ofPredictions TestWorker.predictions))

let private picture = Array.init 100_000 (fun index -> byte (index * 7))

let private withClient change body =
    task {
        use client = WorkersUnderTest.client (change settings)
        do! body client
    }

let private reuse =
    testCaseTask "one connection serves request after request, whatever the picture's length"
    <| fun () ->
        withClient id (fun client ->
            task {
                use worker = TestWorker.good ()

                for length in [ 1; 3; 65_534; 65_536; 300_000; 5_000_000 ] do
                    let image = Array.init length (fun index -> byte (index * 31))
                    let! outcome = ask client worker image
                    Expect.equal outcome named "the answer"

                    Expect.isTrue
                        (image.AsSpan().SequenceEqual(ReadOnlySpan(Array.last worker.Pictures)))
                        "the picture"

                Expect.equal worker.Accepted 1 "connections"
            })

let private refusedPicture =
    testCaseTask "an undecodable picture has a reason, and the connection is kept"
    <| fun () ->
        withClient id (fun client ->
            task {
                use worker = new TestWorker(CantDecode)

                for _ in 1..3 do
                    let! outcome = ask client worker picture
                    Expect.equal outcome (Replied(Undecodable(Refusal.create "Damaged" "No picture."))) "the reason"

                Expect.equal worker.Accepted 1 "connections"
            })

let private bounded =
    testCaseTask "kept connections are limited in number and age"
    <| fun () ->
        withClient
            (fun settings ->
                { settings with
                    IdleConnections = 2
                    Idle = TimeSpan.FromSeconds 0.5
                })
            (fun client ->
                task {
                    use worker = TestWorker.slow 100.0
                    let! outcomes = Task.WhenAll [ for _ in 1..5 -> ask client worker picture ]
                    Expect.all outcomes (fun outcome -> outcome = named) "all answered"
                    Expect.equal worker.Accepted 5 "one each"
                    do! WorkersUnderTest.eventually "two are kept" (fun () -> worker.Open = 2)
                    do! WorkersUnderTest.eventually "none is kept" (fun () -> worker.Open = 0)
                })

let private stale =
    testTask "kept connections that the worker closed cost no request" {
        use worker = TestWorker.good ()
        let engine = WorkersUnderTest.start [ worker.Address ]

        for _ in 1..10 do
            let! result = engine.Classify()
            Expect.isOk result "before"
            worker.Kill()
            worker.Restart()
            let! result = engine.Classify()
            Expect.isOk result "after"

        let row = engine.Row worker.Address
        Expect.equal (row.State, row.Failures) (Active, 0L) "nothing held against it"
    }

let private cutInFlight =
    testCaseTask "a request whose kept connection ends is sent again on a new one"
    <| fun () ->
        withClient id (fun client ->
            task {
                use worker = TestWorker.good ()
                let! _ = ask client worker picture
                worker.Freeze()
                let asking = ask client worker picture
                do! Task.Delay 50
                worker.Cut()
                worker.Thaw()
                let! outcome = asking
                Expect.equal outcome named "the answer"
            })

let private leftover =
    testCaseTask "a connection with surplus bytes is not reused"
    <| fun () ->
        withClient id (fun client ->
            task {
                use worker = TestWorker.good ()
                worker.Surplus <- "A"B

                for _ in 1..3 do
                    let! outcome = ask client worker picture
                    Expect.equal outcome named "the answer"

                Expect.equal
                    worker.Accepted
                    5
                    "a connection each, the negotiation's, and that of the question for models"
            })

let private removed =
    testTask "removing a worker closes its connections" {
        use worker = TestWorker.slow 50.0
        let engine = WorkersUnderTest.start [ worker.Address ]
        do! engine.Client.Negotiate worker.Address
        let! _ = Task.WhenAll [ for _ in 1..4 -> engine.Classify() ]
        do! WorkersUnderTest.eventually "kept" (fun () -> worker.Open = 4)
        let running = engine.Classify()
        (engine.List :> IWorkerList).Remove worker.Address |> ignore
        do! WorkersUnderTest.eventually "idle ones closed" (fun () -> worker.Open <= 1)
        let! result = running
        Expect.isOk result "what it had is finished"
        do! WorkersUnderTest.eventually "and that one too" (fun () -> worker.Open = 0)
    }

let private options =
    testTask "a request's options reach the worker, and the model's name comes back" {
        use worker = TestWorker.good ()
        let engine = WorkersUnderTest.start [ worker.Address ]
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

        let! result =
            engine.Classify
                { ClassifyOptions.None with
                    Top = ValueSome 7
                    Explain = true
                    Trace = ValueSome trace
                }

        Expect.isOk result "answered"
        let asked = Array.last worker.ReceivedParameters
        Expect.equal (asked.Top, asked.Explain, asked.Trace) (ValueSome 7, true, ValueSome trace) "the options"

        Expect.equal
            { asked with
                Top = ValueNone
                Explain = false
                Trace = ValueNone
            }
            Parameters.extended
            "and everything else"
    }

let tests =
    testList
        "Extended"
        [
            reuse
            refusedPicture
            bounded
            stale
            cutInFlight
            leftover
            removed
            options
        ]
