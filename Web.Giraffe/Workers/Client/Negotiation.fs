namespace Web.Giraffe

open System

/// The mode of an exchange. `Client:Exchange` is the preferred one.
[<RequireQualifiedAccess; Struct>]
type ExchangeMode =
    | Extended
    | Plain

/// The exchanges that a worker supports.
[<RequireQualifiedAccess>]
type PeerCapabilities =
    /// Not negotiated yet, or not since the worker was away.
    | Unknown
    | Plain
    | Extended

/// The state of the negotiations with one worker. Times are since a fixed moment, on a monotonic clock.
[<Struct>]
type Negotiation =
    {
        Capabilities: PeerCapabilities
        /// Consecutive negotiations without an extended exchange.
        Failures: int
        /// Whether the worker ever completed an extended exchange.
        WasExtended: bool
        /// The time of the next negotiation with a plain worker.
        RetryAt: TimeSpan
    }

/// Decides when to negotiate with a worker, and applies the result. Negotiations run in the background over their own
/// connections. A request waits for one only if it depends on its result, and none counts against a worker.
[<RequireQualifiedAccess>]
module Negotiation =

    /// How long a worker may stay silent before it counts as plain.
    let silence = TimeSpan.FromSeconds 1.0

    /// The deadline of a whole negotiation, for a worker that answers slowly.
    let deadline = TimeSpan.FromSeconds 3.0

    /// Attempts are rare, since each one costs an original worker a thread.
    let private firstRetry = TimeSpan.FromMinutes 1.0

    /// For a worker that supported the extended exchange before: its messages may have been corrupted.
    let private earlyRetry = TimeSpan.FromSeconds 2.0

    let private longestRetry = TimeSpan.FromMinutes 10.0

    let initial: Negotiation =
        {
            Capabilities = PeerCapabilities.Unknown
            Failures = 0
            WasExtended = false
            RetryAt = TimeSpan.Zero
        }

    /// A picture that every worker accepts, originals included: a PNG of 32 × 32 with three channels.
    let picture =
        Convert.FromBase64String
            "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAJklEQVR42u3NMQ0AAAwDoEqv9KrYsQQMkB6LQCAQCAQCgUAg+BIMLd4AWwUPN68AAAAASUVORK5CYII="

    /// Records that the worker answered an extended exchange.
    let succeeded (_: Negotiation) : Negotiation =
        { initial with
            Capabilities = PeerCapabilities.Extended
            WasExtended = true
        }

    /// Records a negotiation without an extended exchange: no answer, a closed connection, `N`, or `A` with nothing
    /// after it.
    let failed (now: TimeSpan) (known: Negotiation) : Negotiation =
        let first = if known.WasExtended then earlyRetry else firstRetry
        let wait = min longestRetry (first * Math.Pow(2.0, float (min known.Failures 30)))

        { known with
            Capabilities = PeerCapabilities.Plain
            Failures = known.Failures + 1
            RetryAt = now + wait
        }

    /// Resets the capabilities after the worker failed or closed its connections: another worker may replace it.
    let away (known: Negotiation) : Negotiation =
        { known with
            Capabilities = PeerCapabilities.Unknown
            Failures = 0
        }

    /// Returns whether to negotiate with a worker that has just answered a plain exchange.
    let isDue (now: TimeSpan) (known: Negotiation) =
        match known.Capabilities with
        | PeerCapabilities.Unknown -> true
        | PeerCapabilities.Plain -> known.RetryAt <= now
        | PeerCapabilities.Extended -> false
