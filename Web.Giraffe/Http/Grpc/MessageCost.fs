/// Measures the memory that a protobuf message takes before it is parsed: a field of two bytes may become an object of
/// many times that.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.MessageCost

open System
open System.Buffers
open Google.Protobuf.Reflection

/// As many as a request in JSON may have values.
[<Literal>]
let MaxFields = 4096

[<Struct>]
type Cost =
    {
        /// The fields that become objects: all but the elements of lists of numbers.
        Fields: int
        /// The elements of lists of numbers.
        Numbers: int64
    }

exception private Malformed

let private varint (reader: byref<SequenceReader<byte>>) =
    let mutable value = 0UL
    let mutable shift = 0
    let mutable byte = 0x80uy

    while byte >= 0x80uy do
        if shift > 63 || not (reader.TryRead &byte) then
            raise Malformed

        value <- value ||| (uint64 (byte &&& 0x7Fuy) <<< shift)
        shift <- shift + 7

    value

let private skip (reader: byref<SequenceReader<byte>>) (length: int64) =
    if length > reader.Remaining then
        raise Malformed

    reader.Advance length

let private isNumber (field: FieldDescriptor) =
    match field.FieldType with
    | FieldType.String
    | FieldType.Bytes
    | FieldType.Message
    | FieldType.Group -> false
    | _ -> true

/// Returns the number of elements of a packed list.
let private packed (field: FieldDescriptor) (bytes: ReadOnlySequence<byte>) =
    match field.FieldType with
    | FieldType.Float
    | FieldType.Fixed32
    | FieldType.SFixed32 -> bytes.Length / 4L
    | FieldType.Double
    | FieldType.Fixed64
    | FieldType.SFixed64 -> bytes.Length / 8L
    | _ ->
        let mutable count = 0L

        // The last byte of each number is below 128.
        for segment in bytes do
            for byte in segment.Span do
                if byte < 0x80uy then
                    count <- count + 1L

        count

let rec private add (kind: MessageDescriptor) (bytes: ReadOnlySequence<byte>) (before: Cost) : Cost =
    let mutable reader = SequenceReader<byte> bytes
    let mutable cost = before
    let mutable goesOn = cost.Fields <= MaxFields

    while goesOn && not reader.End do
        let tag = varint &reader

        if tag >>> 3 = 0UL then
            raise Malformed

        let field =
            match kind.FindFieldByNumber(int (tag >>> 3)) with
            | NonNull field -> ValueSome field
            | _ -> ValueNone

        let isList =
            match field with
            | ValueSome field -> field.IsRepeated && isNumber field
            | ValueNone -> false

        let mutable part = ReadOnlySequence<byte>.Empty

        match tag &&& 7UL with
        | 0UL -> varint &reader |> ignore
        | 1UL -> skip &reader 8L
        | 5UL -> skip &reader 4L
        | 2UL ->
            let length = varint &reader

            if length > uint64 reader.Remaining then
                raise Malformed

            part <- reader.UnreadSequence.Slice(0L, int64 length)
            reader.Advance(int64 length)
        // Groups, which proto3 does not have.
        | _ -> raise Malformed

        cost <-
            match field with
            | ValueSome field when isList && tag &&& 7UL = 2UL ->
                { cost with
                    Numbers = cost.Numbers + packed field part
                }
            | _ when isList ->
                { cost with
                    Numbers = cost.Numbers + 1L
                }
            | ValueSome field when field.FieldType = FieldType.Message ->
                add field.MessageType part { cost with Fields = cost.Fields + 1 }
            | _ -> { cost with Fields = cost.Fields + 1 }

        goesOn <- cost.Fields <= MaxFields

    cost

/// Returns the cost, up to one field too many, or none if the bytes are no such message.
let ofMessage (kind: MessageDescriptor) (bytes: ReadOnlySequence<byte>) : Cost voption =
    try
        ValueSome(add kind bytes { Fields = 0; Numbers = 0L })
    with Malformed ->
        ValueNone
