/// The client's side of an extended exchange: what docs/protocol-vectors.json has no case for.
module Tests.Expecto.Protocol.ExtendedClientTests

open System
open System.Text
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Script
open Tests.Expecto.Protocol.ExtendedScript

let private recognized = [ Sent "A"; Answered(ClientAnswer.Recognized seen) ]

let private refused refusal =
    [ Sent "A"; Answered(ClientAnswer.ImageRefused refusal) ]

/// What a client does with this JSON as its result.
let private receive (json: string) =
    let result = Message.Result(ReadOnlyMemory(Encoding.UTF8.GetBytes json), all)
    (client all).Receive("A" + text result)

let tests =
    testList
        "client"
        [
            test "with all parameters there is one message each way, and the connection may be reused" {
                let client = client all
                Expect.equal client.Opening [ Sent(size all); Sent(image all) ] "size and image at once"

                Expect.equal (client.Receive("A" + result all)) recognized "done"
                Expect.isTrue client.IsReusable "clean"
            }

            test "an N asks for size and image again, and the connection is not reused" {
                let client = client all
                Expect.equal (client.Receive "N") [ Sent(size all); Sent(image all) ] "both"
                client.Receive("A" + result all) |> ignore
                Expect.isFalse client.IsReusable "something was damaged"
            }

            test "a refused picture has a reason, and the connection is reused" {
                let client = client all
                Expect.equal (client.Receive("A" + error all cutShort)) (refused cutShort) "the worker's words"
                Expect.isTrue client.IsReusable "clean"
            }

            test "a refusal's texts are single lines of bounded length, from either side" {
                let withError fields = """{"error":{""" + fields + "}}"

                for fields in
                    [
                        """ "reason":"Too\nLarge" """
                        """ "reason":"TooLarge","detail":"a\u001b[2J" """
                        """ "reason":"TooLarge","detail":"a\u2028b" """
                        """ "reason":"TooLarge","detail":"a\u202eb" """
                        $""" "reason":"TooLarge","detail":"{String('x', 257)}" """
                        $""" "reason":"{String('x', 65)}" """
                    ] do
                    Expect.equal (receive (withError fields)) [ malformed Stage.Result RefusalText ] fields

                for fields, refusal in
                    [
                        """ "detail":5 """, Refusal.unexplained
                        """ "reason":"Damaged" """, Refusal.create "Damaged" ""
                        $""" "reason":"Damaged","detail":"{String('x', 256)}" """,
                        Refusal.create "Damaged" (String('x', 256))
                    ] do
                    Expect.equal (receive (withError fields)) (refused refusal) fields

                let made = Refusal.create "Damaged" ("two\r\nlines\u001b[2J" + String('x', 300))
                Expect.isTrue (Refusal.isValid made) "what is sent can be read"
                Expect.stringStarts made.Detail "two  lines [2Jx" "its beginning"
                Expect.equal made.Detail.Length 256 "cut"
            }

            test "garbage in place of an answer to a message of its own makes a kept connection unusable" {
                for before, stage in [ "", Stage.Size; "A", Stage.Image ] do
                    let client = clientAfter { all with Eager = false } before
                    Expect.equal (client.Receive "X") [ malformed stage (NotAnAnswer 'X'B) ] $"{stage}"
                    Expect.isFalse client.IsReusable $"out of step at {stage}"
            }

            test "bytes behind the result make the connection unusable" {
                let client = clientAfter all ("A" + result all + "A")
                Expect.isFalse client.IsReusable "nothing was due"
            }

            test "implausible results in JSON are refused" {
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
                    Expect.equal (receive json) [ malformed Stage.Result reason ] json
            }
        ]
