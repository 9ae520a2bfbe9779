/// The size step's parameters: their text, and what they change in either role.
module Tests.Expecto.Protocol.ExtendedTests

open System
open System.Text
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Generators
open Tests.Expecto.Protocol.Script

let private seen: Recognition =
    {
        Model = "m"
        Classes =
            [|
                {
                    Index = 258
                    Label = "Samoyed, fluffy: \"yes\""
                    Probability = 0.5
                }
            |]
        Times = [||]
        Maps = [||]
    }

let private text message = Bytes.toText (Bytes.written message)
let private picture = "Man"B
let private size parameters = text (Message.Size(3, parameters))

let private image parameters =
    text (Message.Image(ReadOnlyMemory picture, parameters))

/// What an answer to the size of `picture` says it answers.
let private asked parameters =
    Seal.crc32c (Buffers.ReadOnlySequence(Message.sizePayload picture.Length parameters))

let private result parameters =
    text (Message.Result(ReadOnlyMemory(RecognitionJson.write (asked parameters) seen), parameters))

let private all = Parameters.all

let private damaged (message: string) =
    message.Substring(0, message.Length - 1) + "\001"

let private client parameters =
    Client(Limits.Standard, parameters, picture)

let private failed stage cause = Failed(Failure.at stage cause)

let private read (parameters: string) =
    Parameters.tryRead (ReadOnlySpan(Bytes.ofText parameters))

let private texts =
    testList
        "parameters"
        [
            testPropertyWithConfig config "their text reads back"
            <| fun (parameters: Parameters) ->
                let text = Parameters.write parameters

                text = "" && Parameters.isNone parameters
                || read (text.Substring 1) = Ok parameters

            testPropertyWithConfig config "a size with them reads back, however it is split"
            <| fun (parameters: Parameters) (cuts: int list) ->
                let bytes = Bytes.written (Message.Size(400, parameters))

                bytes.Length <= 1024
                && FrameReader.size 1000 (Bytes.inPieces cuts bytes) =
                    Frame(struct (400, parameters), int64 bytes.Length)

            test "what they are not" {
                for wrong, reason in
                    [
                        "blue", UnknownParameter "blue"
                        "", UnknownParameter ""
                        "Raw", UnknownParameter "Raw"
                        "raw=1", ParameterValue "raw"
                        "top", ParameterValue "top"
                        "top=0", ParameterValue "top"
                        "top=1001", ParameterValue "top"
                        "top=-1", ParameterValue "top"
                        "top=99999", ParameterValue "top"
                        "trace=00-0", ParameterValue "trace"
                        "raw;blue", UnknownParameter "blue"
                        "raw;", UnknownParameter ""
                        "blue=1", UnknownParameter "blue"
                        "top=", ParameterValue "top"
                        "top=+5", ParameterValue "top"
                        "top=5;top=x;blue", ParameterValue "top"
                        "r\u00E4w", UnknownParameter "r\u00E4w"
                        "trace=00-4bf92f3577b34da6a3ce929d0e0e473600f067aa0ba902b7-0-01", ParameterValue "trace"
                        "trace=00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01", ParameterValue "trace"
                        "trace=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0-", ParameterValue "trace"
                    ] do
                    Expect.equal (read wrong) (Error reason) wrong
            }

            test "CRC-32C is the standard's: 123456789 has e3069283" {
                Expect.equal
                    (text (Message.Result(ReadOnlyMemory "123456789"B, { Parameters.none with Crc32c = true })))
                    "D 123456789 =e3069283"
                    "RFC 3720's check value"
            }
        ]

let private asClient =
    testList
        "client"
        [
            test "all of them: one message there, one back, and the connection may serve again" {
                let client = client all
                Expect.equal client.Opening [ Sent(size all); Sent(image all) ] "size and image at once"

                Expect.equal
                    (client.Receive("A" + result all))
                    [ Sent "A"; Answered(ClientAnswer.Recognized seen) ]
                    "done"

                Expect.isTrue client.IsReusable "clean"
            }

            test "N asks for size and image again, and such a connection is not used again" {
                let client = client all
                Expect.equal (client.Receive "N") [ Sent(size all); Sent(image all) ] "both"
                client.Receive("A" + result all) |> ignore
                Expect.isFalse client.IsReusable "something was damaged"
            }

            test "a peer that ends before any A does not know the parameters" {
                for before in [ ""; "N" ] do
                    let client = client all
                    client.Receive before |> ignore

                    Expect.equal (client.Event ClientEvent.PeerEnded) [ Answered ClientAnswer.Declined ] "plainly, then"
            }

            test "after its A an end is an end" {
                let client = client all
                client.Receive "A" |> ignore
                Expect.equal (client.Event ClientEvent.PeerEnded) [ failed Stage.Result Cause.Closed ] "closed"
            }

            test "a sized result that is damaged is asked for again at once" {
                let client = client all
                Expect.equal (client.Receive("A" + damaged (result all))) [ Sent "N" ] "its length is known"
                Expect.equal (client.Receive(result all)) [ Sent "A"; Answered(ClientAnswer.Recognized seen) ] "again"
            }

            test "a picture that is refused has a reason, and the connection serves again" {
                let client = client all

                let payload =
                    ReadOnlyMemory(RecognitionJson.writeError (asked all) "a JPEG cut short")

                Expect.equal
                    (client.Receive("A" + text (Message.Result(payload, all))))
                    [ Sent "A"; Answered(ClientAnswer.ImageRefused "a JPEG cut short") ]
                    "the worker's words"

                Expect.isTrue client.IsReusable "clean"
            }

            test "bytes behind the result make the connection useless" {
                let client = client all
                client.Receive("A" + result all + "A") |> ignore
                Expect.isFalse client.IsReusable "nothing was due"
            }

            test "what a worker claims in JSON is not trusted" {
                let claim (json: string) =
                    let client = client all
                    client.Receive("A" + text (Message.Result(ReadOnlyMemory(Encoding.UTF8.GetBytes json), all)))

                let malformed reason =
                    [ failed Stage.Result (Cause.Malformed reason) ]

                let one fields = $$"""{"predictions":[{{{fields}}}]}"""

                for json, reason in
                    [
                        "nonsense", NotJson
                        "[]", NotJson
                        "{}", NotJson
                        one """ "index":1,"label":"a","probability":2.5 """, ProbabilityOutOfRange
                        one """ "index":1,"label":"a","probability":"NaN" """, ProbabilityNotDecimal
                        one """ "index":1,"label":"","probability":0.5 """, LabelEmpty
                        one """ "index":1.5,"label":"a","probability":0.5 """, NotJson
                        """{"predictions":[],"maps":[{"index":1,"width":13,"height":13,"lowest":0,"highest":1,"cells":"AA=="}]}""",
                        NotJson
                        """{"predictions":[],"maps":[{"index":1,"width":-1,"height":-1,"lowest":0,"highest":1,"cells":"AA=="}]}""",
                        NotJson
                    ] do
                    Expect.equal (claim json) (malformed reason) json
            }

            test "an answer to another size than was sent is not taken" {
                let answer top =
                    let client = client { all with Top = ValueSome 10 }
                    let payload = RecognitionJson.write (asked { all with Top = ValueSome top }) seen
                    client.Receive("A" + text (Message.Result(ReadOnlyMemory payload, all)))

                Expect.equal (answer 10) [ Sent "A"; Answered(ClientAnswer.Recognized seen) ] "its own"

                Expect.equal
                    (answer 11)
                    [ failed Stage.Result (Cause.Malformed AskedOtherwise) ]
                    "a size whose digits were damaged, and whose sum was not"
            }

            test "where JSON was asked for a bare N is a damaged result, and no refusal" {
                let client = client all

                Expect.equal
                    (client.Receive "AN")
                    [ failed Stage.Result (Cause.Malformed(Unexpected 'N'B)) ]
                    "D and N are two bits apart"
            }

            test "a sized result over the limit is cut before it comes" {
                let client = client all

                Expect.equal
                    (client.Receive "AD 1000000000 x")
                    [
                        failed Stage.Result (Cause.Malformed(ResultOverLimit Limits.Standard.MaxResult))
                    ]
                    "its length is enough"
            }
        ]

let private asWorker =
    testList
        "worker"
        [
            test "all of them, twice on one connection, in one read" {
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

            test "a size that lost its semicolon is one damaged message, in however many pieces it comes" {
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
                    (worker.Event(WorkerEvent.Undecodable "no"))
                    [ Settled; Sent "N"; Served Refused ]
                    "and over"

                Expect.isTrue worker.IsOver "as ever"
            }

            test "where the last A is damaged the result is not said again: the client may be at its next exchange" {
                let worker = Worker Limits.Standard
                worker.Receive(size all + image all) |> ignore
                worker.Event(WorkerEvent.Recognized seen) |> ignore

                Expect.equal
                    (worker.Receive "Q")
                    [ failed Stage.Result (Cause.Malformed(NotAnAnswer 'Q'B)) ]
                    "the connection ends"
            }

            test "a result before the image's A is another picture's" {
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

            test "a damaged image gets N, and both come again" {
                let worker = Worker Limits.Standard
                Expect.equal (worker.Receive(size all + damaged (image all))) [ Sent "N" ] "damaged"
                Expect.equal (worker.Receive(size all + image all)) [ Sent "A"; Began "Man" ] "healed"
            }

            test "a picture that can't be decoded gets a reason, and the connection goes on" {
                let worker = Worker Limits.Standard
                worker.Receive(size all + image all) |> ignore

                let refusal =
                    Message.Result(ReadOnlyMemory(RecognitionJson.writeError (asked all) "cut short"), all)

                Expect.equal (worker.Event(WorkerEvent.Undecodable "cut short")) [ Sent(text refusal) ] "said"
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

let private json =
    testPropertyWithConfig config "a recognition reads back from JSON, digit for digit"
    <| fun (predictions: Prediction list) (cells: byte[]) (asked: uint32) ->
        let recognition =
            { Recognition.ofPredictions (Array.ofList predictions) with
                Model = "squeezenet1_1"
                Times =
                    [|
                        {
                            Stage = "decode"
                            Milliseconds = 3.25
                        }
                    |]
                Maps =
                    [|
                        if cells.Length > 0 && cells.Length <= 256 then
                            {
                                Index = 3
                                Width = cells.Length
                                Height = 1
                                Lowest = -1.5
                                Highest = 20.125
                                Cells = cells
                            }
                    |]
            }

        RecognitionJson.tryRead asked (RecognitionJson.write asked recognition) = Ok(Ok recognition)

let private noise =
    testPropertyWithConfig { config with maxTest = 10_000 } "no bytes make the JSON reader throw"
    <| fun (Noise noise) ->
        match RecognitionJson.tryRead 0u (Array.concat [ "{\"predictions\":["B; noise; "]}"B ]) with
        | Ok _
        | Error _ -> true

let tests = testList "Extended" [ texts; asClient; asWorker; json; noise ]
