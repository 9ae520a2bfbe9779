namespace Web.Giraffe

open Protocol.Core

/// A model of the cluster.
type ClusterModel =
    {
        /// As the first worker with a ready version describes it, else as any worker does; without labels.
        Description: ModelDescription
        /// The workers that have it in service, in any version.
        Workers: WorkerAddress list
        /// Each version in service.
        Versions: string list
        /// The distinct errors that workers report for it.
        Errors: string list
    }

/// Where a request may go.
type ModelRoute =
    {
        Name: ModelName
        /// Whether it is the cluster's default model, which workers that describe nothing serve, too.
        IsDefault: bool
        /// The workers that are known not to have the model.
        Lacking: Set<WorkerAddress>
    }

[<RequireQualifiedAccess>]
type ModelLookup =
    | Routed of ModelRoute
    /// A worker had it a moment ago, or workers may not have been asked yet.
    | NotNow
    | NoSuchModel of available: string list
