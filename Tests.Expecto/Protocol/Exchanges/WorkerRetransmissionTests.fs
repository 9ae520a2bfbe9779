/// Messages that come twice, and those that the worker sends again.
module Tests.Expecto.Protocol.WorkerRetransmissionTests

open System
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Script
open Tests.Expecto.Protocol.PlainScript

/// A worker that has just sent its result.
let private answered () =
    let worker = worker ()
    worker.Receive size |> ignore
    worker.Receive image |> ignore
    worker.Recognized predictions |> ignore
    worker

let tests =
    testList
        "WorkerExchange retransmission"
        [
            test "after an N the original client's second copy of the size is ignored" {
                let worker = worker ()
                Expect.equal (worker.Receive "D 4 -0054") [ Sent "N" ] "damaged"
                Expect.equal (worker.Receive(size + size)) [ Sent "A" ] "two copies, one answer"
                Expect.equal (worker.Receive image) [ Sent "A"; Began "Man" ] "the image is the image"
            }

            test "the second copy of the size may come in pieces" {
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

            test "a result without an answer is sent again until the deadline" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore
                Expect.equal worker.IdleTimeout ValueNone "the recognition takes its time"
                Expect.equal (worker.Recognized predictions) [ Settled; Sent result ] "the first"

                for _ in 1..20 do
                    Expect.equal worker.IdleTimeout (ValueSome(System.TimeSpan.FromSeconds 1.0)) "the silence"
                    Expect.equal (worker.Event WorkerEvent.IdleTimeout) [ Sent result ] "the same, and nothing else"

                Expect.equal (worker.Receive "A") [ Served WorkerOutcome.Answered ] "answered"
                Expect.equal worker.IdleTimeout ValueNone "over"
            }

            test "an original client that missed the image's A sends its image again and gets both again" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore
                let result = worker.Recognized predictions
                Expect.equal (worker.Receive(image + image[..3])) [] "copies"
                Expect.equal worker.IdleTimeout ValueNone "the second is on its way"
                Expect.equal (worker.Receive image[4..]) [] "all of it"
                Expect.isTrue worker.IdleTimeout.IsSome "and then nothing"
                Expect.equal (worker.Event WorkerEvent.IdleTimeout) (Sent "A" :: result) "both, apart"
                Expect.equal (worker.Receive "A") [ Served WorkerOutcome.Answered ] "the answer is the answer"
            }

            test "a client that never separates them is given up" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore
                worker.Recognized predictions |> ignore

                let again () =
                    worker.Receive(image + image) |> ignore
                    worker.Event WorkerEvent.IdleTimeout

                Expect.all [ again (); again () ] (fun output -> output.Length = 3) "twice more"
                Expect.equal (again ()) [ failed Stage.Result Cause.RejectedTooOften ] "the third is the last"
            }

            test "after an N the original client's second copy of the image is ignored" {
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

            test "each N makes it send the result again, up to three times" {
                let worker = answered ()
                Expect.equal (worker.Receive "N") [ Sent result ] "the second"
                Expect.equal (worker.Receive "?") [ Sent result ] "a damaged answer counts as N"
                Expect.equal (worker.Receive "N") [ failed Stage.Result Cause.RejectedTooOften ] "enough"
            }
        ]
