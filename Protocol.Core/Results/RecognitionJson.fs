namespace Protocol.Core

open System
open System.Buffers
open System.Text.Json
open System.Threading

/// recognition = a JSON object: `model`, `predictions` (`index`, `label`, `probability`), `milliseconds` by stage, and
/// `maps` (`index`, `width`, `height`, `lowest`, `highest`, `cells` in base64); or `error`, an object with its `reason`
/// and, from workers that have it, `detail`.
/// Either has `asked`, the CRC-32C of the size's payload as the worker received it, eight hex digits. It detects
/// parameters that were damaged in transit: the size has the plain checksum only.
[<RequireQualifiedAccess>]
module RecognitionJson =

    // A map is 13 × 13; far more than that is not a map.
    [<Literal>]
    let private MaxSide = 256

    let private hex (asked: uint32) = asked.ToString "x8"

    /// Reused per thread; they would be two fifths of a worker's allocations for a picture otherwise.
    let private writers =
        new ThreadLocal<struct (ArrayBufferWriter<byte> * Utf8JsonWriter)>(fun () ->
            let buffer = ArrayBufferWriter<byte> 4096
            struct (buffer, new Utf8JsonWriter(buffer)))

    let inline private writeObject (asked: uint32) ([<InlineIfLambda>] write: Utf8JsonWriter -> unit) =
        let struct (buffer, json) = writers.Value
        buffer.ResetWrittenCount()
        json.Reset()
        json.WriteStartObject()
        write json
        json.WriteString("asked", hex asked)
        json.WriteEndObject()
        json.Flush()
        buffer.WrittenSpan.ToArray()

    let private writeClass (json: Utf8JsonWriter) (found: RecognizedClass) =
        json.WriteStartObject()
        json.WriteNumber("index", found.Index)
        json.WriteString("label", found.Label)
        json.WriteNumber("probability", found.Probability)
        json.WriteEndObject()

    let private writeMap (json: Utf8JsonWriter) (map: ClassMap) =
        json.WriteStartObject()
        json.WriteNumber("index", map.Index)
        json.WriteNumber("width", map.Width)
        json.WriteNumber("height", map.Height)
        json.WriteNumber("lowest", map.Lowest)
        json.WriteNumber("highest", map.Highest)
        json.WriteBase64String("cells", ReadOnlySpan map.Cells)
        json.WriteEndObject()

    /// Formats the payload; `asked` is the CRC-32C of the payload of the size that it answers.
    let write (asked: uint32) (recognition: Recognition) : byte[] =
        writeObject asked (fun json ->
            json.WriteString("model", recognition.Model)
            json.WriteStartArray "predictions"
            Array.iter (writeClass json) recognition.Classes
            json.WriteEndArray()
            json.WriteStartObject "milliseconds"

            for time in recognition.Times do
                json.WriteNumber(time.Stage, time.Milliseconds)

            json.WriteEndObject()

            if recognition.Maps.Length > 0 then
                json.WriteStartArray "maps"
                Array.iter (writeMap json) recognition.Maps
                json.WriteEndArray())

    /// Formats the payload that replaces a bare `N`.
    let writeError (asked: uint32) (refusal: Refusal) : byte[] =
        writeObject asked (fun json ->
            json.WriteStartObject "error"
            json.WriteString("reason", refusal.Reason)

            if refusal.Detail <> "" then
                json.WriteString("detail", refusal.Detail)

            json.WriteEndObject())

    // Readers for a peer's JSON: a value of the wrong kind counts as missing.
    let private get (name: string) (kind: JsonValueKind) (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.Object ->
            match value.TryGetProperty name with
            | true, found when found.ValueKind = kind -> ValueSome found
            | _ -> ValueNone
        | _ -> ValueNone

    let private text name value =
        get name JsonValueKind.String value
        |> ValueOption.map (fun found -> found.GetString())

    let private textOrEmpty name value =
        text name value |> ValueOption.map string |> ValueOption.defaultValue ""

    let private number name value =
        match get name JsonValueKind.Number value with
        | ValueSome found ->
            match found.TryGetDouble() with
            | true, number when Double.IsFinite number -> ValueSome number
            | _ -> ValueNone
        | ValueNone -> ValueNone

    let private whole name value =
        match get name JsonValueKind.Number value with
        | ValueSome found ->
            match found.TryGetInt32() with
            | true, number -> ValueSome number
            | _ -> ValueNone
        | ValueNone -> ValueNone

    let private readClass value : Result<RecognizedClass, Malformed> =
        match whole "index" value, text "label" value, number "probability" value with
        | _, ValueSome(Null | ""), _ -> Error LabelEmpty
        | ValueSome index, ValueSome(NonNull label), ValueSome probability ->
            if probability < 0.0 || probability > 1.0 then
                Error ProbabilityOutOfRange
            else
                Ok
                    {
                        Index = index
                        Label = label
                        Probability = probability
                    }
        | _, _, ValueNone -> Error ProbabilityNotDecimal
        | _ -> Error NotJson

    let private readMap value : Result<ClassMap, Malformed> =
        let cells =
            match get "cells" JsonValueKind.String value with
            | ValueSome found ->
                match found.TryGetBytesFromBase64() with
                | true, NonNull cells -> ValueSome cells
                | _ -> ValueNone
            | ValueNone -> ValueNone

        match whole "index" value, whole "width" value, whole "height" value with
        | ValueSome index, ValueSome width, ValueSome height when min width height > 0 && max width height <= MaxSide ->
            match number "lowest" value, number "highest" value, cells with
            | ValueSome lowest, ValueSome highest, ValueSome cells when cells.Length = width * height ->
                Ok
                    {
                        Index = index
                        Width = width
                        Height = height
                        Lowest = lowest
                        Highest = highest
                        Cells = cells
                    }
            | _ -> Error NotJson
        | _ -> Error NotJson

    let private readAll read (list: JsonElement) =
        (list.EnumerateArray(), Ok [])
        ||> Seq.foldBack (fun value rest ->
            match rest, read value with
            | Ok rest, Ok found -> Ok(found :: rest)
            | Error reason, _
            | _, Error reason -> Error reason)
        |> Result.map Array.ofList

    let private optional name kind empty read value =
        match get name kind value with
        | ValueSome found -> read found
        | ValueNone -> empty

    let private readTimes value =
        [|
            for stage in (value: JsonElement).EnumerateObject() do
                if stage.Value.ValueKind = JsonValueKind.Number then
                    {
                        Stage = stage.Name
                        // Infinite if it is too large, which `RecognitionValidation` rejects.
                        Milliseconds = stage.Value.GetDouble()
                    }
        |]

    let private readObject root =
        match get "predictions" JsonValueKind.Array root with
        | ValueNone -> Error NotJson
        | ValueSome list ->
            let maps = optional "maps" JsonValueKind.Array (Ok [||]) (readAll readMap) root

            match readAll readClass list, maps with
            | Ok classes, Ok maps ->
                Ok
                    {
                        Model = textOrEmpty "model" root
                        Classes = classes
                        Times = optional "milliseconds" JsonValueKind.Object [||] readTimes root
                        Maps = maps
                    }
            | Error reason, _
            | _, Error reason -> Error reason

    let private readRefusal error =
        let refusal =
            {
                Reason = textOrEmpty "reason" error
                Detail = textOrEmpty "detail" error
            }

        if Refusal.isValid refusal then
            Ok refusal
        else
            Error RefusalText

    /// Parses the object. Returns the recognition, or the refusal as the inner error. The outer error means that the
    /// object is invalid or answers another size. Without `asked`, it is assumed to answer the right one.
    let tryRead (asked: uint32) (payload: byte[]) : Result<Result<Recognition, Refusal>, Malformed> =
        try
            use document = JsonDocument.Parse(ReadOnlyMemory payload)
            let root = document.RootElement

            match text "asked" root, get "error" JsonValueKind.Object root with
            | ValueSome heard, _ when heard <> hex asked -> Error SizeHashMismatch
            | _, ValueSome error -> readRefusal error |> Result.map Error
            | _, ValueNone -> readObject root |> Result.map Ok
        with
        | :? JsonException
        // A string with invalid UTF-16 escapes.
        | :? InvalidOperationException -> Error NotJson
