/// The extended exchange over kept connections.
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
            client.Send(
                worker.Address,
                ReadOnlySequence image,
                ClassifyOptions.None,
                TimeSpan.FromSeconds 5.0,
                CancellationToken.None
            )
    }

let private recognized = Succeeded(Recognition.ofPredictions TestWorker.predictions)

let private picture = Array.init 100_000 (fun index -> byte (index * 7))

let tests =
    testList
        "Extended"
        [
            testTask "one connection serves request after request, whatever the picture's length" {
                use client = WorkersUnderTest.client settings
                use worker = TestWorker.good ()

                for length in [ 1; 3; 65_534; 65_536; 300_000; 5_000_000 ] do
                    let image = Array.init length (fun index -> byte (index * 31))
                    let! outcome = ask client worker image
                    Expect.equal outcome recognized "the answer"

                    Expect.isTrue (image.AsSpan().SequenceEqual(ReadOnlySpan(Array.last worker.Pictures))) "the picture"

                Expect.equal worker.Accepted 1 "connections"
            }

            testTask "an undecodable picture has a reason, and the connection is kept" {
                use client = WorkersUnderTest.client settings
                use worker = new TestWorker(CantDecode)

                for _ in 1..3 do
                    let! outcome = ask client worker picture
                    Expect.equal outcome (PictureRefused(Refusal.create "Damaged" "No picture.")) "the reason"

                Expect.equal worker.Accepted 1 "connections"
            }

            testTask "kept connections are limited in number and age" {
                use client =
                    WorkersUnderTest.client
                        { settings with
                            IdleConnections = 2
                            Idle = TimeSpan.FromSeconds 0.5
                        }

                use worker = TestWorker.slow 100.0
                let! outcomes = Task.WhenAll [ for _ in 1..5 -> ask client worker picture ]
                Expect.all outcomes (fun outcome -> outcome = recognized) "all answered"
                Expect.equal worker.Accepted 5 "one each"
                do! WorkersUnderTest.eventually "two are kept" (fun () -> worker.Open = 2)
                do! WorkersUnderTest.eventually "none is kept" (fun () -> worker.Open = 0)
            }

            testTask "kept connections that the worker closed cost no request" {
                use worker = TestWorker.good ()
                let service = WorkersUnderTest.start [ worker.Address ]

                for _ in 1..10 do
                    let! result = service.Classify()
                    Expect.isOk result "before"
                    worker.Kill()
                    worker.Restart()
                    let! result = service.Classify()
                    Expect.isOk result "after"

                let row = service.Row worker.Address
                Expect.equal (row.State, row.Failures) (Active, 0L) "no failure"
            }

            testTask "a request whose kept connection ends is sent again on a new one" {
                use client = WorkersUnderTest.client settings
                use worker = TestWorker.good ()
                let! _ = ask client worker picture
                worker.Freeze()
                let asking = ask client worker picture
                do! Task.Delay 50
                worker.Cut()
                worker.Thaw()
                let! outcome = asking
                Expect.equal outcome recognized "the answer"
            }

            testTask "a connection with surplus bytes is not reused" {
                use client = WorkersUnderTest.client settings
                use worker = TestWorker.good ()
                worker.Surplus <- "A"B

                for _ in 1..3 do
                    let! outcome = ask client worker picture
                    Expect.equal outcome recognized "the answer"

                Expect.equal worker.Accepted 5 "one each, the negotiation's and the query's for models included"
            }

            testTask "removing a worker closes its connections" {
                use worker = TestWorker.slow 50.0
                let service = WorkersUnderTest.start [ worker.Address ]
                do! service.Client.Negotiate worker.Address
                let! _ = service.ClassifyMany 4
                do! WorkersUnderTest.eventually "kept" (fun () -> worker.Open = 4)
                let running = service.Classify()
                service.Operator.Remove worker.Address |> ignore
                do! WorkersUnderTest.eventually "idle ones closed" (fun () -> worker.Open <= 1)
                let! result = running
                Expect.isOk result "the request in flight is answered"
                do! WorkersUnderTest.eventually "and its connection is closed" (fun () -> worker.Open = 0)
            }

            testTask "a request's options reach the worker" {
                use worker = TestWorker.good ()
                let service = WorkersUnderTest.start [ worker.Address ]
                let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

                let! result =
                    service.Classify
                        { ClassifyOptions.None with
                            Top = ValueSome 7
                            Explain = true
                            Trace = ValueSome trace
                        }

                Expect.isOk result "answered"

                Expect.equal
                    (Array.last worker.ReceivedParameters)
                    { Parameters.extended with
                        Top = ValueSome 7
                        Explain = true
                        Trace = ValueSome trace
                    }
                    "these options and no others"
            }
        ]
