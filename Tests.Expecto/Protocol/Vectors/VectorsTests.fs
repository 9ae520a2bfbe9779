/// docs/protocol-vectors.json, run in both directions: what is read, and what is written.
module Tests.Expecto.Protocol.VectorsTests

open System
open System.Buffers
open System.Text.Json
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Vectors

let private checksum (case: JsonElement) =
    let payload, expected = Bytes.ofText (text "payload" case), text "checksum" case
    let written = Array.zeroCreate<byte> Checksum.Length
    let sum = Checksum.sum (ReadOnlySpan payload)
    Checksum.write sum (written.AsSpan())
    Expect.equal (Bytes.toText written) expected "written"

    match Checksum.tryRead (ReadOnlySpan(Bytes.ofText expected)) with
    | ValueSome read -> Expect.isTrue (Checksum.isValid sum read) "accepted"
    | ValueNone -> failtest "not read"

let private message (case: JsonElement) =
    let value = case.GetProperty "message"

    let message =
        match tryGet "size" value, tryGet "image" value, tryGet "result" value, tryGet "ack" value with
        | Some size, _, _, _ -> Message.Size(size.GetInt32(), parameters value)
        | _, Some image, _, _ -> Message.Image(ReadOnlySequence(Bytes.ofText (image.ToString())), parameters value)
        | _, _, Some payload, _ -> Message.Result(ReadOnlyMemory(Bytes.ofText (payload.ToString())), parameters value)
        | _, _, _, Some _ -> Message.Ack
        | _ -> Message.Nack

    Expect.equal (Bytes.textOf message) (text "bytes" case) "written"

/// What a reader said, in the vectors' words.
let private output show read =
    match read with
    | NeedMore -> "needMore"
    | Frame(value, consumed) -> $"{show value} / {consumed}"
    | Bad(reason, skipped) -> $"{Malformed.code reason} / {skipped}"

let private runReader (case: JsonElement) bytes =
    let limit fallback =
        tryGet "limit" case
        |> Option.map (fun limit -> limit.GetInt32())
        |> Option.defaultValue fallback

    match text "reader" case with
    | "answer" -> output (fun answer -> string (answer = Acknowledgement.Ack)) (FrameReader.acknowledgement bytes)
    | "size" ->
        output
            (fun (struct (size: int, asked)) -> string size + Parameters.write asked)
            (FrameReader.size (limit limits.Value.MaxPayload) bytes)
    | "result" -> output Bytes.toText (ResultReader.read (limit limits.Value.MaxResult) (parameters case) bytes)
    | _ ->
        let show (picture: ImageBytes) =
            use picture = picture
            Bytes.toText (picture.Memory.ToArray())

        output show (FrameReader.image (case.GetProperty("size").GetInt32()) (parameters case) bytes)

let private read (case: JsonElement) =
    let bytes = Bytes.ofText (text "bytes" case)
    let expect = case.GetProperty "expect"

    let expected =
        match tryGet "frame" expect, tryGet "malformed" expect with
        | Some value, _ -> string value + " / " + string (expect.GetProperty "consumed")
        | _, Some reason -> string reason + " / " + string (expect.GetProperty "skipped")
        | _ -> "needMore"

    Expect.equal (runReader case (Bytes.whole bytes)) expected "whole"
    Expect.equal (runReader case (Bytes.singly bytes)) expected "every byte in a piece of its own"

    for cut in 1 .. bytes.Length - 1 do
        Expect.equal (runReader case (Bytes.inPieces [ cut ] bytes)) expected $"split at {cut}"

let private predictions (case: JsonElement) =
    let payload = Bytes.ofText (text "text" case)

    match Prediction.tryRead (ReadOnlySpan payload), tryGet "malformed" case with
    | Error reason, Some code -> Expect.equal (Malformed.code reason) (code.ToString()) "the reason"
    | Ok got, None ->
        let expected = predictionsOf (case.GetProperty "predictions")
        Expect.equal got expected "read"
        Expect.equal (Prediction.tryRead (ReadOnlySpan(Prediction.write got))) (Ok expected) "written, and read again"
    | got, _ -> failtest $"{got}"

let private named index (case: JsonElement) =
    match tryGet "name" case, tryGet "text" case, tryGet "role" case with
    | Some name, _, Some role -> $"{role}: {name}"
    | Some name, _, _ -> $"{name}"
    | _, Some text, _ -> $"'{text}'"
    | _ -> $"{index}"

let private list kind run =
    testList
        kind
        [
            for index, case in List.indexed (cases kind) -> test $"{index}: {named index case}" { run case }
        ]

let tests =
    testList
        "Vectors"
        [
            test "at least 60 cases" {
                let count =
                    [ "checksums"; "messages"; "reads"; "predictions"; "exchanges" ]
                    |> List.sumBy (cases >> List.length)

                Expect.isGreaterThanOrEqual count 60 "valid, malformed, split and joined"
            }

            list "checksums" checksum
            list "messages" message
            list "reads" read
            list "predictions" predictions
            list "exchanges" VectorExchanges.exchange
        ]
