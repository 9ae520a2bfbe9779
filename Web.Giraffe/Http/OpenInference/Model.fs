/// The model as the Open Inference Protocol describes it.
[<RequireQualifiedAccess>]
module Web.Giraffe.Inference.Model

/// The only version: workers run the model that they were started with.
let version = "1"

/// The number of classes.
let classes = 1000

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
        Shape = [| -1; classes |]
    }

/// The name of each picture's most probable class. Any worker can return it.
let label: TensorMetadata =
    {
        Name = "label"
        Datatype = "BYTES"
        Shape = [| -1; 1 |]
    }

let metadata (name: string) : ModelMetadata =
    {
        Name = name
        Versions = [| version |]
        Platform = "onnx_onnxv1"
        Inputs = [| input |]
        Outputs = [| probabilities; label |]
    }

let server: ServerMetadata =
    {
        Name = "recognition"
        Version = "1"
        Extensions = [| "binary_tensor_data"; "classification" |]
    }
