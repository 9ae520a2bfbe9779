namespace Web.Giraffe.Inference

open System
open System.Buffers
open System.Buffers.Binary
open System.Collections.Generic
open System.Text
open System.Text.Json
open System.Text.Json.Serialization
open Protocol.Core

/// A tensor's elements, row by row.
[<JsonConverter(typeof<TensorConverter>)>]
type Tensor =
    /// BYTES that are pictures; base64 in JSON.
    | Pictures of ReadOnlySequence<byte> list
    /// FP32.
    | Numbers of float32[]
    /// BYTES that are text.
    | Texts of string[]
    /// The place of an array in the JSON of a request. It is read when its datatype and size have been checked.
    | Unread of start: int * length: int

/// Writes tensors as JSON. Reads their place only.
and TensorConverter() =
    inherit JsonConverter<Tensor>()

    override _.Read(reader: byref<Utf8JsonReader>, _: Type, _: JsonSerializerOptions) =
        let start = int reader.TokenStartIndex
        reader.Skip()
        Unread(start, int reader.BytesConsumed - start)

    override _.Write(writer, tensor, _) =
        writer.WriteStartArray()

        match tensor with
        | Pictures pictures ->
            for picture in pictures do
                writer.WriteBase64StringValue(ReadOnlySpan(picture.ToArray()))
        | Numbers numbers ->
            for number in numbers do
                writer.WriteNumberValue number
        | Texts texts ->
            for text in texts do
                writer.WriteStringValue text
        | Unread _ -> ()

        writer.WriteEndArray()

/// The format of the binary data extension: little-endian, with a 4-byte length before each element of BYTES.
[<RequireQualifiedAccess>]
module Tensor =
    [<Literal>]
    let private LengthBytes = 4

    let private bytesOf (elements: byte[] list) =
        let binary =
            Array.zeroCreate<byte>(elements |> List.sumBy (fun element -> LengthBytes + element.Length))

        let mutable at = 0

        for element in elements do
            BinaryPrimitives.WriteInt32LittleEndian(binary.AsSpan at, element.Length)
            element.CopyTo(binary, at + LengthBytes)
            at <- at + LengthBytes + element.Length

        binary

    let toBinary =
        function
        | Numbers numbers -> TensorValues.toBytes(numbers).ToArray()
        | Texts texts -> texts |> Seq.map Encoding.UTF8.GetBytes |> List.ofSeq |> bytesOf
        | Pictures pictures -> pictures |> List.map _.ToArray() |> bytesOf
        | Unread _ -> [||]

    /// Returns the elements without copying them; at most `most`.
    let ofBinary (most: int) (binary: ReadOnlySequence<byte>) : Result<ReadOnlySequence<byte> list, string> =
        let lengthOf (bytes: ReadOnlySequence<byte>) =
            let head = Span<byte>(Array.zeroCreate LengthBytes)
            bytes.Slice(0, LengthBytes).CopyTo head
            BinaryPrimitives.ReadUInt32LittleEndian head

        let rec go (elements: ReadOnlySequence<byte> list) (left: ReadOnlySequence<byte>) =
            if left.IsEmpty then
                Ok(List.rev elements)
            elif elements.Length = most then
                Error $"The binary data has more than {most} elements."
            elif left.Length < int64 LengthBytes then
                Error "The binary data ends within an element's length."
            else
                let length = lengthOf left
                let left = left.Slice(int64 LengthBytes)

                if int64 length > left.Length then
                    Error
                        $"The binary data ends within an element that says it has {length} bytes. Four bytes before each element are its length, little-endian."
                else
                    go (left.Slice(0L, int64 length) :: elements) (left.Slice(int64 length))

        go [] binary
