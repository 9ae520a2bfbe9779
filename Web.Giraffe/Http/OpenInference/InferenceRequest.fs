namespace Web.Giraffe.Inference

open System
open System.Buffers
open System.Text.Json
open Protocol.Core
open Web.Giraffe

[<RequireQualifiedAccess>]
type OutputKind =
    | Probabilities
    /// `value:index:label` for this many classes.
    | Classification of count: int
    | Label

type WantedOutput = { Kind: OutputKind; Binary: bool }

/// A valid request.
type WantedInference =
    {
        Id: string option
        Pictures: ReadOnlySequence<byte> list
        Outputs: WantedOutput list
        /// The model's number of classes.
        All: int
    }

    /// The number of classes to request from the workers.
    member wanted.Classes =
        let needs output =
            match output.Kind with
            | OutputKind.Probabilities -> wanted.All
            | OutputKind.Classification count -> count
            | OutputKind.Label -> 1

        wanted.Outputs |> List.map needs |> List.max

/// The limits of a request.
type InferenceLimits =
    {
        /// Pictures in one tensor.
        Pictures: int
        /// Bytes of one picture.
        Picture: int
        /// The model's number of classes.
        Classes: int
    }

/// Reads a request from its JSON and the binary data after it. An error is one sentence.
[<RequireQualifiedAccess>]
module WantedInference =
    // A JSON value may take many times its length in memory; requests need only a few per picture.
    let private maxTokens = 4096

    let private isShort (json: ReadOnlySequence<byte>) =
        let mutable reader = Utf8JsonReader json
        let mutable tokens = 0

        try
            while tokens <= maxTokens && reader.Read() do
                tokens <- tokens + 1

            if tokens <= maxTokens then
                Ok()
            else
                Error $"The request has more than {maxTokens} JSON values."
        with :? JsonException as error ->
            Error $"The request is not JSON: {error.Message}"

    let private parse (options: JsonSerializerOptions) (json: ReadOnlySequence<byte>) =
        try
            match isShort json with
            | Error wrong -> Error wrong
            | Ok() ->
                let mutable reader = Utf8JsonReader json

                match JsonSerializer.Deserialize<InferenceRequest | null>(&reader, options) with
                | NonNull request -> Ok request
                | _ -> Error "The request is null, not an object."
        with :? JsonException as error ->
            let place =
                match error.Path with
                | Null
                | "" -> ""
                | NonNull path -> $" At {path}."

            // The serializer's own message may contain types of this program; ours explains what to do.
            match error.InnerException, error.Message with
            | Null, said when not (said.Contains "System.") && not (said.Contains "Web.Giraffe") -> Error(said + place)
            | _ -> Error $"The request is not the JSON that the protocol has.{place}"

    // A member that is missing in the JSON is null, whatever its type.
    let private missing (value: 'T) = isNull (box value)

    let private listOf (values: 'T[]) =
        if missing values then [] else List.ofArray values

    let private onlyInput (request: InferenceRequest) =
        match listOf request.Inputs with
        | [ input ] when missing input || missing input.Name -> Error "The input has no name."
        | [ input ] when input.Name = Model.input.Name ->
            if input.Datatype <> Model.input.Datatype then
                Error $"The input '{input.Name}' is of datatype {Model.input.Datatype}, not '{input.Datatype}'."
            else
                Ok input
        | [ input ] -> Error $"There is no input '{input.Name}'; this model has one, '{Model.input.Name}'."
        | inputs -> Error $"This model takes one input, '{Model.input.Name}', not {inputs.Length}."

    let private countOf (limits: InferenceLimits) (input: RequestInput) =
        match listOf input.Shape with
        | [ count ]
        | [ count; 1L ] when count >= 1L && count <= int64 limits.Pictures -> Ok(int count)
        | [ _ ]
        | [ _; 1L ] -> Error $"A tensor holds 1 to {limits.Pictures} pictures."
        | _ -> Error "The shape of the input is [n] or [n, 1] for n pictures."

    let private elementsOf (limits: InferenceLimits) (input: RequestInput) (binary: ReadOnlySequence<byte>) =
        match input.Data, input.Parameters |> Option.bind _.BinaryDataSize with
        | Some(Pictures pictures), None when binary.IsEmpty -> Ok pictures
        | Some _, None -> Error "There are bytes behind the JSON that no input claims with 'binary_data_size'."
        | Some _, Some _ -> Error "An input has 'data' or 'binary_data_size', not both."
        | None, Some size when size = int64 binary.Length -> Tensor.ofBinary limits.Pictures binary
        | None, Some size -> Error $"'binary_data_size' is {size}, but {binary.Length} bytes are behind the JSON."
        | None, None -> Error "The input has neither 'data' nor 'binary_data_size'."

    let private check (limits: InferenceLimits) (pictures: ReadOnlySequence<byte> list) =
        pictures
        |> List.indexed
        |> List.tryPick (fun (index, picture) ->
            let wrong what =
                Some $"Picture {index + 1} of {pictures.Length}: {what}"

            if picture.IsEmpty then
                wrong "it is empty."
            elif picture.Length > int64 limits.Picture then
                wrong $"it has {picture.Length} bytes; a picture may have up to {limits.Picture}."
            elif (ImageFormat.ofPicture picture).IsNone then
                wrong (ImageFormat.refusalOfPicture picture)
            else
                None)

    let private picturesOf
        limits
        (resolve: ReadOnlySequence<byte> list -> Result<ReadOnlySequence<byte> list, string>)
        input
        binary
        =
        match countOf limits input, elementsOf limits input binary |> Result.bind resolve with
        | Error wrong, _
        | _, Error wrong -> Error wrong
        | Ok count, Ok pictures when pictures.Length <> count ->
            Error $"The shape of the input says {count}, but it holds {pictures.Length}."
        | Ok _, Ok pictures ->
            match check limits pictures with
            | Some wrong -> Error wrong
            | None -> Ok pictures

    let private outputOf (classes: int) (binary: bool) (output: RequestOutput) =
        if missing output || missing output.Name then
            Error "An output has no name."
        else
            let given pick = output.Parameters |> Option.bind pick

            let wanted kind =
                Ok
                    {
                        Kind = kind
                        Binary = given _.BinaryData |> Option.defaultValue binary
                    }

            match output.Name, given _.Classification with
            | name, None when name = Model.probabilities.Name -> wanted OutputKind.Probabilities
            | name, Some count when name = Model.probabilities.Name ->
                if count >= 1 && count <= classes then
                    wanted (OutputKind.Classification count)
                else
                    Error $"'classification' is a whole number from 1 to {classes}."
            | name, None when name = Model.label.Name -> wanted OutputKind.Label
            | name, Some _ when name = Model.label.Name -> Error $"The output '{name}' has no classes to choose from."
            | name, _ ->
                Error
                    $"There is no output '{name}'; this model has '{Model.probabilities.Name}' and '{Model.label.Name}'."

    let private allOutputs binary =
        [
            {
                Kind = OutputKind.Probabilities
                Binary = binary
            }
            {
                Kind = OutputKind.Label
                Binary = binary
            }
        ]

    let private outputsOf (limits: InferenceLimits) (request: InferenceRequest) =
        let binary =
            request.Parameters
            |> Option.bind _.BinaryDataOutput
            |> Option.defaultValue false

        match request.Outputs |> Option.map listOf |> Option.defaultValue [] with
        | [] -> Ok(allOutputs binary)
        | outputs when outputs.Length > 2 -> Error "Each output is asked for once."
        | outputs ->
            outputs
            |> Result.traverse (outputOf limits.Classes binary)
            |> Result.map List.ofArray
            |> Result.bind (fun wanted ->
                if (outputs |> List.distinctBy _.Name).Length < outputs.Length then
                    Error "Each output is asked for once."
                else
                    Ok wanted)

    /// Reads a request from `json` and the bytes after it; `resolve` returns the pictures of the elements.
    let read
        options
        limits
        (resolve: ReadOnlySequence<byte> list -> Result<ReadOnlySequence<byte> list, string>)
        (json: ReadOnlySequence<byte>)
        (binary: ReadOnlySequence<byte>)
        : Result<WantedInference, string> =
        parse options json
        |> Result.bind (fun request ->
            match
                onlyInput request
                |> Result.bind (fun input -> picturesOf limits resolve input binary),
                outputsOf limits request
            with
            | Ok pictures, Ok outputs ->
                Ok
                    {
                        Id = request.Id
                        Pictures = pictures
                        Outputs = outputs
                        All = limits.Classes
                    }
            | Error wrong, _
            | _, Error wrong -> Error wrong)

    /// Reads the raw binary request: the body is one picture, and every output is binary data.
    let raw limits (picture: ReadOnlySequence<byte>) : Result<WantedInference, string> =
        match check limits [ picture ] with
        | Some wrong -> Error wrong
        | None ->
            Ok
                {
                    Id = None
                    Pictures = [ picture ]
                    Outputs = allOutputs true
                    All = limits.Classes
                }
