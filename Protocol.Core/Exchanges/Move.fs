namespace Protocol.Core

/// One move of an exchange: the next state, the number of consumed bytes (0: wait for more) and the effects.
[<RequireQualifiedAccess>]
module internal Move =

    /// Adds the number of consumed bytes to a transition.
    let consuming (used: int64) (struct (next: 'state, effects: 'effect list)) = struct (next, used, effects)
