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

            test "bytes may arrive one by one" {
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

            test "invalid sizes get N, and the third ends the exchange" {
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

            test "a size without an end gets N after a silence" {
                let worker = worker ()
                Expect.equal worker.IdleTimeout ValueNone "nothing came: only the deadline counts"
                Expect.equal (worker.Receive "D 4 +0053") [] "no end in sight"
                Expect.isTrue worker.IdleTimeout.IsSome "the rest is due at once"
                Expect.equal (worker.Event WorkerEvent.IdleTimeout) [ Sent "N" ] "again, please"
                Expect.equal (worker.Receive size) [ Sent "A" ] "the good one, without the bad one before it"
            }

            test "an endless size gets N" {
                let worker = worker ()
                Expect.equal (worker.Receive(String('9', 5000))) [ Sent "N" ] "no size is that long"
                Expect.equal worker.Held 0 "nothing of it stays"
            }

            test "an undecodable picture gets one N, which ends the exchange" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore

                Expect.equal
                    (worker.Event(WorkerEvent.Undecodable Refusal.unexplained))
                    [ Settled; Sent "N"; Served WorkerOutcome.Refused ]
                    "the image's fault"
            }

            test "endless bytes during the recognition end the exchange" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore
                worker.Receive(image + image + image) |> ignore

                Expect.equal
                    (worker.Receive image)
                    [ failed Stage.Result (Cause.Malformed(Unexpected 'D'B)) ]
                    "copies are bounded"
            }

            test "an acknowledgement before the result ends the exchange" {
                let worker = worker ()
                worker.Receive size |> ignore
                worker.Receive image |> ignore

                Expect.equal
                    (worker.Receive "A")
                    [ failed Stage.Result (Cause.Malformed(Unexpected 'A'B)) ]
                    "nothing was due"
            }

            test "the peer's end and the deadline are reported with their step" {
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
