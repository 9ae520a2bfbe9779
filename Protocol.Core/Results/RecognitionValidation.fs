namespace Protocol.Core

open System

/// Validates a recognition as the answer to a request. A peer may send any value that the format allows.
[<RequireQualifiedAccess>]
module RecognitionValidation =

    [<Literal>]
    let private MaxText = 256

    [<Literal>]
    let private MaxStages = 32

    /// WordNet has no deeper path.
    [<Literal>]
    let private MaxPath = 32

    /// A class name may stand for two classes, as `crane` and `maillot` do in ImageNet, but not for more.
    [<Literal>]
    let private ClassesOfOneName = 2

    /// The tolerance above 1 for a sum of rounded probabilities.
    let private rounding = 0.01

    /// A day, in milliseconds.
    let private longest = 86_400_000.0

    /// No network has this many classes.
    [<Literal>]
    let private MaxIndex = 1_000_000

    /// Returns whether a value occurs more than `limit` times in the list.
    let private repeats limit (values: 'value seq) =
        values |> Seq.countBy id |> Seq.exists (fun (_, count) -> count > limit)

    /// `hasIndices`: whether any index of the list is known.
    let private classError hasIndices (found: RecognizedClass) =
        let isIndex =
            if hasIndices then
                found.Index >= 0 && found.Index < MaxIndex
            else
                found.Index = -1

        if not isIndex then
            Some(IndexOutOfRange found.Index)
        elif String.IsNullOrWhiteSpace found.Label then
            Some LabelEmpty
        elif found.Label.Length > MaxText then
            Some LabelTooLong
        elif not (found.Probability >= 0.0 && found.Probability <= 1.0) then
            Some ProbabilityOutOfRange
        else
            None

    let private classesError (parameters: Parameters) independent (classes: RecognizedClass[]) =
        let limit = Parameters.classes parameters

        let ascends =
            classes
            |> Seq.pairwise
            |> Seq.exists (fun (one, next) -> next.Probability > one.Probability)

        // A plain result has no indices.
        let hasIndices = classes |> Array.exists (fun found -> found.Index >= 0)

        if classes.Length = 0 then
            Some NoClasses
        elif classes.Length > limit then
            Some(TooManyClasses(classes.Length, limit))
        else
            match Array.tryPick (classError hasIndices) classes with
            | Some error -> Some error
            | None when hasIndices && repeats 1 (classes |> Seq.map _.Index) -> Some DuplicateClass
            | None when not hasIndices && repeats ClassesOfOneName (classes |> Seq.map _.Label) -> Some DuplicateClass
            | None when ascends -> Some NotDescending
            | None when not independent && (classes |> Array.sumBy _.Probability) > 1.0 + rounding ->
                Some ProbabilitySum
            | None -> None

    let private mapsError (recognition: Recognition) =
        let indices = recognition.Classes |> Seq.map _.Index |> Set.ofSeq

        let isOf (map: ClassMap) =
            indices.Contains map.Index
            && map.Lowest <= map.Highest
            && Double.IsFinite map.Lowest
            && Double.IsFinite map.Highest

        if
            Array.forall isOf recognition.Maps
            && not (repeats 1 (recognition.Maps |> Seq.map _.Index))
        then
            None
        else
            Some MapNotOfClass

    let private answerError (answer: HedgedAnswer) =
        let isText (text: string) =
            not (String.IsNullOrWhiteSpace text) && text.Length <= MaxText

        let isNode (node: ClassNode) = isText node.Id && isText node.Label

        let isPath =
            if answer.IsUnsure then
                answer.Label = "" && answer.Path.Length = 0
            else
                answer.Path.Length > 0
                && answer.Path.Length <= MaxPath
                && Array.forall isNode answer.Path
                && Array.last answer.Path = ({ Id = answer.Id; Label = answer.Label }: ClassNode)

        if isPath && answer.Probability >= 0.0 && answer.Probability <= 1.0 then
            None
        else
            Some AnswerMalformed

    let private timesError (times: StageTime[]) =
        let isTime (time: StageTime) =
            time.Stage.Length <= MaxText
            && time.Milliseconds >= 0.0
            && time.Milliseconds <= longest

        if
            times.Length <= MaxStages
            && Array.forall isTime times
            && not (repeats 1 (times |> Seq.map _.Stage))
        then
            None
        else
            Some TimeOutOfRange

    let private modelError (parameters: Parameters) (recognition: Recognition) =
        match parameters.Model with
        // Only the JSON result carries the name.
        | ValueSome name when
            parameters.Json
            && not (ModelName.includes recognition.Model recognition.Version name)
            ->
            Some(OtherModel recognition.Model)
        | _ -> None

    let private hasValues (parameters: Parameters) = parameters.Values || parameters.Tensor

    /// Validates a recognition as the answer to a size with these parameters. Returns it without maps, values and an
    /// answer that were not requested, or the error.
    let validate (parameters: Parameters) (recognition: Recognition) : Result<Recognition, Malformed> =
        let error =
            classesError parameters recognition.Independent recognition.Classes
            |> Option.orElseWith (fun () -> if parameters.Explain then mapsError recognition else None)
            |> Option.orElseWith (fun () ->
                match recognition.Answer with
                | ValueSome answer when parameters.Confidence.IsSome -> answerError answer
                | _ -> None)
            |> Option.orElseWith (fun () ->
                if hasValues parameters && not (Array.forall Single.IsFinite recognition.Values) then
                    Some ValueNotFinite
                else
                    None)
            |> Option.orElseWith (fun () -> timesError recognition.Times)
            |> Option.orElseWith (fun () -> modelError parameters recognition)
            |> Option.orElse (
                if
                    max recognition.Model.Length (max recognition.Version.Length recognition.Revision.Length) > MaxText
                then
                    Some ModelTooLong
                else
                    None
            )

        match error with
        | Some error -> Error error
        | None ->
            Ok
                { recognition with
                    Maps = if parameters.Explain then recognition.Maps else [||]
                    Answer =
                        if parameters.Confidence.IsSome then
                            recognition.Answer
                        else
                            ValueNone
                    Values = if hasValues parameters then recognition.Values else [||]
                }
