namespace Web.Giraffe.Inference

open Protocol.Core
open Web.Giraffe

/// A model as the Open Inference Protocol describes it.
type InferenceModel =
    {
        Name: string
        /// The version that requests without one get.
        Version: string
        Versions: string list
        Classes: int
        /// How a worker is asked for it; none if no worker describes it, so that only its name in `/v2` exists.
        Route: ModelName voption
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
        }

    let private ofCluster (model: ClusterModel) =
        {
            Name = model.Description.Id
            Version = model.Description.Version
            Versions = model.Versions
            Classes = model.Description.Classes
            Route = ValueSome(ModelName.ofId model.Description.Id)
        }

    /// Returns the models in service, the default one included.
    let all (directory: ModelDirectory) : InferenceModel list =
        let described =
            directory.Models
            |> List.filter (fun model -> not model.Workers.IsEmpty)
            |> List.map ofCluster

        if described |> List.exists (fun model -> model.Name = directory.Default) then
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

    let metadata (model: InferenceModel) : ModelMetadata =
        {
            Name = model.Name
            Versions = Array.ofList model.Versions
            Platform = "onnx_onnxv1"
            Inputs = [| input |]
            Outputs =
                [|
                    { probabilities with
                        Shape = [| -1; model.Classes |]
                    }
                    label
                |]
        }

    /// The order of the input's dimensions in Triton's model configuration.
    let format (_: InferenceModel) = "FORMAT_NONE"

    let server: ServerMetadata =
        {
            Name = "recognition"
            Version = "1"
            Extensions =
                [|
                    "binary_tensor_data"
                    "classification"
                    "model_configuration"
                    "model_repository"
                    "statistics"
                |]
        }
