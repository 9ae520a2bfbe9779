namespace Web.Giraffe

open Protocol.Core

/// A model of the cluster.
type ClusterModel =
    {
        /// The description by the first worker that has a ready version, or else by any worker; without labels.
        Description: ModelDescription
        /// The workers that have it in service, in any version.
        Workers: WorkerAddress list
        /// Each version in service.
        Versions: string list
        /// The distinct errors that workers report for it.
        Errors: string list
    }

/// The workers to which a request may be sent.
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
    /// A worker had the model a moment ago, or some workers have not been queried yet.
    | NotNow
    | NoSuchModel of available: string list
