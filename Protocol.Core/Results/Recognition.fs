namespace Protocol.Core

/// A class of the model: `Index` from 0, or -1 if the exchange does not carry it.
[<Struct>]
type RecognizedClass =
    {
        Index: int
        Label: string
        /// 0 … 1.
        Probability: float
    }

/// A class activation map, row by row from the top left: the areas of the picture where a class was detected. Cells
/// map 0 … 255 linearly to `Lowest` … `Highest`. The mean of the map is the class's logit.
type ClassMap =
    {
        Index: int
        Width: int
        Height: int
        Lowest: float
        Highest: float
        Cells: byte[]
    }

/// A node of a model's class tree: one of its classes, or a group of them.
[<Struct>]
type ClassNode =
    {
        /// WordNet's id, such as `n02084071`.
        Id: string
        Label: string
    }

/// The most specific node of the model's class tree that is probable enough. `Id`, `Label` and `Path` are empty if no
/// named node is probable enough.
type HedgedAnswer =
    {
        Id: string
        Label: string
        /// The sum of the probabilities of the node's classes, 0 … 1; without a node, the probability of the most
        /// probable class.
        Probability: float
        /// From the general to the specific; the last one is the answer.
        Path: ClassNode[]
    }

    /// Whether no named node is probable enough.
    member answer.IsUnsure = answer.Id = ""

    /// Returns the answer without a node; `probability` is the most probable class's.
    static member Unsure(probability: float) : HedgedAnswer =
        {
            Id = ""
            Label = ""
            Probability = probability
            Path = [||]
        }

/// The duration of one stage of the work.
[<Struct>]
type StageTime = { Stage: string; Milliseconds: float }

/// A worker's result for a picture.
type Recognition =
    {
        /// The model's name in the catalog; empty if the exchange does not carry it.
        Model: string
        /// The model's version; empty if the exchange does not carry it, as is `Revision`.
        Version: string
        /// The revision of the worker's list of models (`ServedModels`).
        Revision: string
        /// Whether the classes have independent probabilities, whose sum may exceed 1.
        Independent: bool
        /// Most probable first.
        Classes: RecognizedClass[]
        /// None unless `confidence` was requested and the model has a class tree.
        Answer: HedgedAnswer voption
        Times: StageTime[]
        /// Empty unless `explain` was requested.
        Maps: ClassMap[]
        /// With `values` the probabilities of all classes in the order of their numbers, with `tensor` the network's
        /// raw output; otherwise empty.
        Values: float32[]
    }

/// Converts between the results of the plain and the extended exchange.
[<RequireQualifiedAccess>]
module Recognition =

    /// Adds the revision of the list of models of the worker that made it.
    let withRevision revision (recognition: Recognition) =
        { recognition with Revision = revision }

    let ofPredictions (predictions: Prediction[]) =
        {
            Model = ""
            Version = ""
            Revision = ""
            Independent = false
            Classes =
                predictions
                |> Array.map (fun prediction ->
                    {
                        Index = -1
                        Label = prediction.Label
                        Probability = prediction.Probability
                    })
            Answer = ValueNone
            Times = [||]
            Maps = [||]
            Values = [||]
        }

    let predictions (recognition: Recognition) : Prediction[] =
        recognition.Classes
        |> Array.map (fun found ->
            {
                Label = found.Label
                Probability = found.Probability
            })
