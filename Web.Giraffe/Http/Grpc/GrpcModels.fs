/// Converts Triton's model configuration and statistics to the messages of gRPC.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.GrpcModels

open OpenInference.Grpc
open Web.Giraffe

let private dataType (name: string) =
    match name with
    | "TYPE_STRING" -> DataType.TypeString
    | "TYPE_UINT8" -> DataType.TypeUint8
    | "TYPE_FP16" -> DataType.TypeFp16
    | "TYPE_FP32" -> DataType.TypeFp32
    | _ -> DataType.TypeInvalid

let private format (name: string) =
    match name with
    | "FORMAT_NCHW" -> ModelInput.Types.Format.Nchw
    | "FORMAT_NHWC" -> ModelInput.Types.Format.Nhwc
    | _ -> ModelInput.Types.Format.None

let private inputOf (input: Inference.ConfigInput) =
    let made =
        ModelInput(Name = input.Name, DataType = dataType input.DataType, Format = format input.Format)

    made.Dims.AddRange(input.Dims |> Seq.map int64)
    made

let private outputOf (output: Inference.ConfigOutput) =
    let made =
        ModelOutput(Name = output.Name, DataType = dataType output.DataType, LabelFilename = output.LabelFilename)

    made.Dims.AddRange(output.Dims |> Seq.map int64)
    made

let config (config: Inference.ModelConfiguration) : ModelConfig =
    let latest =
        ModelVersionPolicy.Types.Latest(NumVersions = uint32 config.VersionPolicy.Latest.NumVersions)

    let made =
        ModelConfig(
            Name = config.Name,
            Platform = config.Platform,
            Backend = config.Backend,
            VersionPolicy = ModelVersionPolicy(Latest = latest),
            MaxBatchSize = config.MaxBatchSize,
            DefaultModelFilename = config.DefaultModelFilename,
            ModelTransactionPolicy = ModelTransactionPolicy(Decoupled = config.ModelTransactionPolicy.Decoupled)
        )

    made.Input.AddRange(config.Input |> Seq.map inputOf)
    made.Output.AddRange(config.Output |> Seq.map outputOf)

    for group in config.InstanceGroup do
        made.InstanceGroup.Add(
            ModelInstanceGroup(Name = group.Name, Count = group.Count, Kind = ModelInstanceGroup.Types.Kind.Auto)
        )

    made

let private duration (duration: Inference.StatisticDuration) =
    StatisticDuration(Count = uint64 duration.Count, Ns = uint64 duration.Ns)

let private ofModel (model: Inference.ModelStatistics) =
    let stats = model.InferenceStats

    let made =
        ModelStatistics(
            Name = model.Name,
            Version = model.Version,
            LastInference = uint64 model.LastInference,
            InferenceCount = uint64 model.InferenceCount,
            ExecutionCount = uint64 model.ExecutionCount,
            InferenceStats =
                InferStatistics(
                    Success = duration stats.Success,
                    Fail = duration stats.Fail,
                    Queue = duration stats.Queue,
                    ComputeInput = duration stats.ComputeInput,
                    ComputeInfer = duration stats.ComputeInfer,
                    ComputeOutput = duration stats.ComputeOutput,
                    CacheHit = duration stats.CacheHit,
                    CacheMiss = duration stats.CacheMiss
                )
        )

    for batch in model.BatchStats do
        made.BatchStats.Add(
            InferBatchStatistics(
                BatchSize = uint64 batch.BatchSize,
                ComputeInput = duration batch.ComputeInput,
                ComputeInfer = duration batch.ComputeInfer,
                ComputeOutput = duration batch.ComputeOutput
            )
        )

    made

let statistics (models: Inference.ModelStatistics[]) : ModelStatisticsResponse =
    let response = ModelStatisticsResponse()
    response.ModelStats.AddRange(models |> Seq.map ofModel)
    response
