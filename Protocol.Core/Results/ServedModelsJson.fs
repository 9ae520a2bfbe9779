namespace Protocol.Core

open System.Text.Json
open ResultJson

/// served = a JSON object: `default`, `executors`, `revision` and `models`, an array of `id`, `version`, `digest`,
/// `title`, `state` (`ready`, `loading`, `failed`), `error`, `classes`, `width`, `height`, `channels`, `output` (`logits`,
/// `probabilities`, `sigmoid`), `resize` (`shorter-side` with `side`, `stretch`, `fit`), `maps`, `tensors` (`input` and
/// `output`, each with `name`, `type` and `shape`), `tree`, `covers`, and, for the one model that the request named, `labels`
/// and `synonyms` (an array of further names for each label); and `asked`, as in a recognition.
[<RequireQualifiedAccess>]
module ServedModelsJson =

    let private stateText state =
        match state with
        | ModelState.Ready -> "ready"
        | ModelState.Loading -> "loading"
        | ModelState.Failed -> "failed"

    let private outputText output =
        match output with
        | OutputValues.Logits -> "logits"
        | OutputValues.Probabilities -> "probabilities"
        | OutputValues.Sigmoid -> "sigmoid"

    let private writeTensor (json: Utf8JsonWriter) (role: string) (tensor: TensorDescription) =
        json.WriteStartObject role
        json.WriteString("name", tensor.Name)
        json.WriteString("type", tensor.Type)
        json.WriteStartArray "shape"
        Array.iter (fun (size: int) -> json.WriteNumberValue size) tensor.Shape
        json.WriteEndArray()
        json.WriteEndObject()

    let private writeModel (json: Utf8JsonWriter) (model: ModelDescription) =
        json.WriteStartObject()
        json.WriteString("id", model.Id)
        json.WriteString("version", model.Version)
        writeText json "digest" model.Digest
        json.WriteString("title", model.Title)
        json.WriteString("state", stateText model.State)
        writeText json "error" model.Error
        json.WriteNumber("classes", model.Classes)
        json.WriteNumber("width", model.Width)
        json.WriteNumber("height", model.Height)
        json.WriteNumber("channels", model.Channels)
        json.WriteString("output", outputText model.Output)

        match model.Resize with
        | InputResize.Unknown -> ()
        | InputResize.Stretch -> json.WriteString("resize", "stretch")
        | InputResize.Fit -> json.WriteString("resize", "fit")
        | InputResize.ShorterSide side ->
            json.WriteString("resize", "shorter-side")
            json.WriteNumber("side", side)

        json.WriteBoolean("maps", model.HasMaps)

        match model.Tensors with
        | ValueSome tensors ->
            json.WriteStartObject "tensors"
            writeTensor json "input" tensors.Input
            writeTensor json "output" tensors.Output
            json.WriteEndObject()
        | ValueNone -> ()

        if model.HasTree then
            json.WriteBoolean("tree", true)

        writeText json "covers" model.Covers

        let writeTexts (texts: string[]) =
            Array.iter (fun (text: string) -> json.WriteStringValue text) texts

        if model.Labels.Length > 0 then
            json.WriteStartArray "labels"
            writeTexts model.Labels
            json.WriteEndArray()

        if model.Synonyms.Length > 0 then
            json.WriteStartArray "synonyms"

            for names in model.Synonyms do
                json.WriteStartArray()
                writeTexts names
                json.WriteEndArray()

            json.WriteEndArray()

        json.WriteEndObject()

    /// Formats the payload; `sizeHash` is the CRC-32C of the payload of the size that it answers.
    let write (sizeHash: uint32) (served: ServedModels) : byte[] =
        writeObject sizeHash (fun json ->
            json.WriteString("default", served.Default)
            json.WriteNumber("executors", served.Executors)
            json.WriteString("revision", served.Revision)
            json.WriteStartArray "models"
            Array.iter (writeModel json) served.Models
            json.WriteEndArray())

    let private stateOf text =
        match text with
        | "ready" -> ValueSome ModelState.Ready
        | "loading" -> ValueSome ModelState.Loading
        | "failed" -> ValueSome ModelState.Failed
        | _ -> ValueNone

    let private outputOf text =
        match text with
        | "logits" -> ValueSome OutputValues.Logits
        | "probabilities" -> ValueSome OutputValues.Probabilities
        | "sigmoid" -> ValueSome OutputValues.Sigmoid
        | _ -> ValueNone

    let private readLabel (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.String -> Ok(string (value.GetString()))
        | _ -> Error NotJson

    let private readSynonyms (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.Array -> readAll readLabel value
        | _ -> Error NotJson

    let private count name value =
        whole name value |> ValueOption.defaultValue 0

    // A method that this version does not support counts as not described.
    let private resizeOf value =
        match textOrEmpty "resize" value, count "side" value with
        | "shorter-side", side when side > 0 -> InputResize.ShorterSide side
        | "stretch", _ -> InputResize.Stretch
        | "fit", _ -> InputResize.Fit
        | _ -> InputResize.Unknown

    let private readSize (value: JsonElement) =
        match value.ValueKind, value.TryGetInt32() with
        | JsonValueKind.Number, (true, size) -> Ok size
        | _ -> Error NotJson

    let private readTensor role value : Result<TensorDescription, Malformed> =
        match get role JsonValueKind.Object value with
        | ValueNone -> Error NotJson
        | ValueSome tensor ->
            optional "shape" JsonValueKind.Array (Error NotJson) (readAll readSize) tensor
            |> Result.map (fun shape ->
                {
                    Name = textOrEmpty "name" tensor
                    Type = textOrEmpty "type" tensor
                    Shape = shape
                })

    let private readTensors value : Result<NetworkTensors voption, Malformed> =
        match readTensor "input" value, readTensor "output" value with
        | Ok input, Ok output -> Ok(ValueSome { Input = input; Output = output })
        | Error reason, _
        | _, Error reason -> Error reason

    let private readModel value : Result<ModelDescription, Malformed> =
        let labels =
            optional "labels" JsonValueKind.Array (Ok [||]) (readAll readLabel) value

        let synonyms =
            optional "synonyms" JsonValueKind.Array (Ok [||]) (readAll readSynonyms) value

        let tensors =
            optional "tensors" JsonValueKind.Object (Ok ValueNone) readTensors value

        match
            text "id" value,
            stateOf (textOrEmpty "state" value),
            outputOf (textOrEmpty "output" value),
            labels,
            synonyms,
            tensors
        with
        | ValueSome(NonNull id), ValueSome state, ValueSome output, Ok labels, Ok synonyms, Ok tensors ->
            Ok
                {
                    Id = id
                    Version = textOrEmpty "version" value
                    Digest = textOrEmpty "digest" value
                    Title = textOrEmpty "title" value
                    State = state
                    Error = textOrEmpty "error" value
                    Classes = count "classes" value
                    Width = count "width" value
                    Height = count "height" value
                    Channels = count "channels" value
                    Resize = resizeOf value
                    Output = output
                    HasMaps = flag "maps" value
                    Tensors = tensors
                    HasTree = flag "tree" value
                    Covers = textOrEmpty "covers" value
                    Labels = labels
                    Synonyms = synonyms
                }
        | _ -> Error NotJson

    /// Parses the object, or the refusal in its place. The outer error means that the object is invalid or answers
    /// another size.
    let tryRead (sizeHash: uint32) (payload: byte[]) : Result<Result<ServedModels, Refusal>, Malformed> =
        tryReadObject sizeHash payload (fun root ->
            match get "error" JsonValueKind.Object root, get "models" JsonValueKind.Array root with
            | ValueSome error, _ -> RecognitionJson.readRefusal error |> Result.map Error
            | ValueNone, ValueNone -> Error NotJson
            | ValueNone, ValueSome list ->
                readAll readModel list
                |> Result.bind (fun models ->
                    let served =
                        {
                            Default = textOrEmpty "default" root
                            Executors = count "executors" root
                            Revision = textOrEmpty "revision" root
                            Models = models
                        }

                    if ServedModels.isValid served then
                        Ok(Ok served)
                    else
                        Error NotJson))
