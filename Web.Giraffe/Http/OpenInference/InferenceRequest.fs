namespace Web.Giraffe.Inference

open System.Buffers
open Protocol.Core
open Web.Giraffe

[<RequireQualifiedAccess>]
type OutputKind =
    | Probabilities
    /// `value:index:label` for this many classes.
    | Classification of count: int
    | Label

type WantedOutput =
    {
        Name: string
        Kind: OutputKind
        Binary: bool
    }

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
    }

/// The rules for requests. An error is one sentence.
[<RequireQualifiedAccess>]
module WantedInference =
    let private onlyInput (inputs: GivenInput list) =
        match inputs with
        | [ input ] when input.Name = "" -> Error "The input has no name."
        | [ input ] when input.Name = Model.input.Name ->
            // Before the data, which are read by their datatype.
            if input.Datatype <> Model.input.Datatype then
                Error $"The input '{input.Name}' is of datatype {Model.input.Datatype}, not '{input.Datatype}'."
            else
                Ok input
        | [ input ] -> Error $"There is no input '{input.Name}'; this model has one, '{Model.input.Name}'."
        | inputs -> Error $"This model takes one input, '{Model.input.Name}', not {inputs.Length}."

    let private countOf (limits: InferenceLimits) (input: GivenInput) =
        match input.Shape with
        | [ count ]
        | [ count; 1L ] when count >= 1L && count <= int64 limits.Pictures -> Ok(int count)
        | [ _ ]
        | [ _; 1L ] -> Error $"A tensor holds 1 to {limits.Pictures} pictures."
        | _ -> Error "The shape of the input is [n] or [n, 1] for n pictures."

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

    let private picturesOf limits (input: GivenInput) =
        countOf limits input
        |> Result.bind (fun count ->
            input.Data input.Datatype (int64 count)
            |> Result.bind (function
                | Elements elements -> Ok elements
                | Binary binary -> Tensor.ofBinary limits.Pictures binary)
            |> Result.bind (fun pictures ->
                if pictures.Length <> count then
                    Error $"The shape of the input says {count}, but it holds {pictures.Length}."
                else
                    match check limits pictures with
                    | Some wrong -> Error wrong
                    | None -> Ok pictures))

    let private outputs = [ Model.probabilities.Name; Model.label.Name ]

    let private outputOf (classes: int) (output: GivenOutput) =
        let wanted kind =
            Ok
                {
                    Name = output.Name
                    Kind = kind
                    Binary = output.Binary
                }

        match output.Name, output.Classification with
        | "", _ -> Error "An output has no name."
        | name, _ when not (List.contains name outputs) ->
            Error $"There is no output '{name}'; this model has '{Model.probabilities.Name}' and '{Model.label.Name}'."
        | _, Some count when count >= 1L && count <= int64 classes -> wanted (OutputKind.Classification(int count))
        | _, Some _ -> Error $"'classification' is a whole number from 1 to {classes}."
        | name, None when name = Model.label.Name -> wanted OutputKind.Label
        | _, None -> wanted OutputKind.Probabilities

    let private allOutputs binary : GivenOutput list =
        [
            for name in outputs ->
                {
                    Name = name
                    Classification = None
                    Binary = binary
                }
        ]

    let private outputsOf (classes: int) (given: GivenInference) =
        match given.Outputs with
        | [] -> allOutputs given.BinaryOutputs
        | outputs -> outputs
        |> fun wanted ->
            if
                wanted |> List.exists (fun output -> output.Name <> "")
                && (wanted |> List.distinctBy _.Name).Length < wanted.Length
            then
                Error "Each output is asked for once."
            else
                wanted |> Result.traverse (outputOf classes) |> Result.map List.ofArray

    /// Checks a request.
    let ofGiven
        (limits: InferenceLimits)
        (model: InferenceModel)
        (given: GivenInference)
        : Result<WantedInference, string> =
        match onlyInput given.Inputs, outputsOf model.Classes given with
        | Error wrong, _
        | Ok _, Error wrong -> Error wrong
        | Ok input, Ok outputs ->
            picturesOf limits input
            |> Result.map (fun pictures ->
                {
                    Id = given.Id
                    Pictures = pictures
                    Outputs = outputs
                    All = model.Classes
                })
