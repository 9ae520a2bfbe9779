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

let private afterImage () =
    let client = client ()
    client.Receive "A" |> ignore
    client.Receive "A" |> ignore
    client

let tests =
    testList
        "ClientExchange"
        [
            test "an exchange without faults" {
                let client = client ()
                Expect.equal client.Opening [ Sent size ] "the size first, and alone"
                Expect.equal (client.Receive "A") [ Sent image ] "then the image"
                Expect.equal (client.Receive "A") [] "then it waits"
                Expect.equal (client.Receive result) finished "and acknowledges the result"
            }

            test "the image's A and the result may come in one read, or byte by byte" {
                let joined = client ()
                joined.Receive "A" |> ignore
                Expect.equal (joined.Receive("A" + result)) finished "joined"

                let split = client ()
                split.Receive "A" |> ignore

                let did =
                    [ for letter in "A" + result -> split.Receive(string letter) ] |> List.concat

                Expect.equal did finished "split"
            }

            test "each N makes it send the message again, up to three times" {
                let client = client ()
                Expect.equal (client.Receive "N") [ Sent size ] "the second"
                Expect.equal (client.Receive "N") [ Sent size ] "the third"
                Expect.equal (client.Receive "N") [ failed Stage.Size Cause.RejectedTooOften ] "enough"
            }

            test "each N makes it send the image again, up to three times" {
                let client = client ()
                client.Receive "A" |> ignore
                Expect.equal (client.Receive "N") [ Sent image ] "the second"
                Expect.equal (client.Receive "N") [ Sent image ] "the third"
                Expect.equal (client.Receive "N") [ failed Stage.Image Cause.RejectedTooOften ] "enough"
            }

            test "a damaged answer counts as N" {
                let client = client ()
                Expect.equal (client.Receive "Q") [ Sent size ] "again"
                Expect.equal (client.Receive "A") [ Sent image ] "and on"
            }

            test "if the image's A was damaged, the result counts as its A" {
                let client = client ()
                client.Receive "A" |> ignore
                Expect.equal (client.Receive("E" + result)) [ Sent image; yield! finished ] "the result stands"
            }

            test "an N instead of the result refuses the picture" {
                Expect.equal
                    (afterImage().Receive "N")
                    [ Answered(ClientAnswer.ImageRefused Refusal.unexplained) ]
                    "refused"
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
                    [ failed Stage.Result (Cause.Malformed(ResultOverLimit 64)) ]
                    "named"

                Expect.equal client.Held 0 "nothing of it stays"
            }

            test "implausible results are refused" {
                let claim (payload: string) =
                    let message = Message.Result(ReadOnlyMemory(Bytes.ofText payload), Parameters.none)
                    afterImage().Receive(Bytes.written message)

                let malformed reason =
                    [ failed Stage.Result (Cause.Malformed reason) ]

                Expect.equal (claim "a:NaN") (malformed ProbabilityOutOfRange) "not a number"
                Expect.equal (claim "a:2.5") (malformed ProbabilityOutOfRange) "over 1"
                Expect.equal (claim "a:-0.1") (malformed ProbabilityOutOfRange) "under 0"
                Expect.equal (claim "a:x") (malformed ProbabilityNotDecimal) "no number"
                Expect.equal (claim "") (malformed MalformedPair) "nothing"
                Expect.equal (claim ":0.5") (malformed LabelEmpty) "no label"
                Expect.equal (claim "a:b:0.5") (malformed MalformedPair) "two colons"
                Expect.equal (claim "\xff:0.5") (malformed NotUtf8) "no UTF-8"
            }

            test "the peer's end and the deadline are reported with their step" {
                for before, stage in [ "", Stage.Size; "A", Stage.Image; "AA", Stage.Result ] do
                    let run event =
                        let client = client ()
                        client.Receive before |> ignore
                        client.Event event

                    Expect.equal (run ClientEvent.PeerEnded) [ failed stage Cause.Closed ] "closed"
                    Expect.equal (run ClientEvent.DeadlinePassed) [ failed stage Cause.TimedOut ] "timed out"
            }
        ]
