namespace Web.Giraffe

open System
open System.Buffers
open System.Threading

/// A request that is sent to one worker after another until one answers.
[<Sealed>]
type DispatchedRequest
    (
        settings: WorkersSettings,
        time: TimeProvider,
        image: ReadOnlySequence<byte>,
        options: ClassifyOptions,
        model: ModelRoute,
        cancel: CancellationToken
    ) =
    // A timer may fire slightly early.
    static let timerPrecision = TimeSpan.FromMilliseconds 20.0

    let began = time.GetTimestamp()

    member _.Image = image
    member _.Options = options
    member _.Model = model
    member _.Cancel = cancel

    /// Whether original workers can process the picture.
    member val Support = OriginalWorkerSupport.ofPicture image

    member _.Elapsed = time.GetElapsedTime began

    /// The time until the request's deadline.
    member request.Left =
        let left = settings.Request - request.Elapsed
        if left < timerPrecision then TimeSpan.Zero else left

    /// The workers that have been tried, unreachable ones included.
    member val Tried: Set<WorkerAddress> = Set.empty with get, set

    /// The number of workers that were reached.
    member val Sent = 0 with get, set

    /// The limit of `Sent`.
    member val MaxSent = settings.MaxAttempts with get, set

    /// The error if no other worker is left.
    member val ErrorIfNoneLeft = NoActiveWorker with get, set

    /// Whether the next attempt holds a retry from the budget.
    member val HoldsRetry = false with get, set
