/// The model as the Open Inference Protocol describes it.
[<RequireQualifiedAccess>]
module Web.Giraffe.Inference.Model

/// There is one of it: what the workers run, they were started with.
let version = "1"

/// What the network tells apart.
let classes = 1000

let input: TensorMetadata =
    {
        Name = "image"
        Datatype = "BYTES"
        Shape = [| -1; 1 |]
    }

/// Each picture's probabilities, in the order of the classes' numbers.
let probabilities: TensorMetadata =
    {
        Name = "probabilities"
        Datatype = "FP32"
        Shape = [| -1; classes |]
    }

/// Each picture's most probable class by name, which any worker can say.
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
