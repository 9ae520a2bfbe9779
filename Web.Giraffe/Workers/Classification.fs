namespace Web.Giraffe

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// What a picture is, and who said so.
type Answer =
    {
        /// Most probable first. `Index` is -1 where the worker does not say it.
        Classes: RecognizedClass[]
        /// How long the worker took, stage by stage; empty where it does not say it.
        Times: StageTime[]
        /// Where in the picture each class was seen; empty unless asked for, or where the worker does not know.
        Maps: ClassMap[]
        Model: string
        Worker: WorkerAddress
        /// From the request's last byte to the answer.
        Elapsed: TimeSpan
        /// How many workers were asked, this one included; at least 1.
        Attempts: int
    }

    /// The classes without their numbers.
    member answer.Predictions: Prediction[] =
        answer.Classes
        |> Array.map (fun found ->
            {
                Label = found.Label
                Probability = found.Probability
            })

/// What a request wants beside the names. An old worker gives its five classes whatever is asked.
type ClassifyOptions =
    {
        /// How many classes, 1 … 1000; five where it is not said.
        Top: int voption
        /// The class activation maps of the classes in the answer.
        Explain: bool
        /// The request's W3C `traceparent`, for the worker's log.
        Trace: string voption
    }

    static member None: ClassifyOptions =
        {
            Top = ValueNone
            Explain = false
            Trace = ValueNone
        }

[<RequireQualifiedAccess>]
module ClassifyOptions =

    /// Whether the plain exchange can't fulfil them; a trace is no more than welcome.
    let needExtended (wishes: ClassifyOptions) =
        wishes.Explain || wishes.Top |> ValueOption.exists (fun top -> top <> 5)

/// Why a picture got no answer.
type ClassifyError =
    | NoActiveWorker
    /// The worker refused the image: the user's error, not the worker's.
    | ImageRefused of worker: WorkerAddress * refusal: Refusal
    /// More requests wait than the web node takes; come back after this long.
    | Overloaded of retryAfter: TimeSpan
    /// No worker answered within the request's deadline.
    | OutOfTime

    /// For the log.
    override unanswered.ToString() =
        match unanswered with
        | NoActiveWorker -> "no active worker"
        | ImageRefused(worker, refusal) -> $"image refused by {worker} ({refusal.Reason})"
        | Overloaded _ -> "too many requests wait"
        | OutOfTime -> "out of time"

type IRecognizer =
    abstract Classify:
        image: ReadOnlySequence<byte> * wishes: ClassifyOptions * cancel: CancellationToken ->
            Task<Result<Answer, ClassifyError>>
