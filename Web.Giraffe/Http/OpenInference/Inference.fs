namespace Web.Giraffe.Inference

open System
open System.Buffers
open Web.Giraffe

// The request and the answer that REST and gRPC share.

/// The data of an input.
type InputData =
    /// The elements of BYTES, one by one.
    | Elements of ReadOnlySequence<byte> list
    /// The binary form: little-endian numbers row by row, or elements of BYTES, each after its length.
    | Binary of ReadOnlySequence<byte>

/// An input whose name, datatype and shape are not checked yet.
type GivenInput =
    {
        Name: string
        Datatype: string
        Shape: int64 list
        /// Reads the data once the datatype and the number of elements are right.
        Data: string -> int64 -> Result<InputData, Problem>
    }

type GivenOutput =
    {
        Name: string
        /// Triton's extension: the output as this many classes.
        Classification: int64 option
        /// Whether the output comes in binary form.
        Binary: bool
    }

/// A request that is not checked yet.
type GivenInference =
    {
        Id: string option
        Inputs: GivenInput list
        /// All outputs if it is empty.
        Outputs: GivenOutput list
        /// Whether outputs that are not named come in binary form.
        BinaryOutputs: bool
    }

[<RequireQualifiedAccess>]
module GivenInference =
    /// Returns the request for all outputs of one input.
    let ofInput isBinary (input: GivenInput) : GivenInference =
        {
            Id = None
            Inputs = [ input ]
            Outputs = []
            BinaryOutputs = isBinary
        }

type InferenceOutput =
    {
        Name: string
        Datatype: string
        Shape: int[]
        Values: Tensor
        Binary: bool
    }

/// The answer to a request.
type InferenceResult =
    {
        Model: string
        Version: string
        Id: string option
        /// JSON: the answer in the model's class tree for each picture; none where the model has no tree.
        Answers: string option
        Outputs: InferenceOutput list
    }
