/// Converts the workers' answers to tensors.
[<RequireQualifiedAccess>]
module Web.Giraffe.Inference.InferenceAnswer

open System
open System.Globalization
open System.Text.Json
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Handlers

let private tooLittle (answer: Classification) =
    Error
        $"The worker {answer.Worker} supports only the plain exchange, which returns five classes without indices. Request only the output '{Model.label.Name}', or use workers that support the extended exchange."

// The most classes that a worker lists with their names.
let private mostListed = 1000

/// Returns the probabilities of all classes, or an error if any is missing.
let private row (model: InferenceModel) (answer: Classification) =
    let row =
        if answer.Recognition.Values.Length = model.Classes then
            answer.Recognition.Values
        else
            let row = Array.create model.Classes nanf

            for found in answer.Recognition.Classes do
                if found.Index >= 0 && found.Index < row.Length then
                    row[found.Index] <- float32 found.Probability

            row

    if not (Array.exists Single.IsNaN row) then
        Ok row
    elif answer.Recognition.Classes.Length >= mostListed then
        Error
            $"The worker {answer.Worker} lists at most {mostListed} of the {model.Classes} classes. Ask for some of them with 'classification', or use workers of this release."
    else
        tooLittle answer

let private outputShape (model: InferenceModel) =
    match model.Network with
    | ValueSome network -> network.Output.Shape
    | ValueNone -> [||]

/// Returns the output of a raw network, or an error if it is not whole.
let private networkRow (model: InferenceModel) (answer: Classification) =
    if answer.Recognition.Values.Length = Array.fold (*) 1 (outputShape model) then
        Ok answer.Recognition.Values
    else
        let shape = outputShape model |> Seq.map string |> String.concat ", "

        Error
            $"The worker {answer.Worker} returned {answer.Recognition.Values.Length} values for the output [{shape}]. Its model may have just changed: try again."

/// Returns a class's number and value: its probability, or a raw network's output. Values that have no class come first.
let private valueOf (model: InferenceModel) (answer: Classification) (found: RecognizedClass) =
    match model.Network with
    | ValueSome _ when answer.Recognition.Values.Length >= model.Classes ->
        let index = found.Index + answer.Recognition.Values.Length - model.Classes
        index, answer.Recognition.Values[index]
    | _ -> found.Index, float32 found.Probability

let private classification (model: InferenceModel) (count: int) (answer: Classification) =
    let top = Array.truncate count answer.Recognition.Classes

    if top.Length < count || top |> Array.exists (fun found -> found.Index < 0) then
        tooLittle answer
    else
        top
        |> Array.map (fun found ->
            let index, value = valueOf model answer found
            $"{value.ToString CultureInfo.InvariantCulture}:{index}:{found.Label}")
        |> Ok

let private label (answer: Classification) =
    match Array.tryHead answer.Recognition.Classes with
    | Some best -> Ok [| best.Label |]
    | None -> tooLittle answer

/// Returns one row for each picture, or the first error.
let private rows (read: Classification -> Result<'element[], string>) (answers: Classification[]) =
    answers |> Result.traverse read |> Result.map Array.concat

let private tensor (model: InferenceModel) (output: WantedOutput) (answers: Classification[]) =
    match output.Kind with
    | RequestedOutputKind.Probabilities ->
        rows (row model) answers
        |> Result.map (fun all -> [| model.Classes |], "FP32", Numbers all)
    | RequestedOutputKind.Classification count ->
        rows (classification model count) answers
        |> Result.map (fun all -> [| count |], "BYTES", Texts all)
    | RequestedOutputKind.Label -> rows label answers |> Result.map (fun all -> [| 1 |], "BYTES", Texts all)
    | RequestedOutputKind.Values ->
        rows (networkRow model) answers
        |> Result.map (fun all -> outputShape model, "FP32", Numbers all)

/// Returns the answers in the model's class tree as JSON; none unless every picture has one.
let private hedged (answers: Classification[]) : string option =
    let hedged =
        answers
        |> Array.choose (fun answer -> ValueOption.toOption answer.Recognition.Answer)

    if hedged.Length < answers.Length then
        None
    else
        Some(JsonSerializer.Serialize(Array.map HedgedAnswerJson.create hedged, JsonSerializerOptions.Web))

/// Returns the answer, or one sentence if a worker did not return enough. `answers`: one for each picture.
let make
    (model: InferenceModel)
    (wanted: WantedInference)
    (answers: Classification[])
    : Result<InferenceResult, string> =
    let made (wanted: WantedOutput) =
        tensor model wanted answers
        |> Result.map (fun (shape, datatype, values) ->
            {
                Name = wanted.Name
                Datatype = datatype
                Shape = Array.append [| answers.Length |] shape
                Values = values
                Binary = wanted.Binary
            })

    wanted.Outputs
    |> Result.traverse made
    |> Result.map (fun outputs ->
        {
            Model = model.Name
            Version =
                answers
                |> Array.map _.Recognition.Version
                |> Array.tryFind (fun version -> version <> "")
                |> Option.defaultValue model.Version
            Id = wanted.Id
            Answers = hedged answers
            Outputs = List.ofArray outputs
        })

/// Returns the JSON of an answer and the binary data after it, empty if no output is binary.
let toJson (result: InferenceResult) : InferenceResponse * byte[] =
    let output (output: InferenceOutput) : ResponseOutput * byte[] =
        let binary =
            if output.Binary then
                Some(Tensor.toBinary output.Values)
            else
                None

        {
            Name = output.Name
            Shape = output.Shape
            Datatype = output.Datatype
            Parameters =
                binary
                |> Option.map (fun binary -> { BinaryDataSize = binary.Length }: ResponseParameters)
            Data = if output.Binary then None else Some output.Values
        },
        Option.defaultValue [||] binary

    let outputs = result.Outputs |> List.map output

    {
        ModelName = result.Model
        ModelVersion = result.Version
        Id = result.Id
        Parameters =
            result.Answers
            |> Option.map (fun answers -> { Answers = answers }: AnswerParameters)
        Outputs = outputs |> List.map fst |> Array.ofList
    },
    outputs |> List.map snd |> Array.concat
