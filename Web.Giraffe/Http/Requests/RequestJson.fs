namespace Web.Giraffe

open System
open System.Text.Json
open System.Text.Json.Serialization
open System.Text.Unicode

/// Reads whole numbers in any notation of JSON: `2`, `2.0` and `2e0` are the same number.
[<Sealed>]
type WholeNumberConverter() =
    inherit JsonConverter<int64>()

    override _.Read(reader: byref<Utf8JsonReader>, _: Type, _: JsonSerializerOptions) =
        let mutable whole = 0L
        let mutable number = 0m

        if reader.TokenType <> JsonTokenType.Number then
            raise (JsonException "must be a whole number")
        elif reader.TryGetInt64 &whole then
            whole
        elif
            reader.TryGetDecimal &number
            && Decimal.IsInteger number
            && abs number <= decimal Int64.MaxValue
        then
            int64 number
        else
            raise (JsonException "must be a whole number")

    override _.Write(writer, value, _) = writer.WriteNumberValue value

[<Sealed>]
type private TextConverter() =
    inherit JsonConverter<string>()

    override _.Read(reader: byref<Utf8JsonReader>, _: Type, _: JsonSerializerOptions) =
        if reader.TokenType = JsonTokenType.String then
            reader.GetString()
        else
            raise (JsonException "must be a string")

    override _.Write(writer, value, _) = writer.WriteStringValue value

[<Sealed>]
type private FlagConverter() =
    inherit JsonConverter<bool>()

    override _.Read(reader: byref<Utf8JsonReader>, _: Type, _: JsonSerializerOptions) =
        match reader.TokenType with
        | JsonTokenType.True -> true
        | JsonTokenType.False -> false
        | _ -> raise (JsonException "must be true or false")

    override _.Write(writer, value, _) = writer.WriteBooleanValue value

/// Reads the JSON of a request's body. Errors are sentences for the caller, with the place, and never the parser's own.
[<RequireQualifiedAccess>]
module RequestJson =
    // A JSON value may take many times its length in memory.
    let private maxValues = 4096

    /// The options for reading requests.
    let options =
        let options = JsonSerializerOptions JsonSerializerDefaults.Web
        options.NumberHandling <- JsonNumberHandling.Strict
        options.Converters.Add(WholeNumberConverter())
        options.Converters.Add(TextConverter())
        options.Converters.Add(FlagConverter())
        options

    /// Returns the JSON without a byte order mark, which some clients send.
    let withoutMark (json: ReadOnlyMemory<byte>) =
        let mark = ReadOnlySpan [| 0xEFuy; 0xBBuy; 0xBFuy |]
        if json.Span.StartsWith mark then json.Slice 3 else json

    /// Describes where the syntax is wrong. `placeInBody` is that of `JsonIntake`.
    let private malformed (placeInBody: int64 -> int64 -> int64) (error: JsonException) : string =
        let line = error.LineNumber.GetValueOrDefault()
        let place = placeInBody line (error.BytePositionInLine.GetValueOrDefault())
        $"The request is not JSON: there is an error at line {line + 1L}, byte {place + 1L}."

    let private notText = Error "The request is not JSON: a string is not valid text."

    /// Checks the syntax, the number of values and their texts, except those of the members `bulk`, which are not kept.
    let private checkText placeInBody (bulk: string list) (json: ReadOnlySpan<byte>) =
        let mutable reader = Utf8JsonReader json
        let mutable values = 0

        try
            while values <= maxValues && reader.Read() do
                values <- values + 1

                let isText =
                    reader.TokenType = JsonTokenType.String
                    || reader.TokenType = JsonTokenType.PropertyName

                // GetString throws for half of a surrogate pair, which only an escape makes.
                if
                    isText
                    && (not (Utf8.IsValid reader.ValueSpan)
                        || reader.ValueIsEscaped && isNull (reader.GetString()))
                then
                    raise (InvalidOperationException())

                if
                    reader.TokenType = JsonTokenType.PropertyName
                    && List.contains (reader.GetString()) bulk
                then
                    reader.Read() |> ignore
                    reader.Skip()

            if values <= maxValues then
                Ok()
            else
                Error $"The request has more than {maxValues} JSON values."
        with
        | :? JsonException as error -> Error(malformed placeInBody error)
        | :? InvalidOperationException -> notText

    let private check placeInBody bulk (json: ReadOnlySpan<byte>) =
        if json.IsEmpty then
            Error "The body is empty. Send the request as JSON."
        else
            checkText placeInBody bulk json

    /// Returns the name of the member that is wrong, as `inputs[0].shape`.
    let private place (error: JsonException) =
        match error.Path with
        | Null
        | ""
        | "$" -> ValueNone
        | NonNull path when path.StartsWith "$." -> ValueSome(path.Substring 2)
        | NonNull path -> ValueSome path

    // Converters of this program throw with a message and nothing else; the serializer's own messages name its types.
    let private isOurs (error: JsonException) =
        isNull error.InnerException && error.Message.StartsWith "must "

    /// Reads a value whose members `bulk` are positions in the returned JSON, read later.
    let parse<'value when 'value: not null and 'value: not struct>
        (placeInBody: int64 -> int64 -> int64)
        (bulk: string list)
        (json: ReadOnlyMemory<byte>)
        : Result<'value * ReadOnlyMemory<byte>, string> =
        check placeInBody bulk json.Span
        |> Result.bind (fun () ->
            try
                match JsonSerializer.Deserialize<'value>(json.Span, options) with
                | NonNull value -> Ok(value, json)
                | _ -> Error "The request is null, not an object."
            with :? JsonException as error ->
                match place error with
                | ValueSome place when isOurs error -> Error $"'{place}' {error.Message}."
                | ValueSome place -> Error $"The JSON does not match the protocol at '{place}'."
                | ValueNone -> Error "The JSON does not match the protocol: it must be an object.")

    /// Parses JSON, or a part that `parse` has left unread. It may have as many values as a whole request, and its texts
    /// are valid.
    let document placeInBody (json: ReadOnlyMemory<byte>) : Result<JsonDocument, string> =
        check placeInBody [] json.Span |> Result.map (fun () -> JsonDocument.Parse json)
