namespace Web.Giraffe.Inference

open Protocol.Core
open Node.Hosting
open Web.Giraffe

/// A model as the Open Inference Protocol describes it.
type InferenceModel =
    {
        Name: string
        /// The version that requests without one get.
        Version: string
        Versions: string list
        Classes: int
        /// The name under which workers serve it; none if no worker describes it, so that it has only its name in
        /// `/v2`.
        Route: ModelName voption
        /// The raw network's tensors, if this is the model's second name, under which it takes tensors.
        Network: NetworkTensors voption
        /// Whether its workers return the values of all classes in one piece.
        HasValues: bool
    }

[<RequireQualifiedAccess>]
module Model =

    let input: TensorMetadata =
        {
            Name = "image"
            Datatype = "BYTES"
            Shape = [| -1; 1 |]
        }

    /// The probabilities for each picture, in the order of the class numbers.
    let probabilities: TensorMetadata =
        {
            Name = "probabilities"
            Datatype = "FP32"
            Shape = [| -1; 1000 |]
        }

    /// The name of each picture's most probable class. Any worker can return it.
    let label: TensorMetadata =
        {
            Name = "label"
            Datatype = "BYTES"
            Shape = [| -1; 1 |]
        }

    /// The model of workers that don't describe theirs: ImageNet's 1,000 classes.
    let undescribed name =
        {
            Name = name
            Version = "1"
            Versions = [ "1" ]
            Classes = 1000
            Route = ValueNone
            Network = ValueNone
            HasValues = false
        }

    let private ofCluster (model: ClusterModel) =
        {
            Name = model.Description.Id
            Version = model.Description.Version
            Versions = model.Versions
            Classes = model.Description.Classes
            Route = ValueSome(ModelName.ofId model.Description.Id)
            Network = ValueNone
            HasValues = model.Description.Tensors.IsSome
        }

    /// The name under which a model takes its network's input tensor.
    let tensorName id = $"{id}.tensor"

    // What one exchange carries: an input of 24 MiB, and an output in a result of 512 KiB.
    let private mostInput = 24L <<< 20
    let private mostOutput = 90_000L

    /// Returns how many numbers a tensor has.
    let elements (tensor: TensorDescription) =
        tensor.Shape |> Array.fold (fun product size -> product * int64 size) 1L

    let private fits (tensors: NetworkTensors) =
        4L * elements tensors.Input <= mostInput
        && elements tensors.Output <= mostOutput

    /// Returns the models under their second names. A model with such a name of its own takes precedence.
    let private networks (models: ClusterModel list) =
        [
            for model in models do
                let name = tensorName model.Description.Id

                if
                    ValueOption.exists fits model.Description.Tensors
                    && not (models |> List.exists (fun other -> other.Description.Id = name))
                then
                    { ofCluster model with
                        Name = name
                        Network = model.Description.Tensors
                    }
        ]

    /// Returns the models in service, the default one included.
    let all (directory: ModelDirectory) : InferenceModel list =
        let inService =
            directory.Models |> List.filter (fun model -> not model.Workers.IsEmpty)

        let described = List.map ofCluster inService @ networks inService

        if
            directory.IsUnloaded directory.Default
            || described |> List.exists (fun model -> model.Name = directory.Default)
        then
            described
        else
            undescribed directory.Default :: described

    /// The model in this version, and in no other one.
    let inVersion version (model: InferenceModel) =
        { model with
            Version = version
            Versions = [ version ]
            Route =
                model.Route
                |> ValueOption.map (fun route ->
                    { route with
                        Version = ValueSome version
                    })
        }

    let private ofNetwork (tensor: TensorDescription) : TensorMetadata =
        {
            Name = tensor.Name
            Datatype = tensor.Type
            Shape = Array.append [| -1 |] tensor.Shape
        }

    let inputOf (model: InferenceModel) =
        match model.Network with
        | ValueSome network -> ofNetwork network.Input
        | ValueNone -> input

    let outputsOf (model: InferenceModel) =
        match model.Network with
        | ValueSome network -> [ ofNetwork network.Output ]
        | ValueNone ->
            [
                { probabilities with
                    Shape = [| -1; model.Classes |]
                }
                label
            ]

    let metadata (model: InferenceModel) : ModelMetadata =
        {
            Name = model.Name
            Versions = Array.ofList model.Versions
            Platform = "onnx_onnxv1"
            Inputs = [| inputOf model |]
            Outputs = Array.ofList (outputsOf model)
        }

    /// The order of the input's dimensions in Triton's model configuration.
    let format (model: InferenceModel) =
        match model.Network with
        | ValueSome {
                        Input = { Shape = [| 1 | 3; _; _ |] }
                    } -> "FORMAT_NCHW"
        | ValueSome {
                        Input = { Shape = [| _; _; 1 | 3 |] }
                    } -> "FORMAT_NHWC"
        | _ -> "FORMAT_NONE"

    let server: ServerMetadata =
        {
            Name = "recognition"
            Version = BuildInfo.Current.Version
            Extensions =
                [|
                    "binary_tensor_data"
                    "classification"
                    "model_configuration"
                    "model_repository"
                    "statistics"
                |]
        }
