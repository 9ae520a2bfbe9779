/// What the parameters change for the side that has a picture.
module Tests.Expecto.Protocol.ExtendedClientTests

open System
open System.Text
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Script
open Tests.Expecto.Protocol.ExtendedScript

let tests =
    testList
        "client"
        [
            test "with all parameters there is one message each way, and the connection may be reused" {
                let client = client all
                Expect.equal client.Opening [ Sent(size all); Sent(image all) ] "size and image at once"

                Expect.equal
                    (client.Receive("A" + result all))
                    [ Sent "A"; Answered(ClientAnswer.Recognized seen) ]
                    "done"

                Expect.isTrue client.IsReusable "clean"
            }

            test "an N asks for size and image again, and the connection is not reused" {
                let client = client all
                Expect.equal (client.Receive "N") [ Sent(size all); Sent(image all) ] "both"
                client.Receive("A" + result all) |> ignore
                Expect.isFalse client.IsReusable "something was damaged"
            }

            test "a peer that ends before its first A does not support the parameters" {
                for before in [ ""; "N" ] do
                    let client = client all
                    client.Receive before |> ignore

                    Expect.equal (client.Event ClientEvent.PeerEnded) [ Answered ClientAnswer.Declined ] "plainly, then"
            }

            test "an end after the A is a failure" {
                let client = client all
                client.Receive "A" |> ignore
                Expect.equal (client.Event ClientEvent.PeerEnded) [ failed Stage.Result Cause.Closed ] "closed"
            }

            test "a sized result that is damaged is asked for again at once" {
                let client = client all
                Expect.equal (client.Receive("A" + damaged (result all))) [ Sent "N" ] "its length is known"
                Expect.equal (client.Receive(result all)) [ Sent "A"; Answered(ClientAnswer.Recognized seen) ] "again"
            }

            test "a refused picture has a reason, and the connection is reused" {
                let client = client all

                let payload = ReadOnlyMemory(RecognitionJson.writeError (asked all) cutShort)

                Expect.equal
                    (client.Receive("A" + text (Message.Result(payload, all))))
                    [ Sent "A"; Answered(ClientAnswer.ImageRefused cutShort) ]
                    "the worker's words"

                Expect.isTrue client.IsReusable "clean"
            }

            test "a refusal's texts are single lines of bounded length, from either side" {
                let receive (json: string) =
                    let client = client all
                    client.Receive("A" + text (Message.Result(ReadOnlyMemory(Encoding.UTF8.GetBytes json), all)))

                let error fields = """{"error":{""" + fields + "}}"

                for fields in
                    [
                        """ "reason":"Too\nLarge" """
                        """ "reason":"TooLarge","detail":"a\u001b[2J" """
                        """ "reason":"TooLarge","detail":"a\u2028b" """
                        """ "reason":"TooLarge","detail":"a\u202eb" """
                        $""" "reason":"TooLarge","detail":"{String('x', 257)}" """
                        $""" "reason":"{String('x', 65)}" """
                    ] do
                    Expect.equal (receive (error fields)) [ failed Stage.Result (Cause.Malformed RefusalText) ] fields

                for fields, refusal in
                    [
                        """ "detail":5 """, Refusal.unexplained
                        """ "reason":"Damaged" """, Refusal.create "Damaged" ""
                        $""" "reason":"Damaged","detail":"{String('x', 256)}" """,
                        Refusal.create "Damaged" (String('x', 256))
                    ] do
                    Expect.equal
                        (receive (error fields))
                        [ Sent "A"; Answered(ClientAnswer.ImageRefused refusal) ]
                        fields

                let made = Refusal.create "Damaged" ("two\r\nlines\u001b[2J" + String('x', 300))
                Expect.isTrue (Refusal.isValid made) "what is sent can be read"
                Expect.stringStarts made.Detail "two  lines [2Jx" "its beginning"
                Expect.equal made.Detail.Length 256 "cut"
            }

            test "garbage instead of an answer on a kept connection ends the exchange, and nothing is sent again" {
                let garbage = Cause.Malformed(NotAnAnswer 'X'B)
                let eager = client all
                Expect.equal (eager.Receive "X") [ failed Stage.Image garbage ] "both answers in one"
                let waiting = client { all with Eager = false }
                Expect.equal (waiting.Receive "X") [ failed Stage.Size garbage ] "the size's"
                let accepted = client { all with Eager = false }
                accepted.Receive "A" |> ignore
                Expect.equal (accepted.Receive "X") [ failed Stage.Image garbage ] "the image's"
                Expect.isFalse accepted.IsReusable "out of step"
            }

            test "bytes behind the result make the connection unusable" {
                let client = client all
                client.Receive("A" + result all + "A") |> ignore
                Expect.isFalse client.IsReusable "nothing was due"
            }

            test "implausible results in JSON are refused" {
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

            test "an answer to another size is refused" {
                let answer top =
                    let client = client { all with Top = ValueSome 10 }
                    let payload = RecognitionJson.write (asked { all with Top = ValueSome top }) seen
                    client.Receive("A" + text (Message.Result(ReadOnlyMemory payload, all)))

                Expect.equal (answer 10) [ Sent "A"; Answered(ClientAnswer.Recognized seen) ] "its own"

                Expect.equal
                    (answer 11)
                    [ failed Stage.Result (Cause.Malformed SizeHashMismatch) ]
                    "a size whose digits were damaged, and whose sum was not"
            }

            test "where JSON is due, a bare N is a damaged result and no refusal" {
                let client = client all

                Expect.equal
                    (client.Receive "AN")
                    [ failed Stage.Result (Cause.Malformed(Unexpected 'N'B)) ]
                    "D and N are two bits apart"
            }

            test "a sized result over the limit is refused before it arrives" {
                let client = client all

                Expect.equal
                    (client.Receive "AD 1000000000 x")
                    [
                        failed Stage.Result (Cause.Malformed(ResultOverLimit Limits.Standard.MaxResult))
                    ]
                    "its length is enough"
            }
        ]
