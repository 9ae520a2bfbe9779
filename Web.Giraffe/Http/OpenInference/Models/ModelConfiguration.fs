namespace Web.Giraffe.Inference

open System.Text.Json.Serialization

// The part of Triton's model configuration that applies to these models, with Triton's names.

type ConfigInput =
    {
        Name: string
        [<JsonPropertyName "data_type">]
        DataType: string
        /// `FORMAT_NONE`, `FORMAT_NCHW` or `FORMAT_NHWC`.
        Format: string
        /// Without the batch's dimension.
        Dims: int[]
    }

type ConfigOutput =
    {
        Name: string
        [<JsonPropertyName "data_type">]
        DataType: string
        /// Without the batch's dimension.
        Dims: int[]
        [<JsonPropertyName "label_filename">]
        LabelFilename: string
    }

type InstanceGroup =
    {
        Name: string
        Kind: string
        Count: int
    }

type TransactionPolicy = { Decoupled: bool }

type LatestVersions =
    {
        [<JsonPropertyName "num_versions">]
        NumVersions: int
    }

type VersionPolicy = { Latest: LatestVersions }

type ModelConfiguration =
    {
        Name: string
        Platform: string
        Backend: string
        [<JsonPropertyName "version_policy">]
        VersionPolicy: VersionPolicy
        [<JsonPropertyName "max_batch_size">]
        MaxBatchSize: int
        Input: ConfigInput[]
        Output: ConfigOutput[]
        [<JsonPropertyName "instance_group">]
        InstanceGroup: InstanceGroup[]
        [<JsonPropertyName "default_model_filename">]
        DefaultModelFilename: string
        [<JsonPropertyName "model_transaction_policy">]
        ModelTransactionPolicy: TransactionPolicy
    }

[<RequireQualifiedAccess>]
module ModelConfiguration =
    let private dataType datatype =
        match datatype with
        | "BYTES" -> "TYPE_STRING"
        | datatype -> $"TYPE_{datatype}"

    // A batch comes first in every shape.
    let private dims (tensor: TensorMetadata) = Array.skip 1 tensor.Shape

    /// Creates the configuration. `executors`: how many requests the model's workers answer at once.
    let create (maxBatch: int) (executors: int) (model: InferenceModel) : ModelConfiguration =
        let metadata = Model.metadata model

        {
            Name = model.Name
            Platform = "onnxruntime_onnx"
            Backend = "onnxruntime"
            VersionPolicy = { Latest = { NumVersions = 1 } }
            MaxBatchSize = maxBatch
            Input =
                [|
                    for input in metadata.Inputs ->
                        {
                            Name = input.Name
                            DataType = dataType input.Datatype
                            Format = Model.format model
                            Dims = dims input
                        }
                |]
            Output =
                [|
                    for output in metadata.Outputs ->
                        {
                            Name = output.Name
                            DataType = dataType output.Datatype
                            Dims = dims output
                            LabelFilename = ""
                        }
                |]
            InstanceGroup =
                [|
                    {
                        Name = model.Name
                        Kind = "KIND_AUTO"
                        Count = max 1 executors
                    }
                |]
            // The files are the workers' own.
            DefaultModelFilename = ""
            ModelTransactionPolicy = { Decoupled = false }
        }
