namespace Protocol.Core

/// The kind of a model's output values.
[<RequireQualifiedAccess>]
type OutputValues =
    /// Scores before softmax.
    | Logits
    /// One distribution over all classes: the probabilities sum to 1.
    | Probabilities
    /// Independent probabilities: several classes may apply at once.
    | Sigmoid

/// The method that resizes a picture to the model's input.
[<RequireQualifiedAccess>]
type InputResize =
    /// Not described.
    | Unknown
    /// Resizes the shorter side to `side` pixels, and crops the centre.
    | ShorterSide of side: int
    /// Resizes both sides, whatever the aspect ratio.
    | Stretch
    /// Fits the picture in, with padding.
    | Fit

[<RequireQualifiedAccess>]
type ModelState =
    | Ready
    | Loading
    | Failed

/// A tensor of a network, for one picture.
type TensorDescription =
    {
        /// The name in the graph.
        Name: string
        /// `FP32`, `FP16` or `UINT8`.
        Type: string
        /// Without the batch's dimension.
        Shape: int[]
    }

/// The input and output of a raw-tensor request. The values of the output are always `FP32`.
type NetworkTensors =
    {
        Input: TensorDescription
        Output: TensorDescription
    }

/// A model of a worker.
type ModelDescription =
    {
        Id: string
        Version: string
        /// Identifies the model's files and manifest.
        Digest: string
        /// The name to display.
        Title: string
        State: ModelState
        /// Why the model, or its next version, can't be loaded; empty if nothing is wrong.
        Error: string
        /// The number of classes; 0 while the model is not ready, as is every size below.
        Classes: int
        /// The network's input, in pixels.
        Width: int
        Height: int
        /// 1 (grey) or 3.
        Channels: int
        /// The part of a picture that the input shows.
        Resize: InputResize
        Output: OutputValues
        /// Whether the network has class activation maps.
        HasMaps: bool
        /// None if the worker does not support `tensor` and `values`.
        Tensors: NetworkTensors voption
        /// Whether the model has a class tree, so that the worker supports `confidence`.
        HasTree: bool
        /// Describes what the model can and can't recognize: "1,000
        /// kinds of things and animals; not people, text or landmarks".
        /// Empty if its manifest does not say it.
        Covers: string
        /// The class names by index; empty unless this model was named in the request.
        Labels: string[]
        /// Further names of each class, to search by; empty if the model's class tree has none, or where `Labels` is empty.
        Synonyms: string[][]
    }

    /// Returns the description of a model that is not ready.
    static member Unavailable(id, state, error) =
        {
            Id = id
            Version = "1"
            Digest = ""
            Title = id
            State = state
            Error = error
            Classes = 0
            Width = 0
            Height = 0
            Channels = 0
            Resize = InputResize.Unknown
            Output = OutputValues.Logits
            HasMaps = false
            Tensors = ValueNone
            HasTree = false
            Covers = ""
            Labels = [||]
            Synonyms = [||]
        }


/// The models that a worker serves.
type ServedModels =
    {
        /// The model of requests that name none, and of the plain exchange.
        Default: string
        /// The number of images that the worker classifies at once.
        Executors: int
        /// Changes with every change of the list. Results contain it, too.
        Revision: string
        Models: ModelDescription[]
    }

[<RequireQualifiedAccess>]
module ServedModels =

    let private isWithin longest (text: string) = text.Length <= longest

    /// The largest tensor, in elements: a picture of 4096 x 4096 in colours.
    [<Literal>]
    let private MaxElements = 50_331_648L

    let private types = [ "FP32"; "FP16"; "UINT8" ]

    let private isTensor (tensor: TensorDescription) =
        tensor.Name <> ""
        && isWithin 256 tensor.Name
        && List.contains tensor.Type types
        && tensor.Shape.Length <= 8
        && tensor.Shape |> Array.forall (fun size -> size > 0)
        && tensor.Shape
           |> Array.fold (fun product size -> min (product * int64 size) (MaxElements + 1L)) 1L
           <= MaxElements

    let private isModel (model: ModelDescription) =
        (ModelName.tryParse $"{model.Id}@{model.Version}").IsSome
        && isWithin 64 model.Digest
        && isWithin 256 model.Title
        && isWithin 512 model.Error
        && isWithin 256 model.Covers
        && model.Classes >= 0
        && (match model.Resize with
            | InputResize.ShorterSide side -> side > 0 && side <= 65536
            | _ -> true)
        && min model.Width (min model.Height model.Channels) >= 0
        && model.Tensors
           |> ValueOption.forall (fun tensors -> isTensor tensors.Input && isTensor tensors.Output)
        && (model.Labels.Length = 0 || model.Labels.Length = model.Classes)
        && (model.Synonyms.Length = 0 || model.Synonyms.Length = model.Labels.Length)

    /// Returns whether a peer's description is consistent and of a sensible size.
    let isValid (served: ServedModels) =
        isWithin 64 served.Revision
        && served.Executors >= 0
        && served.Models.Length <= 256
        && Array.forall isModel served.Models
        && (served.Models |> Array.distinctBy _.Id).Length = served.Models.Length
