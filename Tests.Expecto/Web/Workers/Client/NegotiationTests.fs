/// Negotiation with workers of every age: their capabilities are determined without a user's request.
module Tests.Expecto.Web.NegotiationTests

open System
open System.Buffers
open System.Threading
open Expecto
open Tests.Expecto
open Protocol.Core
open Web.Giraffe
open Scenarios.Peers

let settings =
    { WorkersUnderTest.settings.Client with
        Silence = TimeSpan.FromSeconds 5.0
    }

let picture = Array.init 20_000 (fun index -> byte (index * 7))

let ask (client: WorkerClient) address options =
    client.Send(address, ReadOnlySequence picture, options, TimeSpan.FromSeconds 10.0, CancellationToken.None)

let addressOf (worker: OldWorker) = TestWorker.addressOf worker.EndPoint

let named _ = "Samoyed:0.9284364581108093"

/// Sends a picture, which the worker must recognize.
let recognizedWith options client address =
    task {
        match! ask client address options with
        | Succeeded recognition -> Expect.equal recognition.Classes[0].Label "Samoyed" "the answer"
        | other -> failtest $"{other}"
    }

let recognized client address =
    recognizedWith ClassifyOptions.None client address

let private withMaps =
    { ClassifyOptions.None with
        Explain = true
    }

/// A worker that answers parameters with these bytes and ends the connection then.
let private plainAfter name (refusal: byte[]) =
    testTask $"{name}: plain, and every request is answered" {
        use worker = TestWorker.good ()
        worker.Refusal <- ValueSome refusal
        use client = WorkersUnderTest.client settings
        do! client.Negotiate worker.Address
        Expect.equal (client.Capabilities worker.Address) PeerCapabilities.Plain "plain"

        for _ in 1..3 do
            do! recognized client worker.Address

        Expect.equal worker.Accepted 4 "negotiated once"
        Expect.all worker.Pictures (fun got -> got = picture) "the picture's own bytes"
    }

let tests =
    testList
        "Negotiation"
        [
            testTask "an original worker is plain after one silent connection, without cost to a request" {
                use worker = new OldWorker(named)
                use client = WorkersUnderTest.client settings
                let address = addressOf worker
                Expect.equal (client.Capabilities address) PeerCapabilities.Unknown "at first"
                // The first request waits for nothing.
                do! recognized client address
                do! client.Negotiate address
                Expect.equal (client.Capabilities address) PeerCapabilities.Plain "then"

                for _ in 1..5 do
                    do! recognized client address

                do! WorkersUnderTest.eventually "six requests" (fun () -> worker.Served = 6)
                Expect.equal worker.Died 1 "one thread for the negotiation"
                Expect.equal worker.Accepted 7 "a connection each"
            }

            plainAfter "an end" [||]
            plainAfter "an N" "N"B

            testTask "an A without a result means plain" {
                use worker = new TestWorker(Sends "A"B)
                use client = WorkersUnderTest.client settings
                do! client.Negotiate worker.Address
                Expect.equal (client.Capabilities worker.Address) PeerCapabilities.Plain "plain"
                Expect.equal worker.Accepted 1 "one connection"
            }

            testTask "the first request gets its maps from a new worker without a negotiation before" {
                use worker = TestWorker.good ()
                use client = WorkersUnderTest.client settings
                do! recognizedWith withMaps client worker.Address
                Expect.equal (worker.ReceivedParameters |> Array.map _.Explain) [| true |] "requested"
            }

            testTask "a first request for maps at an original worker waits for the negotiation and gets its classes" {
                use worker = new OldWorker(named)
                use client = WorkersUnderTest.client settings
                do! recognizedWith withMaps client (addressOf worker)
                do! recognizedWith withMaps client (addressOf worker)
                Expect.equal worker.Died 1 "negotiated once"
            }

            testTask "a worker that can't be reached stays unknown, and is negotiated with when it has answered" {
                use worker = TestWorker.good ()
                use client = WorkersUnderTest.client settings
                worker.Kill()
                do! client.Negotiate worker.Address
                Expect.equal (client.Capabilities worker.Address) PeerCapabilities.Unknown "unknown"
                worker.Restart()
                do! recognized client worker.Address

                do!
                    WorkersUnderTest.eventually "extended" (fun () ->
                        client.Capabilities worker.Address = PeerCapabilities.Extended)
            }

            testTask "with Client:Exchange=Plain there is no negotiation" {
                use worker = TestWorker.good ()

                use client =
                    WorkersUnderTest.client
                        { settings with
                            Mode = ExchangeMode.Plain
                        }

                do! client.Negotiate worker.Address
                do! recognizedWith withMaps client worker.Address
                Expect.equal worker.Accepted 1 "the request"
                Expect.equal worker.ReceivedParameters [| Parameters.none |] "without parameters"
            }
        ]
