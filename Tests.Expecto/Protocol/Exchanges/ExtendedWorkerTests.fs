/// The worker's side of an extended exchange: what docs/protocol-vectors.json has no case for.
module Tests.Expecto.Protocol.ExtendedWorkerTests

open System
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Script
open Tests.Expecto.Protocol.ExtendedScript

let tests =
    testList
        "worker"
        [
            test "a copy of the size is never part of the image behind it" {
                let worker = Worker Limits.Standard

                Expect.equal
                    (worker.Receive(size all + size all + image all))
                    [ Sent "A"; Began "Man" ]
                    "it passes, unanswered"
            }

            test "a size without its semicolon is one damaged message, however it is split" {
                let traced =
                    { Parameters.none with
                        Trace = ValueSome "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
                    }

                let worker = Worker Limits.Standard
                let whole = text (Message.Size(4, traced))
                let lost = whole.Replace(';', '{')

                let answers =
                    [
                        for piece in Seq.chunkBySize 20 lost do
                            yield! worker.Receive(String piece)
                    ]

                Expect.equal answers [ Sent "N" ] "one answer"
                Expect.equal (worker.Receive whole) [ Sent "A" ] "the next is whole"
            }

            test "after a damaged last A the result is not sent again: the client may be at its next exchange" {
                let worker = workerAfter (size all + image all)
                worker.Event(WorkerEvent.Recognized seen) |> ignore

                Expect.equal (worker.Receive "Q") [ malformed Stage.Result (NotAnAnswer 'Q'B) ] "the connection ends"
            }

            test "a raw size is limited, too" {
                let worker = Worker { Limits.Standard with MaxPayload = 2 }
                let did = worker.Receive(size { Parameters.none with Raw = true })
                Expect.equal did [ Sent "N"; malformed Stage.Size (SizeOverLimit(3L, 2)) ] "over the limit"
            }

            test "an undecodable picture of a plain exchange ends a kept connection" {
                let worker = workerAfter (size all + image all)
                worker.Event(WorkerEvent.Undecodable cutShort) |> ignore
                worker.Receive("A" + PlainScript.size) |> ignore
                Expect.isFalse worker.IsOver "the first refusal had a reason, and the connection goes on"
                worker.Receive PlainScript.image |> ignore

                Expect.equal
                    (worker.Event(WorkerEvent.Undecodable cutShort))
                    [ Settled; Sent "N"; Served WorkerOutcome.Refused ]
                    "the second has none"

                Expect.isTrue worker.IsOver "and it is over"
            }
        ]
