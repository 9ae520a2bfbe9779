namespace Web.Giraffe.Inference

open System.Buffers
open System.Text.Json
open System.Text.Json.Serialization
open Protocol.Core
open Web.Giraffe

/// A request whose instances or inputs are read later.
type PredictRequest =
    {
        [<JsonPropertyName "signature_name">]
        SignatureName: string option
        Instances: Tensor option
        Inputs: Tensor option
    }

/// Reads requests of KServe's V1 protocol.
[<RequireQualifiedAccess>]
module PredictRequestJson =

    let private notPicture =
        Error """A picture is {"b64": "<base64>"}, alone or as the input 'image'."""

    let private base64 (value: JsonElement) =
        match value.TryGetBytesFromBase64() with
        | true, NonNull bytes -> Ok(ReadOnlySequence bytes)
        | _ ->
            match Base64Text.decode (string (value.GetString())) with
            | ValueSome bytes -> Ok(ReadOnlySequence bytes)
            | ValueNone -> Error "The value of a 'b64' is not valid base64."

    /// Reads one picture: `{"b64": "…"}`, or base64 as it is.
    let private picture (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.String -> base64 value
        | JsonValueKind.Object ->
            match value.TryGetProperty "b64" with
            | true, text when text.ValueKind = JsonValueKind.String -> base64 text
            | _ -> notPicture
        | _ -> notPicture

    /// Returns the value of the only input, which may stand alone or under its name.
    let private named (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.Object when not (value.TryGetProperty "b64" |> fst) ->
            match [ for input in value.EnumerateObject() -> input.Name, input.Value ] with
            | [ name, value ] when name = Model.input.Name -> Ok value
            | inputs ->
                match inputs |> List.tryFind (fun (name, _) -> name <> Model.input.Name) with
                | Some(name, _) ->
                    Error $"There is no input '{Problem.shorten name}'; this model has one, '{Model.input.Name}'."
                | None -> notPicture
        | _ -> Ok value

    let private rows (root: JsonElement) =
        if root.ValueKind = JsonValueKind.Array then
            root.EnumerateArray()
            |> Result.traverse (fun row -> named row |> Result.bind picture)
        else
            Error "'instances' is an array with one element for each picture."

    let private columns (root: JsonElement) =
        named root
        |> Result.bind (fun column ->
            if column.ValueKind = JsonValueKind.Array then
                column.EnumerateArray() |> Result.traverse picture
            else
                picture column |> Result.map Array.singleton)

    let private ofPictures
        (resolve: ReadOnlySequence<byte> list -> Result<_, string>)
        (pictures: ReadOnlySequence<byte>[])
        =
        GivenInference.ofInput
            false
            {
                Name = Model.input.Name
                Datatype = Model.input.Datatype
                Shape = [ int64 pictures.Length ]
                Data =
                    fun _ _ ->
                        resolve (List.ofArray pictures)
                        |> Result.map Elements
                        |> Result.mapError Problem.wrong
            }

    /// Returns the number of elements of an array; none for another value.
    let private lengthOf (json: System.ReadOnlyMemory<byte>) =
        let mutable reader = Utf8JsonReader json.Span
        let mutable length = 0L

        if reader.Read() && reader.TokenType = JsonTokenType.StartArray then
            while reader.Read() && reader.TokenType <> JsonTokenType.EndArray do
                length <- length + 1L
                reader.Skip()

            Some length
        else
            None

    /// Reads rows of a raw network's input, each an array of numbers.
    let private ofNumbers (body: InferenceJsonRequest.Body) (model: InferenceModel) json =
        let input = Model.inputOf model

        match lengthOf json with
        | None -> Error $"The input '{input.Name}' is an array with one row for each picture."
        | Some count ->
            {
                Name = input.Name
                Datatype = input.Datatype
                Shape = count :: [ for size in Array.skip 1 input.Shape -> int64 size ]
                Data = fun datatype count -> InferenceJsonRequest.numbersOf body datatype count json
            }
            |> GivenInference.ofInput false
            |> Ok

    /// Reads a request, and returns whether it is in columns. An error is one sentence.
    let read (model: InferenceModel) (body: InferenceJsonRequest.Body) : Result<bool * GivenInference, string> =
        let pictures isColumnar reading (start: int, length: int) (json: System.ReadOnlyMemory<byte>) =
            let part = json.Slice(start, length)

            if model.Network.IsSome then
                ofNumbers body model part |> Result.map (fun given -> isColumnar, given)
            else
                RequestJson.document (fun _ place -> place) part
                |> Result.bind (fun document ->
                    use document = document

                    reading document.RootElement
                    |> Result.map (fun pictures -> isColumnar, ofPictures body.Resolve pictures))

        RequestJson.parse<PredictRequest> body.PlaceInBody [ "instances"; "inputs" ] body.Json
        |> Result.bind (fun (request, json) ->
            match request.Instances, request.Inputs with
            | Some(Unread(start, length)), None -> pictures false rows (start, length) json
            | None, Some(Unread(start, length)) -> pictures true columns (start, length) json
            | Some _, Some _ -> Error "The request has 'instances' or 'inputs', not both."
            | _ -> Error "The request has neither 'instances' nor 'inputs'.")
