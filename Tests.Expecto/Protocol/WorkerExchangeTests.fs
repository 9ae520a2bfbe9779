module Tests.Expecto.Protocol.WorkerExchangeTests

open System
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Script

// "Man" and what it is on the wire.
let private size = "D 4 -0053"
let private image = "D TWFu -0359"

let private predictions = [| { Label = "Samoyed"; Probability = 0.5 } |]

let private result =
    Bytes.toText (Bytes.written (Message.Result(ReadOnlyMemory(Prediction.write predictions), Parameters.none)))

let private worker () = Worker Limits.Standard

/// A worker that has just sent its result.
let private answered () =
    let worker = worker ()
    worker.Receive size |> ignore
    worker.Receive image |> ignore
    worker.Recognized predictions |> ignore
    worker

let private failed stage cause = Failed(Failure.at stage cause)

let tests =
    testList
        "WorkerExchange"
        [
            test "an exchange without a hitch" {
                let worker = worker ()
                Expect.equal (worker.Receive size) [ Sent "A" ] "the size is accepted"
                Expect.equal (worker.Receive image) [ Sent "A"; Began "Man" ] "then the image"

                Expect.equal
                    (worker.Recognized predictions)
                    [ Settled; Sent result ]
                    "the A reaches the peer by itself, then the result"

                Expect.equal (worker.Receive "A") [ Served WorkerOutcome.Answered ] "and it is over"
            }

            test "byte by byte" {
                let worker = worker ()

                let did =
                    [ for letter in size + image -> worker.Receive(string letter) ] |> List.concat

                Expect.equal did [ Sent "A"; Sent "A"; Began "Man" ] "the same"
            }

            test "an image that doesn't wait for its size's A ends the exchange" {
                let early =
                    [
                        Failed
                            {
                                Stage = Stage.Size
                                Cause = Cause.Malformed(Unexpected 'D'B)
                            }
                    ]

                Expect.equal (worker().Receive(size + image)) early "behind the size"
                Expect.equal (worker().Receive(size + size + image)) early "behind a copy of it"
            }

            test "wrong sizes get N, three of them the end" {
                for wrong in
                    [
                        "D 0 -0049"
                        "D -1 -0095"
                        "D 1e9 -0208"
                        "D 1000000000000000000 -0914"
                        "D 34603008 -0409"
                        "D 5 -0054"
                        "D 4 -0054"
                        "D  -0001"
                        "X 4 -0053"
                        "D4 -0053"
                    ] do
                    let worker = worker ()
                    Expect.equal (worker.Receive wrong) [ Sent "N" ] wrong
                    Expect.equal worker.Held 0 "nothing of it stays"
                    Expect.equal (worker.Receive wrong) [ Sent "N" ] wrong

                    Expect.equal
                        (worker.Receive wrong)
                        [ Sent "N"; failed Stage.Size Cause.RejectedTooOften ]
                        "the third is the last"

                    Expect.equal (worker.Receive size) [] "and nothing goes on after it"
            }

            test "a size without an end gets N when the client is quiet" {
                let worker = worker ()
                Expect.equal worker.Patience ValueNone "nothing came: only the deadline counts"
                Expect.equal (worker.Receive "D 4 +0053") [] "no end in sight"
                Expect.isTrue worker.Patience.IsSome "the rest is due at once"
                Expect.equal (worker.Event WorkerEvent.Quiet) [ Sent "N" ] "again, please"
                Expect.equal (worker.Receive size) [ Sent "A" ] "the good one, without the bad one before it"
            }

            test "a size that goes on for ever gets N" {
                let worker = worker ()
                Expect.equal (worker.Receive(String('9', 5000))) [ Sent "N" ] "no size is that long"
                Expect.equal worker.Held 0 "nothing of it stays"
            }

            test "after an N the old client's second copy of the size is passed over" {
                let worker = worker ()
                Expect.equal (worker.Receive "D 4 -0054") [ Sent "N" ] "damaged"
                Expect.equal (worker.Receive(size + size)) [ Sent "A" ] "two copies, one answer"
                Expect.equal (worker.Receive image) [ Sent "A"; Began "Man" ] "the image is the image"
            }

            test "the second copy may come in pieces" {
                let worker = worker ()
                worker.Receive "D 4 -0054" |> ignore
                Expect.equal (worker.Receive(size + "D 4 -")) [ Sent "A" ] "a copy and a half"
                Expect.equal (worker.Receive("0053" + image)) [ Sent "A"; Began "Man" ] "its rest, and the image"
            }

            test "a size again without an N means that the A was lost" {
                let worker = worker ()
                Expect.equal (worker.Receive size) [ Sent "A" ] "accepted"
                Expect.equal (worker.Receive size) [ Sent "A" ] "said again"
            }

            test "a result that nobody answers is sent again, alone, as often as the deadline allows" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore
                Expect.equal worker.Patience ValueNone "the recognition takes its time"
                Expect.equal (worker.Recognized predictions) [ Settled; Sent result ] "the first"

                for _ in 1..20 do
                    Expect.equal worker.Patience (ValueSome(System.TimeSpan.FromSeconds 1.0)) "the silence"
                    Expect.equal (worker.Event WorkerEvent.Quiet) [ Sent result ] "the same, and nothing else"

                Expect.equal (worker.Receive "A") [ Served WorkerOutcome.Answered ] "answered"
                Expect.equal worker.Patience ValueNone "over"
            }

            test "an old client that missed the image's A says its image again, and gets both again" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore
                let result = worker.Recognized predictions
                Expect.equal (worker.Receive(image + image[..3])) [] "copies"
                Expect.equal worker.Patience ValueNone "the second is on its way"
                Expect.equal (worker.Receive image[4..]) [] "all of it"
                Expect.isTrue worker.Patience.IsSome "and then nothing"
                Expect.equal (worker.Event WorkerEvent.Quiet) (Sent "A" :: result) "both, apart"
                Expect.equal (worker.Receive "A") [ Served WorkerOutcome.Answered ] "the answer is the answer"
            }

            test "one that never takes them apart is given up" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore
                worker.Recognized predictions |> ignore

                let again () =
                    worker.Receive(image + image) |> ignore
                    worker.Event WorkerEvent.Quiet

                Expect.all [ again (); again () ] (fun said -> said.Length = 3) "twice more"
                Expect.equal (again ()) [ failed Stage.Result Cause.RejectedTooOften ] "the third is the last"
            }

            test "after an N the old client's second copy of the image is passed over" {
                let worker = worker ()
                worker.Receive size |> ignore
                Expect.equal (worker.Receive "D TWFv -0359") [ Sent "N" ] "damaged"
                Expect.equal (worker.Receive(image + image)) [ Sent "A"; Began "Man" ] "two copies, one answer"
                Expect.equal worker.Held 0 "the copy does not stay"
                worker.Recognized predictions |> ignore
                Expect.equal (worker.Receive "A") [ Served WorkerOutcome.Answered ] "the answer is the answer"
            }

            test "the second copy of the image may come around the result" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive "D TWFv -0359" |> ignore
                worker.Receive(image + image[..3]) |> ignore
                worker.Recognized predictions |> ignore

                Expect.equal
                    (worker.Receive(image[4..] + "A"))
                    [ Served WorkerOutcome.Answered ]
                    "its rest is passed over"
            }

            test "an image that is not base64 gets N and may come again" {
                let worker = worker ()
                worker.Receive size |> ignore
                Expect.equal (worker.Receive "D TW u -0321") [ Sent "N" ] "white space is not base64"
                Expect.equal (worker.Receive image) [ Sent "A"; Began "Man" ] "healed"
            }

            test "a picture that can't be decoded gets one N, and that is the end" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore

                Expect.equal
                    (worker.Event(WorkerEvent.Undecodable Refusal.unexplained))
                    [ Settled; Sent "N"; Served WorkerOutcome.Refused ]
                    "the image's fault"
            }

            test "the result goes out again on N, three times at most" {
                let worker = answered ()
                Expect.equal (worker.Receive "N") [ Sent result ] "the second"
                Expect.equal (worker.Receive "?") [ Sent result ] "a damaged answer counts as N"
                Expect.equal (worker.Receive "N") [ failed Stage.Result Cause.RejectedTooOften ] "enough"
            }

            test "bytes for ever while it recognises are cut" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore
                worker.Receive(image + image + image) |> ignore

                Expect.equal
                    (worker.Receive image)
                    [ failed Stage.Result (Cause.Malformed(Unexpected 'D'B)) ]
                    "copies are bounded"
            }

            test "an answer before there is a result is cut" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore

                Expect.equal
                    (worker.Receive "A")
                    [ failed Stage.Result (Cause.Malformed(Unexpected 'A'B)) ]
                    "nothing was due"
            }

            test "the peer's end and the deadline say at which step" {
                for before, stage in [ [], Stage.Size; [ size ], Stage.Image; [ size; image ], Stage.Result ] do
                    let run event =
                        let worker = worker ()

                        for message in before do
                            worker.Receive(message: string) |> ignore

                        worker.Event event

                    Expect.equal (run WorkerEvent.PeerEnded) [ failed stage Cause.Closed ] "closed"
                    Expect.equal (run WorkerEvent.DeadlinePassed) [ failed stage Cause.TimedOut ] "timed out"
            }
        ]
