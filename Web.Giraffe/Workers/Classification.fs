namespace Web.Giraffe

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// The classification of a picture and the worker that made it.
type Classification =
    {
        /// The worker's result. Always with the model; a class's `Index` is -1 if the worker does not send it.
        Recognition: Recognition
        Worker: WorkerAddress
        /// From the request's last byte to the answer.
        Elapsed: TimeSpan
        /// The number of workers tried, this one included; 0 for a cached answer.
        Attempts: int
        /// Whether another request for the same picture was answered with this.
        IsCached: bool
    }

    /// The classes without their indices.
    member answer.Predictions: Prediction[] = Recognition.predictions answer.Recognition

/// The options of a request. A worker that supports only the plain exchange ignores them and returns five classes.
type ClassifyOptions =
    {
        /// The number of classes, 1 … 1000; five by default.
        Top: int voption
        /// Whether to return class activation maps for the classes in the answer.
        Explain: bool
        /// The model; the cluster's default one by default.
        Model: ModelName voption
        /// Whether the picture is the network's input tensor, and the answer's values are its output.
        Tensor: bool
        /// Whether to return the values of all classes.
        Values: bool
        /// The minimum probability of the answer in the model's class tree, 0 … 1, if it has one.
        Confidence: float voption
        /// The request's W3C `traceparent`, for the worker's log.
        Trace: string voption
    }

    static member None: ClassifyOptions =
        {
            Top = ValueNone
            Explain = false
            Model = ValueNone
            Tensor = false
            Values = false
            Confidence = ValueNone
            Trace = ValueNone
        }

[<RequireQualifiedAccess>]
module ClassifyOptions =

    /// Returns whether only workers that describe their tensors can answer.
    let needTensors (options: ClassifyOptions) = options.Tensor || options.Values

    /// Returns whether the options need the extended exchange. A trace alone does not.
    let needExtended (options: ClassifyOptions) =
        options.Explain
        || options.Model.IsSome
        || needTensors options
        || options.Top |> ValueOption.exists (fun top -> top <> 5)

/// The reasons why a picture could not be classified.
type ClassifyError =
    | NoActiveWorker
    /// No worker serves the model. `available`: the names of those that are served, with their versions.
    | UnknownModel of name: ModelName * available: string list
    /// The worker refused the image. The error is the user's, not the worker's.
    | ImageRefused of worker: WorkerAddress * refusal: Refusal
    /// The queue of waiting requests is full; retry after this time.
    | Overloaded of retryAfter: TimeSpan
    /// No worker answered within the request's deadline.
    | OutOfTime

    /// Returns the reason for the log.
    override unanswered.ToString() =
        match unanswered with
        | NoActiveWorker -> "no active worker"
        | UnknownModel(name, _) -> $"no model {name}"
        | ImageRefused(worker, refusal) -> $"image refused by {worker} ({refusal.Reason})"
        | Overloaded _ -> "too many requests wait"
        | OutOfTime -> "out of time"

type IRecognizer =
    abstract Classify:
        image: ReadOnlySequence<byte> * options: ClassifyOptions * cancel: CancellationToken ->
            Task<Result<Classification, ClassifyError>>
