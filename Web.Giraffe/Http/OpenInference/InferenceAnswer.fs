/// Converts the workers' answers to tensors.
[<RequireQualifiedAccess>]
module Web.Giraffe.Inference.InferenceAnswer

open System
open System.Globalization
open System.Text.Json
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Handlers

let private tooLittle (answer: Answer) =
    Error
        $"The worker {answer.Worker} knows only the plain exchange, in which it gives five classes without their numbers. Ask for the output '{Model.label.Name}' alone, or use workers that know the extended exchange."

/// Returns the probabilities of all classes, or an error if any is missing.
let private row (model: InferenceModel) (answer: Answer) =
    let row = Array.create model.Classes nanf

    for found in answer.Classes do
        if found.Index >= 0 && found.Index < row.Length then
            row[found.Index] <- float32 found.Probability

    if Array.exists Single.IsNaN row then
        tooLittle answer
    else
        Ok row

let private classification (count: int) (answer: Answer) =
    let top = Array.truncate count answer.Classes

    if top.Length < count || top |> Array.exists (fun found -> found.Index < 0) then
        tooLittle answer
    else
        top
        |> Array.map (fun found ->
            let value = (float32 found.Probability).ToString CultureInfo.InvariantCulture
            $"{value}:{found.Index}:{found.Label}")
        |> Ok

let private label (answer: Answer) =
    match Array.tryHead answer.Classes with
    | Some best -> Ok [| best.Label |]
    | None -> tooLittle answer

/// Returns one row for each picture, or the first error.
let private rows (read: Answer -> Result<'element[], string>) (answers: Answer[]) =
    answers |> Result.traverse read |> Result.map Array.concat

let private tensor (model: InferenceModel) (output: WantedOutput) (answers: Answer[]) =
    match output.Kind with
    | OutputKind.Probabilities ->
        rows (row model) answers
        |> Result.map (fun all -> Model.probabilities, model.Classes, "FP32", Numbers all)
    | OutputKind.Classification count ->
        rows (classification count) answers
        |> Result.map (fun all -> Model.probabilities, count, "BYTES", Texts all)
    | OutputKind.Label -> rows label answers |> Result.map (fun all -> Model.label, 1, "BYTES", Texts all)

/// The answers in the model's class tree; none unless every picture has one.
let private parameters (answers: Answer[]) : AnswerParameters option =
    let hedged =
        answers |> Array.choose (fun answer -> ValueOption.toOption answer.Hedged)

    if hedged.Length < answers.Length then
        None
    else
        Some
            {
                Answers = JsonSerializer.Serialize(Array.map HedgedAnswerJson.create hedged, JsonSerializerOptions.Web)
            }

/// Returns the JSON and the binary data after it, empty if no output is binary. `answers`: one for each picture.
let make
    (model: InferenceModel)
    (wanted: WantedInference)
    (answers: Answer[])
    : Result<InferenceResponse * byte[], string> =
    let output (wanted: WantedOutput) =
        tensor model wanted answers
        |> Result.map (fun (about, width, datatype, tensor) ->
            let binary = if wanted.Binary then Some(Tensor.toBinary tensor) else None

            {
                Name = about.Name
                Shape = [| answers.Length; width |]
                Datatype = datatype
                Parameters =
                    binary
                    |> Option.map (fun binary -> { BinaryDataSize = binary.Length }: ResponseParameters)
                Data = if wanted.Binary then None else Some tensor
            },
            Option.defaultValue [||] binary)

    wanted.Outputs
    |> Result.traverse output
    |> Result.map (fun made ->
        {
            ModelName = model.Name
            ModelVersion =
                answers
                |> Array.map _.Version
                |> Array.tryFind (fun version -> version <> "")
                |> Option.defaultValue model.Version
            Id = wanted.Id
            Parameters = parameters answers
            Outputs = made |> Array.map fst
        },
        made |> Array.map snd |> Array.concat)
