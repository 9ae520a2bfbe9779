namespace Protocol.Core

open System
open System.Text.Json
open ResultJson

/// recognition = a JSON object: `model`, `predictions` (`index`, `label`, `probability`), `milliseconds` by stage, and
/// `maps` (`index`, `width`, `height`, `lowest`, `highest`, `cells` in base64); `values` (float32, little-endian, in base64)
/// and `answer` (`id`, `label`, `probability`, `path` of `id` and `label`; both null if it is unsure) if the size
/// requested them; from workers that support them,
/// `version`, `independent` and `revision`; or `error`, an object with its `reason`
/// and, from workers that have it, `detail`.
/// Either has `asked`, the CRC-32C of the size's payload as the worker received it, eight hex digits. It detects
/// parameters that were damaged in transit: the size has the plain checksum only.
[<RequireQualifiedAccess>]
module RecognitionJson =

    // A map is 13 × 13; far more than that is not a map.
    [<Literal>]
    let private MaxSide = 256

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

    let private writeNode (json: Utf8JsonWriter) (node: ClassNode) =
        json.WriteStartObject()
        json.WriteString("id", node.Id)
        json.WriteString("label", node.Label)
        json.WriteEndObject()

    let private writeAnswer (json: Utf8JsonWriter) (answer: HedgedAnswer) =
        json.WriteStartObject "answer"

        if answer.IsUnsure then
            json.WriteNull "id"
            json.WriteNull "label"
        else
            json.WriteString("id", answer.Id)
            json.WriteString("label", answer.Label)

        json.WriteNumber("probability", answer.Probability)
        json.WriteStartArray "path"
        Array.iter (writeNode json) answer.Path
        json.WriteEndArray()
        json.WriteEndObject()

    /// Formats the payload; `sizeHash` is the CRC-32C of the payload of the size that it answers.
    let write (sizeHash: uint32) (recognition: Recognition) : byte[] =
        writeObject sizeHash (fun json ->
            json.WriteString("model", recognition.Model)
            writeText json "version" recognition.Version
            writeText json "revision" recognition.Revision

            if recognition.Independent then
                json.WriteBoolean("independent", true)

            json.WriteStartArray "predictions"
            Array.iter (writeClass json) recognition.Classes
            json.WriteEndArray()
            ValueOption.iter (writeAnswer json) recognition.Answer
            json.WriteStartObject "milliseconds"

            for time in recognition.Times do
                json.WriteNumber(time.Stage, time.Milliseconds)

            json.WriteEndObject()

            if recognition.Maps.Length > 0 then
                json.WriteStartArray "maps"
                Array.iter (writeMap json) recognition.Maps
                json.WriteEndArray()

            if recognition.Values.Length > 0 then
                json.WriteBase64String("values", TensorValues.toBytes recognition.Values))

    /// Formats the payload that replaces a bare `N`.
    let writeError (sizeHash: uint32) (refusal: Refusal) : byte[] =
        writeObject sizeHash (fun json ->
            json.WriteStartObject "error"
            json.WriteString("reason", refusal.Reason)
            writeText json "detail" refusal.Detail
            json.WriteEndObject())

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

    let private readNode value : Result<ClassNode, Malformed> =
        match text "id" value, text "label" value with
        | ValueSome(NonNull id), ValueSome(NonNull label) -> Ok { Id = id; Label = label }
        | _ -> Error AnswerMalformed

    let private readAnswer value : Result<HedgedAnswer voption, Malformed> =
        let path = optional "path" JsonValueKind.Array (Ok [||]) (readAll readNode) value

        match number "probability" value, path with
        | ValueSome probability, Ok path ->
            Ok(
                ValueSome
                    {
                        Id = textOrEmpty "id" value
                        Label = textOrEmpty "label" value
                        Probability = probability
                        Path = path
                    }
            )
        | ValueNone, _ -> Error AnswerMalformed
        | _, Error reason -> Error reason

    let private readTimes value =
        [|
            for stage in (value: JsonElement).EnumerateObject() do
                if stage.Value.ValueKind = JsonValueKind.Number then
                    {
                        Stage = stage.Name
                        // A number that is too large becomes infinite, which `RecognitionValidation` rejects.
                        Milliseconds = stage.Value.GetDouble()
                    }
        |]

    let private readValues (text: JsonElement) : Result<float32[], Malformed> =
        match text.TryGetBytesFromBase64() with
        | true, NonNull bytes when bytes.Length % 4 = 0 -> Ok(TensorValues.ofBytes bytes)
        | _ -> Error NotJson

    let private readObject root =
        match get "predictions" JsonValueKind.Array root with
        | ValueNone -> Error NotJson
        | ValueSome list ->
            let maps = optional "maps" JsonValueKind.Array (Ok [||]) (readAll readMap) root

            let values = optional "values" JsonValueKind.String (Ok [||]) readValues root

            let answer = optional "answer" JsonValueKind.Object (Ok ValueNone) readAnswer root

            match readAll readClass list, maps, values, answer with
            | Ok classes, Ok maps, Ok values, Ok answer ->
                Ok
                    {
                        Model = textOrEmpty "model" root
                        Version = textOrEmpty "version" root
                        Revision = textOrEmpty "revision" root
                        Independent = flag "independent" root
                        Classes = classes
                        Answer = answer
                        Times = optional "milliseconds" JsonValueKind.Object [||] readTimes root
                        Maps = maps
                        Values = values
                    }
            | Error reason, _, _, _
            | _, Error reason, _, _
            | _, _, Error reason, _
            | _, _, _, Error reason -> Error reason

    let internal readRefusal error =
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
    let tryRead (sizeHash: uint32) (payload: byte[]) : Result<Result<Recognition, Refusal>, Malformed> =
        tryReadObject sizeHash payload (fun root ->
            match get "error" JsonValueKind.Object root with
            | ValueSome error -> readRefusal error |> Result.map Error
            | ValueNone -> readObject root |> Result.map Ok)
