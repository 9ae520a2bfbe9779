namespace Web.Giraffe.Inference

open System.Buffers
open Protocol.Core
open Web.Giraffe

[<RequireQualifiedAccess>]
type RequestedOutputKind =
    | Probabilities
    /// `value:index:label` for this many classes.
    | Classification of count: int
    | Label
    /// A raw network's output as it is.
    | Values

type WantedOutput =
    {
        Name: string
        Kind: RequestedOutputKind
        Binary: bool
    }

/// A valid request.
type WantedInference =
    {
        Id: string option
        /// Pictures, or a raw network's input tensors, one for each row of the batch.
        Rows: ReadOnlySequence<byte> list
        Outputs: WantedOutput list
    }

/// The limits of a request.
type InferenceLimits =
    {
        /// Pictures, or rows, in one tensor.
        Pictures: int
        /// Bytes of one picture.
        Picture: int
        /// Bytes of a tensor.
        Tensor: int64
    }

/// The rules for requests.
[<RequireQualifiedAccess>]
module WantedInference =
    let private wrong detail = Error(Problem.wrong detail)

    /// Returns the size of an element in bytes.
    let private sizeOf datatype =
        match datatype with
        | "UINT8" -> 1L
        | "FP16" -> 2L
        | _ -> 4L

    let private onlyInput (model: InferenceModel) (inputs: GivenInput list) =
        let known = Model.inputOf model

        match inputs with
        | [ input ] when input.Name = "" -> Error "The input has no name."
        | [ input ] when input.Name = known.Name ->
            // Before the data, which are read by their datatype.
            if input.Datatype <> known.Datatype then
                Error
                    $"The input '{input.Name}' is of datatype {known.Datatype}, not '{Problem.shorten input.Datatype}'."
            else
                Ok input
        | [ input ] -> Error $"There is no input '{Problem.shorten input.Name}'; this model has one, '{known.Name}'."
        | inputs -> Error $"This model takes one input, '{known.Name}', not {inputs.Length}."

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
        |> Result.mapError Problem.wrong
        |> Result.bind (fun count ->
            input.Data input.Datatype (int64 count)
            |> Result.bind (function
                | Elements elements -> Ok elements
                | Binary binary -> Tensor.ofBinary limits.Pictures binary |> Result.mapError Problem.wrong)
            |> Result.bind (fun pictures ->
                if pictures.Length <> count then
                    wrong $"The input's shape requires {count} pictures, but the input has {pictures.Length}."
                else
                    match check limits pictures with
                    | Some detail -> wrong detail
                    | None -> Ok pictures))

    /// Returns how many rows a batch may have.
    let mostRows (limits: InferenceLimits) (model: InferenceModel) : int =
        match model.Network with
        | ValueNone -> limits.Pictures
        | ValueSome network ->
            let bytes = Model.elements network.Input * sizeOf network.Input.Type
            int (min (int64 limits.Pictures) (max 1L (limits.Tensor / bytes)))

    /// Returns the rows of a raw network's input.
    let private tensorsOf (most: int) (tensor: TensorDescription) (input: GivenInput) =
        let shape = tensor.Shape |> Seq.map int64 |> List.ofSeq
        let elements = Model.elements tensor
        let bytes = elements * sizeOf tensor.Type
        let sizes = tensor.Shape |> Seq.map string |> String.concat ", "

        match input.Shape with
        | count :: rest when rest = shape && count >= 1L && count <= int64 most ->
            input.Data input.Datatype (count * elements)
            |> Result.bind (function
                | Binary binary when binary.Length = count * bytes ->
                    Ok [ for row in 0L .. count - 1L -> binary.Slice(row * bytes, bytes) ]
                | Binary binary ->
                    wrong
                        $"The shape and the datatype of the input require {count * bytes} bytes, but it has {binary.Length}."
                | Elements _ -> wrong $"The input '{input.Name}' holds numbers, not BYTES.")
        | _ :: rest when rest = shape -> wrong $"A batch has 1 to {most} rows of [{sizes}]."
        | _ -> wrong $"The shape of the input is [n, {sizes}] for a batch of n."

    // More would come with their names.
    let private mostClasses = 1000

    let private kindOf (model: InferenceModel) (output: GivenOutput) =
        let most = min model.Classes mostClasses

        match output.Classification with
        | Some count when count >= 1L && count <= int64 most -> Ok(RequestedOutputKind.Classification(int count))
        | Some _ -> Error $"'classification' is a whole number from 1 to {most}."
        | None when model.Network.IsSome -> Ok RequestedOutputKind.Values
        | None when output.Name = Model.label.Name -> Ok RequestedOutputKind.Label
        | None -> Ok RequestedOutputKind.Probabilities

    let private outputOf (model: InferenceModel) (output: GivenOutput) =
        let names = Model.outputsOf model |> List.map _.Name

        if output.Name = "" then
            Error "An output has no name."
        elif not (List.contains output.Name names) then
            let known = names |> List.map (fun name -> $"'{name}'") |> String.concat " and "
            Error $"There is no output '{Problem.shorten output.Name}'; this model has {known}."
        else
            kindOf model output
            |> Result.map (fun kind ->
                {
                    Name = output.Name
                    Kind = kind
                    Binary = output.Binary
                })

    let private allOutputs (model: InferenceModel) binary : GivenOutput list =
        [
            for output in Model.outputsOf model ->
                {
                    Name = output.Name
                    Classification = None
                    Binary = binary
                }
        ]

    let private outputsOf (model: InferenceModel) (given: GivenInference) =
        let wanted =
            match given.Outputs with
            | [] -> allOutputs model given.BinaryOutputs
            | outputs -> outputs

        let named = wanted |> List.filter (fun (output: GivenOutput) -> output.Name <> "")

        let distinct = named |> List.distinctBy (fun (output: GivenOutput) -> output.Name)

        if distinct.Length < named.Length then
            Error "An output is requested twice. Request each output once."
        else
            wanted |> Result.traverse (outputOf model) |> Result.map List.ofArray

    /// Checks a request.
    let ofGiven
        (limits: InferenceLimits)
        (model: InferenceModel)
        (given: GivenInference)
        : Result<WantedInference, Problem> =
        match onlyInput model given.Inputs, outputsOf model given with
        | Error detail, _
        | Ok _, Error detail -> wrong detail
        | Ok input, Ok outputs ->
            match model.Network with
            | ValueSome network -> tensorsOf (mostRows limits model) network.Input input
            | ValueNone -> picturesOf limits input
            |> Result.map (fun rows ->
                {
                    Id = given.Id
                    Rows = rows
                    Outputs = outputs
                })

    /// Returns what to ask the workers for.
    let options (model: InferenceModel) (wanted: WantedInference) (options: ClassifyOptions) : ClassifyOptions =
        let isRow =
            wanted.Outputs
            |> List.exists (fun output -> output.Kind = RequestedOutputKind.Probabilities)
        // Up to a thousand classes come in any extended exchange, with their names.
        let isLong = isRow && model.Classes > mostClasses && model.HasValues

        let needs output =
            match output.Kind with
            | RequestedOutputKind.Probabilities when not isLong -> min model.Classes mostClasses
            | RequestedOutputKind.Classification count -> count
            | RequestedOutputKind.Probabilities
            | RequestedOutputKind.Values
            | RequestedOutputKind.Label -> 1

        { options with
            Top = ValueSome(wanted.Outputs |> List.map needs |> List.max)
            Model = model.Route
            Tensor = model.Network.IsSome
            Values = isLong
        }
