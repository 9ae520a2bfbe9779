namespace Protocol.Core

open System
open System.Buffers
open System.Text.Json
open System.Threading

/// Writes and reads the JSON objects of results. Readers treat a value of the wrong kind as missing.
module internal ResultJson =

    let hex (sizeHash: uint32) = sizeHash.ToString "x8"

    /// Reused per thread; otherwise they would be two fifths of a worker's allocations per picture.
    let writers =
        new ThreadLocal<struct (ArrayBufferWriter<byte> * Utf8JsonWriter)>(fun () ->
            let buffer = ArrayBufferWriter<byte> 4096
            struct (buffer, new Utf8JsonWriter(buffer)))

    let inline writeObject (sizeHash: uint32) ([<InlineIfLambda>] write: Utf8JsonWriter -> unit) =
        let struct (buffer, json) = writers.Value
        buffer.ResetWrittenCount()
        json.Reset()
        json.WriteStartObject()
        write json
        json.WriteString("asked", hex sizeHash)
        json.WriteEndObject()
        json.Flush()
        buffer.WrittenSpan.ToArray()

    let writeText (json: Utf8JsonWriter) (name: string) (value: string) =
        if value <> "" then
            json.WriteString(name, value)

    let get (name: string) (kind: JsonValueKind) (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.Object ->
            match value.TryGetProperty name with
            | true, found when found.ValueKind = kind -> ValueSome found
            | _ -> ValueNone
        | _ -> ValueNone

    let text name value =
        get name JsonValueKind.String value
        |> ValueOption.map (fun found -> found.GetString())

    let textOrEmpty name value =
        text name value |> ValueOption.map string |> ValueOption.defaultValue ""

    let number name value =
        match get name JsonValueKind.Number value with
        | ValueSome found ->
            match found.TryGetDouble() with
            | true, number when Double.IsFinite number -> ValueSome number
            | _ -> ValueNone
        | ValueNone -> ValueNone

    let whole name value =
        match get name JsonValueKind.Number value with
        | ValueSome found ->
            match found.TryGetInt32() with
            | true, number -> ValueSome number
            | _ -> ValueNone
        | ValueNone -> ValueNone

    let flag name value =
        (get name JsonValueKind.True value).IsSome

    let readAll read (list: JsonElement) =
        list.EnumerateArray() |> Result.traverse read

    let optional name kind empty read value =
        match get name kind value with
        | ValueSome found -> read found
        | ValueNone -> empty

    /// Parses an object that answers the size whose payload has this CRC-32C. Without `asked`, it is assumed to.
    let tryReadObject (sizeHash: uint32) (payload: byte[]) (read: JsonElement -> Result<'value, Malformed>) =
        try
            use document = JsonDocument.Parse(ReadOnlyMemory payload)
            let root = document.RootElement

            match text "asked" root with
            | ValueSome echoed when echoed <> hex sizeHash -> Error SizeHashMismatch
            | _ -> read root
        with
        | :? JsonException
        // A string with invalid UTF-16 escapes.
        | :? InvalidOperationException -> Error NotJson
