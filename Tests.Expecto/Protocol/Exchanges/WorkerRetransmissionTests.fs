/// Messages that come twice, and those that the worker sends again.
module Tests.Expecto.Protocol.WorkerRetransmissionTests

open System
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Script
open Tests.Expecto.Protocol.PlainScript

let tests =
    testList
        "WorkerExchange retransmission"
        [
            test "the second copy of the size may come in pieces" {
                let worker = workerAfter [ "D 4 -0054" ]
                Expect.equal (worker.Receive(size + "D 4 -")) [ Sent "A" ] "a copy and a half"
                Expect.equal (worker.Receive("0053" + image)) [ Sent "A"; Began "Man" ] "its rest, and the image"
            }

            test "a result without an answer is sent again until the deadline" {
                let worker = workerAfter [ size; image ]
                Expect.equal worker.IdleTimeout ValueNone "the recognition takes its time"
                Expect.equal (worker.Recognized predictions) [ Settled; Sent result ] "the first"

                for _ in 1..20 do
                    Expect.equal worker.IdleTimeout (ValueSome(System.TimeSpan.FromSeconds 1.0)) "the silence"
                    Expect.equal (worker.Event WorkerEvent.IdleTimeout) [ Sent result ] "the same, and nothing else"

                Expect.equal (worker.Receive "A") [ Served WorkerOutcome.Answered ] "answered"
                Expect.equal worker.IdleTimeout ValueNone "over"
            }

            test "an original client that missed the image's A sends its image again and gets both again" {
                let worker = workerAfter [ size; image ]
                let result = worker.Recognized predictions
                Expect.equal (worker.Receive(image + image[..3])) [] "copies"
                Expect.equal worker.IdleTimeout ValueNone "the second is on its way"
                Expect.equal (worker.Receive image[4..]) [] "all of it"
                Expect.isTrue worker.IdleTimeout.IsSome "and then nothing"
                Expect.equal (worker.Event WorkerEvent.IdleTimeout) (Sent "A" :: result) "both, apart"
                Expect.equal (worker.Receive "A") [ Served WorkerOutcome.Answered ] "the answer is the answer"
            }

            test "a client that never separates them is given up" {
                let worker = answered ()

                let again () =
                    worker.Receive(image + image) |> ignore
                    worker.Event WorkerEvent.IdleTimeout

                Expect.all [ again (); again () ] (fun output -> output.Length = 3) "twice more"
                Expect.equal (again ()) [ failed Stage.Result Cause.RejectedTooOften ] "the third is the last"
            }

            test "the second copy of the image may come around the result" {
                let worker = workerAfter [ size; "D TWFv -0359"; image + image[..3] ]
                worker.Recognized predictions |> ignore

                Expect.equal
                    (worker.Receive(image[4..] + "A"))
                    [ Served WorkerOutcome.Answered ]
                    "its rest is passed over"
            }
        ]
