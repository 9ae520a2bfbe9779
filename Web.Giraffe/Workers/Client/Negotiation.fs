namespace Web.Giraffe

open System

/// How an exchange is made: `Client:Exchange` is the best one that workers are asked for.
type ExchangeMode =
    | Extended = 0
    | Plain = 1

/// The exchanges that a worker is known to take.
[<RequireQualifiedAccess>]
type PeerCapabilities =
    /// Not negotiated yet, or not since the worker was away.
    | Unknown
    | Plain
    | Extended

/// What is remembered of the negotiations with one worker. Times are since any fixed moment, on a clock that never goes
/// back.
[<Struct>]
type Negotiation =
    {
        Capabilities: PeerCapabilities
        /// Negotiations in a row that ended without an extended exchange.
        Failures: int
        /// The worker took the extended exchange at least once.
        WasExtended: bool
        /// When a worker that is known as plain is negotiated with again.
        RetryAt: TimeSpan
    }

/// Decides when to negotiate with a worker, and what follows. Negotiations run in the background, over connections of
/// their own: no request waits for one unless it can't do without its outcome, and none counts against a worker.
[<RequireQualifiedAccess>]
module Negotiation =

    /// How long a worker may keep silent before it is known as plain.
    let silence = TimeSpan.FromSeconds 1.0

    /// A negotiation's whole time, where the worker answers bit by bit.
    let deadline = TimeSpan.FromSeconds 3.0

    /// Each attempt costs an original worker a thread, so there are few.
    let private firstRetry = TimeSpan.FromMinutes 1.0

    /// For a worker that took the extended exchange before: its messages may have been damaged on the way.
    let private earlyRetry = TimeSpan.FromSeconds 2.0

    let private longestRetry = TimeSpan.FromMinutes 10.0

    let initial: Negotiation =
        {
            Capabilities = PeerCapabilities.Unknown
            Failures = 0
            WasExtended = false
            RetryAt = TimeSpan.Zero
        }

    /// A picture that every worker takes, originals included: a PNG of 32 × 32 with three channels.
    let picture =
        Convert.FromBase64String
            "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAJklEQVR42u3NMQ0AAAwDoEqv9KrYsQQMkB6LQCAQCAQCgUAg+BIMLd4AWwUPN68AAAAASUVORK5CYII="

    /// The worker answered an extended exchange.
    let succeeded (_: Negotiation) : Negotiation =
        { initial with
            Capabilities = PeerCapabilities.Extended
            WasExtended = true
        }

    /// The worker was reached, and there was no extended exchange: silence, an end, `N`, or an `A` and nothing behind it.
    let failed (now: TimeSpan) (known: Negotiation) : Negotiation =
        let first = if known.WasExtended then earlyRetry else firstRetry
        let wait = min longestRetry (first * Math.Pow(2.0, float (min known.Failures 30)))

        { known with
            Capabilities = PeerCapabilities.Plain
            Failures = known.Failures + 1
            RetryAt = now + wait
        }

    /// The worker failed or closed its connections: another one may come back.
    let away (known: Negotiation) : Negotiation =
        { known with
            Capabilities = PeerCapabilities.Unknown
            Failures = 0
        }

    /// Whether to negotiate with a worker that has just answered plainly.
    let isDue (now: TimeSpan) (known: Negotiation) =
        match known.Capabilities with
        | PeerCapabilities.Unknown -> true
        | PeerCapabilities.Plain -> known.RetryAt <= now
        | PeerCapabilities.Extended -> false
