namespace Web.Giraffe.Handlers

open System.ComponentModel
open Protocol.Core

/// A class of the model, or a group of them.
type ClassNodeJson =
    {
        [<Description "WordNet's id, such as n02084071.">]
        Id: string
        Label: string
    }

/// The most specific class, or group of classes, that is probable enough.
type HedgedAnswerJson =
    {
        [<Description "WordNet's id, such as n02084071; null where the model is not sure.">]
        Id: string option
        [<Description "Null where the model is not sure.">]
        Label: string option
        [<Description "The sum over its classes, 0 to 1; the most probable class's where the model is not sure.">]
        Probability: float
        [<Description "From the general to the specific; the answer is the last one. Empty where the model is not sure.">]
        Path: ClassNodeJson[]
    }

[<RequireQualifiedAccess>]
module HedgedAnswerJson =

    let create (answer: HedgedAnswer) : HedgedAnswerJson =
        let unlessUnsure text =
            if answer.IsUnsure then None else Some text

        {
            Id = unlessUnsure answer.Id
            Label = unlessUnsure answer.Label
            Probability = answer.Probability
            Path =
                answer.Path
                |> Array.map (fun node -> ({ Id = node.Id; Label = node.Label }: ClassNodeJson))
        }
