module Tests.Expecto.Protocol.MessageTests

open System
open System.Buffers
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Generators

/// A writer that offers as little memory as it may: the encoder has to work in small steps.
type private StingyWriter() =
    let inner = ArrayBufferWriter<byte>()
    member _.Written = inner.WrittenSpan.ToArray()

    interface IBufferWriter<byte> with
        member _.Advance count = inner.Advance count

        member _.GetMemory hint =
            inner.GetMemory(max 1 hint).Slice(0, max 1 hint)

        member _.GetSpan hint =
            inner.GetSpan(max 1 hint).Slice(0, max 1 hint)

let private plainData (payload: byte[]) =
    let sum = Array.sumBy int payload &&& 0xFFF
    Array.concat [ "D "B; payload; Bytes.ofText $" -%04d{sum + 1}" ]

let private base64 (bytes: byte[]) =
    Bytes.ofText (Convert.ToBase64String bytes)

let tests =
    testList
        "Message"
        [
            testPropertyWithConfig config "an image is D, its base64 and the checksum"
            <| fun (Picture bytes) ->
                Bytes.written (Message.Image(ReadOnlySequence bytes, Parameters.none)) = plainData (base64 bytes)

            testPropertyWithConfig config "the bytes do not depend on the writer's memory"
            <| fun (Picture bytes) ->
                let writer = StingyWriter()
                Message.write writer (Message.Image(ReadOnlySequence bytes, Parameters.none))
                writer.Written = plainData (base64 bytes)

            testPropertyWithConfig config "the bytes do not depend on the picture's segments"
            <| fun (Picture bytes) (cuts: int list) ->
                [ Parameters.none; Parameters.extended ]
                |> List.forall (fun parameters ->
                    let whole = Bytes.written (Message.Image(ReadOnlySequence bytes, parameters))

                    [
                        Bytes.inPieces (cuts |> List.map (fun cut -> abs cut % bytes.Length)) bytes
                        Bytes.singly bytes
                    ]
                    |> List.forall (fun cut -> Bytes.written (Message.Image(cut, parameters)) = whole))

            testPropertyWithConfig config "the size is the length of the base64"
            <| fun (Picture bytes) ->
                Message.payloadLength Parameters.none (ReadOnlySequence bytes) = (base64 bytes).Length

            testPropertyWithConfig config "a result is D, its payload and the checksum"
            <| fun (Noise payload) ->
                Bytes.written (Message.Result(ReadOnlyMemory payload, Parameters.none)) = plainData payload
        ]
