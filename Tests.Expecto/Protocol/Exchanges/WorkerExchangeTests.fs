/// The worker's side of a plain exchange: what docs/protocol-vectors.json has no case for.
module Tests.Expecto.Protocol.WorkerExchangeTests

open System
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Script
open Tests.Expecto.Protocol.PlainScript

let tests =
    testList
        "WorkerExchange"
        [
            test "an exchange without faults" {
                let worker = worker ()
                Expect.equal (worker.Receive size) [ Sent "A" ] "the size is accepted"
                Expect.equal (worker.Receive image) [ Sent "A"; Began "Man" ] "then the image"

                Expect.equal
                    (worker.Recognized predictions)
                    [ Settled; Sent result ]
                    "the A reaches the peer by itself, then the result"

                Expect.equal (worker.Receive "A") [ Served WorkerOutcome.Answered ] "and it is over"
            }

            test "an image that doesn't wait for its size's A ends the exchange" {
                let early = [ malformed Stage.Size (Unexpected 'D'B) ]
                Expect.equal (worker().Receive(size + image)) early "behind the size"
                Expect.equal (worker().Receive(size + size + image)) early "behind a copy of it"
            }

            test "after the third wrong size nothing is answered" {
                let worker = worker ()

                for _ in 1..3 do
                    Expect.isFalse worker.IsOver "not yet"
                    worker.Receive "D 5 -0054" |> ignore

                Expect.isTrue worker.IsOver "over"
                Expect.equal (worker.Receive size) [] "even a good one"
            }

            test "a size without an end gets N after a silence" {
                let worker = worker ()
                Expect.equal worker.IdleTimeout ValueNone "nothing came: only the deadline counts"
                Expect.equal (worker.Receive "D 4 +0053") [] "no end in sight"
                Expect.isTrue worker.IdleTimeout.IsSome "the rest is due at once"
                Expect.equal (worker.Event WorkerEvent.IdleTimeout) [ Sent "N" ] "again, please"
                Expect.equal (worker.Receive size) [ Sent "A" ] "the good one, without the bad one before it"
            }

            test "an undecodable picture gets one N, which ends the exchange" {
                let worker = workerAfter [ size; image ]

                Expect.equal
                    (worker.Event(WorkerEvent.Undecodable Refusal.unexplained))
                    [ Settled; Sent "N"; Served WorkerOutcome.Refused ]
                    "the image's fault"
            }

            test "endless bytes during the recognition end the exchange" {
                let worker = workerAfter [ size; image; image + image + image ]

                Expect.equal (worker.Receive image) [ malformed Stage.Result (Unexpected 'D'B) ] "copies are bounded"
            }

            test "the peer's end and the deadline are reported with their step" {
                for before, stage in [ [], Stage.Size; [ size ], Stage.Image; [ size; image ], Stage.Result ] do
                    let run (event: WorkerEvent) = (workerAfter before).Event event
                    Expect.equal (run WorkerEvent.PeerEnded) [ failed stage Cause.Closed ] $"{stage}: closed"
                    Expect.equal (run WorkerEvent.DeadlinePassed) [ failed stage Cause.TimedOut ] $"{stage}: timed out"
            }
        ]
