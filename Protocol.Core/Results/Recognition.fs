namespace Protocol.Core

/// One class of the network's: `Index` from 0, or -1 where the exchange does not say it.
[<Struct>]
type RecognizedClass =
    {
        Index: int
        Label: string
        /// 0 … 1.
        Probability: float
    }

/// Where in the picture a class was seen: a class activation map, row by row from the top left. A cell of 0 stands for
/// `Lowest` and one of 255 for `Highest`, linearly; the mean of the map is the class's logit.
type ClassMap =
    {
        Index: int
        Width: int
        Height: int
        Lowest: float
        Highest: float
        Cells: byte[]
    }

/// How long one stage of the work took.
[<Struct>]
type StageTime = { Stage: string; Milliseconds: float }

/// What a worker says of a picture.
type Recognition =
    {
        /// The model's name in the catalog; empty where the exchange does not say it.
        Model: string
        /// Most probable first.
        Classes: RecognizedClass[]
        Times: StageTime[]
        /// Empty unless `explain` was asked for.
        Maps: ClassMap[]
    }

/// Between what the two exchanges say of a picture.
[<RequireQualifiedAccess>]
module Recognition =

    let ofPredictions (predictions: Prediction[]) =
        {
            Model = ""
            Classes =
                predictions
                |> Array.map (fun prediction ->
                    {
                        Index = -1
                        Label = prediction.Label
                        Probability = prediction.Probability
                    })
            Times = [||]
            Maps = [||]
        }

    let predictions (recognition: Recognition) : Prediction[] =
        recognition.Classes
        |> Array.map (fun found ->
            {
                Label = found.Label
                Probability = found.Probability
            })
