namespace Web.Giraffe

open System

/// Which exchange the workers are offered: `Client:Exchange`.
type Manner =
    | Extended = 0
    | Plain = 1

/// How one try at an exchange is made.
[<RequireQualifiedAccess>]
type Approach =
    /// Extended, over a connection that has served before.
    | Reusing
    /// Extended, over a new connection.
    | Fresh
    /// Extended, over a new connection once more: this worker knows the parameters, so they were damaged on the way.
    | FreshAgain
    /// Plain, since the worker did not take the parameters.
    | Fallback
    /// Plain from the start.
    | Plainly

/// How a try ended, as far as the next one goes.
[<RequireQualifiedAccess>]
type TryEnd =
    | Answered
    /// The peer ended the connection before any answer.
    | Declined
    | Failed

/// What is known about one worker.
[<Struct>]
type Acquaintance =
    {
        /// It has answered an extended exchange.
        IsExtended: bool
        /// It took only the plain one; asked plainly until then.
        PlainUntil: TimeSpan voption
    }

/// Which exchange a worker is asked by, and what follows when it does not take it: no request fails for it. Times are
/// since any fixed moment, on a clock that never goes back.
[<RequireQualifiedAccess>]
module Approach =

    /// How long a worker is remembered as plain.
    let memory = TimeSpan.FromMinutes 10.0

    let stranger: Acquaintance =
        {
            IsExtended = false
            PlainUntil = ValueNone
        }

    let isPlain approach =
        approach = Approach.Fallback || approach = Approach.Plainly

    /// The first try. `hasIdle`: a connection to the worker lies ready.
    let first manner (now: TimeSpan) hasIdle (known: Acquaintance) =
        match known.PlainUntil with
        | _ when manner = Manner.Plain -> Approach.Plainly
        | ValueSome until when now < until -> Approach.Plainly
        | _ when hasIdle -> Approach.Reusing
        | _ -> Approach.Fresh

    /// What is known after a try, and the next one, where there is to be one. A connection that has served before may
    /// have ended for reasons of its own, so that its end says nothing about the worker; and one that has answered the
    /// extended exchange has to decline a whole request, and then another, before it is taken for a plain one.
    let after (now: TimeSpan) approach ending (known: Acquaintance) : struct (Acquaintance * Approach voption) =
        match approach, ending with
        | (Approach.Reusing | Approach.Fresh | Approach.FreshAgain), TryEnd.Answered ->
            struct ({
                        IsExtended = true
                        PlainUntil = ValueNone
                    },
                    ValueNone)
        | Approach.Reusing, TryEnd.Declined -> struct (known, ValueSome Approach.Fresh)
        | Approach.Fresh, TryEnd.Declined when known.IsExtended -> struct (known, ValueSome Approach.FreshAgain)
        | (Approach.Fresh | Approach.FreshAgain), TryEnd.Declined -> struct (known, ValueSome Approach.Fallback)
        | Approach.Fallback, TryEnd.Answered when known.IsExtended ->
            struct ({ known with IsExtended = false }, ValueNone)
        | Approach.Fallback, TryEnd.Answered ->
            struct ({
                        IsExtended = false
                        PlainUntil = ValueSome(now + memory)
                    },
                    ValueNone)
        | _ -> struct (known, ValueNone)
