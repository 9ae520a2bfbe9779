module Tests.Expecto.Protocol.ClientExchangeTests

open System
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Script

let private size = "D 4 -0053"
let private image = "D TWFu -0359"

let private predictions = [| { Label = "Samoyed"; Probability = 0.5 } |]

let private result =
    Bytes.toText (Bytes.written (Message.Result(ReadOnlyMemory(Prediction.write predictions), Parameters.none)))

let private finished =
    [
        Sent "A"
        Answered(ClientAnswer.Recognized(Recognition.ofPredictions predictions))
    ]

let private client () = Client(Limits.Standard, "Man"B)
let private failed stage cause = Failed(Failure.at stage cause)

let private afterImage () =
    let client = client ()
    client.Receive "A" |> ignore
    client.Receive "A" |> ignore
    client

let tests =
    testList
        "ClientExchange"
        [
            test "an exchange without a hitch" {
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

            test "N makes it send the same again, once each, three times in all" {
                let client = client ()
                Expect.equal (client.Receive "N") [ Sent size ] "the second"
                Expect.equal (client.Receive "N") [ Sent size ] "the third"
                Expect.equal (client.Receive "N") [ failed Stage.Size Cause.RejectedTooOften ] "enough"
            }

            test "the image likewise" {
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

            test "where the image's A was damaged, the result shows that it was one" {
                let client = client ()
                client.Receive "A" |> ignore
                Expect.equal (client.Receive("E" + result)) [ Sent image; yield! finished ] "the result stands"
            }

            test "an N in place of the result is the picture's refusal" {
                Expect.equal
                    (afterImage().Receive "N")
                    [ Answered(ClientAnswer.ImageRefused Refusal.unexplained) ]
                    "refused"
            }

            test "a damaged result is asked for again when the peer is quiet" {
                let client = afterImage ()
                Expect.equal client.Patience ValueNone "the worker may think for long"
                Expect.equal (client.Receive(result.Replace("Sam", "Ham"))) [] "no end in sight"
                Expect.equal client.Patience (ValueSome(TimeSpan.FromMilliseconds 100.0)) "it looks ended"
                Expect.equal (client.Event ClientEvent.Quiet) [ Sent "N" ] "again, please"
                Expect.equal (client.Receive result) finished "the good one, without the bad one before it"
            }

            test "a result without its tail is waited for longer" {
                let client = afterImage ()
                client.Receive "D Samoyed:0." |> ignore
                Expect.equal client.Patience (ValueSome(TimeSpan.FromSeconds 1.0)) "the rest may come"
            }

            test "three damaged results are enough" {
                let client = afterImage ()
                client.Receive "D a:1 -0001" |> ignore
                client.Event ClientEvent.Quiet |> ignore
                client.Receive "D a:1 -0001" |> ignore
                client.Event ClientEvent.Quiet |> ignore
                client.Receive "D a:1 -0001" |> ignore

                Expect.equal
                    (client.Event ClientEvent.Quiet)
                    [ failed Stage.Result Cause.RejectedTooOften ]
                    "rejected too often"
            }

            test "a result for ever is cut at the limit" {
                let client = Client({ Limits.Standard with MaxResult = 64 }, "Man"B)
                client.Receive "AA" |> ignore

                Expect.equal
                    (client.Receive("D " + String('a', 80)))
                    [ failed Stage.Result (Cause.Malformed(ResultOverLimit 64)) ]
                    "named"

                Expect.equal client.Held 0 "nothing of it stays"
            }

            test "what a worker claims is not trusted" {
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

            test "the peer's end and the deadline say at which step" {
                for before, stage in [ "", Stage.Size; "A", Stage.Image; "AA", Stage.Result ] do
                    let run event =
                        let client = client ()
                        client.Receive before |> ignore
                        client.Event event

                    Expect.equal (run ClientEvent.PeerEnded) [ failed stage Cause.Closed ] "closed"
                    Expect.equal (run ClientEvent.DeadlinePassed) [ failed stage Cause.TimedOut ] "timed out"
            }
        ]
