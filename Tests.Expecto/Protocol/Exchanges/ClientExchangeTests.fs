/// The client's side of a plain exchange: what docs/protocol-vectors.json has no case for.
module Tests.Expecto.Protocol.ClientExchangeTests

open System
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Script
open Tests.Expecto.Protocol.PlainScript

let private finished =
    [
        Sent "A"
        Answered(ClientAnswer.Recognized(Recognition.ofPredictions predictions))
    ]

let private afterImage () = clientAfter "AA"

let tests =
    testList
        "ClientExchange"
        [
            test "each N makes it send the message again, up to three times" {
                for before, message, stage in [ "", size, Stage.Size; "A", image, Stage.Image ] do
                    let client = clientAfter before
                    Expect.equal (client.Receive "N") [ Sent message ] $"{stage}: the second"
                    Expect.equal (client.Receive "N") [ Sent message ] $"{stage}: the third"
                    Expect.equal (client.Receive "N") [ failed stage Cause.RejectedTooOften ] $"{stage}: enough"
            }

            test "if the image's A was damaged, the result counts as its A" {
                let client = clientAfter "A"
                Expect.equal (client.Receive("E" + result)) [ Sent image; yield! finished ] "the result stands"
            }

            test "a damaged result is asked for again when the peer is quiet" {
                let client = afterImage ()
                Expect.equal client.IdleTimeout ValueNone "the worker may think for long"
                Expect.equal (client.Receive(result.Replace("Sam", "Ham"))) [] "no end in sight"
                Expect.equal client.IdleTimeout (ValueSome(TimeSpan.FromMilliseconds 100.0)) "it looks ended"
                Expect.equal (client.Event ClientEvent.IdleTimeout) [ Sent "N" ] "again, please"
                Expect.equal (client.Receive result) finished "the good one, without the bad one before it"
            }

            test "the client waits longer for the end of a truncated result" {
                let client = afterImage ()
                client.Receive "D Samoyed:0." |> ignore
                Expect.equal client.IdleTimeout (ValueSome(TimeSpan.FromSeconds 1.0)) "the rest may come"
            }

            test "the third damaged result ends the exchange" {
                let client = afterImage ()
                client.Receive "D a:1 -0001" |> ignore
                client.Event ClientEvent.IdleTimeout |> ignore
                client.Receive "D a:1 -0001" |> ignore
                client.Event ClientEvent.IdleTimeout |> ignore
                client.Receive "D a:1 -0001" |> ignore

                Expect.equal
                    (client.Event ClientEvent.IdleTimeout)
                    [ failed Stage.Result Cause.RejectedTooOften ]
                    "rejected too often"
            }

            test "an endless result is cut at the limit" {
                let client = Client({ Limits.Standard with MaxResult = 64 }, "Man"B)
                client.Receive "AA" |> ignore

                Expect.equal
                    (client.Receive("D " + String('a', 80)))
                    [ malformed Stage.Result (ResultOverLimit 64) ]
                    "named"

                Expect.equal client.Held 0 "nothing of it stays"
            }

            test "the peer's end and the deadline are reported with their step" {
                for before, stage in [ "", Stage.Size; "A", Stage.Image; "AA", Stage.Result ] do
                    let run (event: ClientEvent) = (clientAfter before).Event event
                    Expect.equal (run ClientEvent.PeerEnded) [ failed stage Cause.Closed ] $"{stage}: closed"
                    Expect.equal (run ClientEvent.DeadlinePassed) [ failed stage Cause.TimedOut ] $"{stage}: timed out"
            }
        ]
