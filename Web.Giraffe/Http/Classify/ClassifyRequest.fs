namespace Web.Giraffe.Handlers

open System
open Protocol.Core
open Web.Giraffe

/// The classes that a request names.
type ClassSelection =
    {
        Indices: Set<int>
        /// In lower case; only for a model whose class names are not known.
        Labels: Set<string>
    }

/// A classify request: the options for the workers, and the classes of their answer to return.
type ClassifyRequest =
    {
        Options: ClassifyOptions
        /// The most classes to return; five by default, or all that are named.
        Top: int voption
        /// The minimum probability of a class to return.
        Threshold: float
        /// None means all.
        Selection: ClassSelection option
    }

[<RequireQualifiedAccess>]
module ClassifyRequest =
    /// The most classes that a worker returns.
    let mostClasses = 1000

    /// Returns the request that has these options alone.
    let ofOptions (options: ClassifyOptions) : ClassifyRequest =
        {
            Options = options
            Top = options.Top
            Threshold = 0.0
            Selection = None
        }

    /// A worker can't filter classes, so every class is requested.
    let select (selection: ClassSelection) (request: ClassifyRequest) : ClassifyRequest =
        { request with
            Options =
                { request.Options with
                    Top = ValueSome mostClasses
                }
            Selection = Some selection
        }

    /// Returns the classes of the answer that the request asks for, most probable first.
    let classes (request: ClassifyRequest) (answer: Classification) : RecognizedClass[] =
        let isSelected (found: RecognizedClass) =
            match request.Selection with
            | None -> true
            | Some selection ->
                selection.Indices.Contains found.Index
                || selection.Labels.Contains(found.Label.ToLowerInvariant())

        answer.Recognition.Classes
        |> Array.filter isSelected
        |> Array.truncate (ValueOption.defaultValue Int32.MaxValue request.Top)
        |> Array.filter (fun found -> found.Probability >= request.Threshold)

    /// Returns the names of the options that the worker did not fulfil: an old one returns five classes without numbers,
    /// and no maps.
    let unmet (request: ClassifyRequest) (answer: Classification) : string[] =
        let isPlain =
            answer.Recognition.Classes |> Array.exists (fun found -> found.Index < 0)

        [|
            if
                isPlain
                && request.Selection.IsNone
                && request.Top
                   |> ValueOption.exists (fun top -> answer.Recognition.Classes.Length < top)
            then
                "top"
            if request.Selection.IsSome && isPlain then
                "labels"
            if request.Options.Explain && answer.Recognition.Maps.Length = 0 then
                "explain"
        |]
