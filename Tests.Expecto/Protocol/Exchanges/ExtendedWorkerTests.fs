/// What the parameters change for the side that names it.
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
            test "two exchanges with all parameters, each in one read, on one connection" {
                let worker = Worker Limits.Standard
                let opening = size all + image all
                Expect.equal (worker.Receive opening) [ Sent "A"; Began "Man" ] "one A for both"
                Expect.equal (worker.Event(WorkerEvent.Recognized seen)) [ Sent(result all) ] "no need to settle"

                Expect.equal
                    (worker.Receive("A" + opening))
                    [ Served WorkerOutcome.Answered; Sent "A"; Began "Man" ]
                    "the next exchange begins"

                Expect.isFalse worker.IsOver "it goes on"
            }

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

            test "after an extended exchange the same connection may do a plain one" {
                let worker = Worker Limits.Standard
                worker.Receive(size all + image all) |> ignore
                worker.Event(WorkerEvent.Recognized seen) |> ignore

                Expect.equal (worker.Receive("A" + "D 4 -0053")) [ Served WorkerOutcome.Answered; Sent "A" ] "plainly"
                Expect.equal (worker.Receive "D TWFu -0359") [ Sent "A"; Began "Man" ] "step by step"

                Expect.equal
                    (worker.Event(WorkerEvent.Undecodable cutShort))
                    [ Settled; Sent "N"; Served Refused ]
                    "and over"

                Expect.isTrue worker.IsOver "as ever"
            }

            test "after a damaged last A the result is not sent again: the client may be at its next exchange" {
                let worker = Worker Limits.Standard
                worker.Receive(size all + image all) |> ignore
                worker.Event(WorkerEvent.Recognized seen) |> ignore

                Expect.equal
                    (worker.Receive "Q")
                    [ failed Stage.Result (Cause.Malformed(NotAnAnswer 'Q'B)) ]
                    "the connection ends"
            }

            test "a result before the image's A belongs to another picture" {
                let client = client all

                Expect.equal
                    (client.Receive(result all))
                    [ failed Stage.Image (Cause.Malformed(Unexpected 'D'B)) ]
                    "not taken"
            }

            test "an unknown parameter gets N, and the connection ends" {
                let payload = "3;raw;blue"

                let wrong =
                    text (Message.Result(ReadOnlyMemory(Bytes.ofText payload), Parameters.none))

                Expect.equal
                    ((Worker Limits.Standard).Receive wrong)
                    [ Sent "N"; failed Stage.Size (Cause.Malformed(UnknownParameter "blue")) ]
                    "named"
            }

            test "a damaged image gets N, and size and image come again" {
                let worker = Worker Limits.Standard
                Expect.equal (worker.Receive(size all + damaged (image all))) [ Sent "N" ] "damaged"
                Expect.equal (worker.Receive(size all + image all)) [ Sent "A"; Began "Man" ] "healed"
            }

            test "a picture that can't be decoded gets a reason, and the connection goes on" {
                let worker = Worker Limits.Standard
                worker.Receive(size all + image all) |> ignore

                let refusal =
                    Message.Result(ReadOnlyMemory(RecognitionJson.writeError (asked all) cutShort), all)

                Expect.equal (worker.Event(WorkerEvent.Undecodable cutShort)) [ Sent(text refusal) ] "said"
                Expect.equal (worker.Receive "A") [ Served Refused ] "heard"
                Expect.isFalse worker.IsOver "goes on"
            }

            test "raw sizes need not be divisible by 4, and are limited like others" {
                let worker = Worker { Limits.Standard with MaxPayload = 2 }

                Expect.equal
                    (worker.Receive(size { Parameters.none with Raw = true }))
                    [ Sent "N"; failed Stage.Size (Cause.Malformed(SizeOverLimit(3L, 2))) ]
                    "over the limit"
            }
        ]
