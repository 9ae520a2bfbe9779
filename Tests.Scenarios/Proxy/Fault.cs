namespace Scenarios.Proxy;

/// <summary>The faults of a message in transit.</summary>
public enum FaultKind
{
    /// <summary>The message arrives unchanged.</summary>
    None,

    /// <summary>See <see cref="FaultOptions.Flip"/>.</summary>
    Flip,

    /// <summary>See <see cref="FaultOptions.Cut"/>; by an orderly close.</summary>
    CutByClose,

    /// <summary>See <see cref="FaultOptions.Cut"/>; by a reset.</summary>
    CutByReset,

    /// <summary>See <see cref="FaultOptions.BlackHole"/>.</summary>
    BlackHole,

    /// <summary>See <see cref="FaultOptions.Duplicate"/>.</summary>
    Duplicate,

    /// <summary>See <see cref="FaultOptions.Join"/>.</summary>
    Join,
}

/// <summary>The direction of a message.</summary>
public enum Direction
{
    /// <summary>From the connecting side, the web node.</summary>
    Up,

    /// <summary>To the connecting side.</summary>
    Down,
}

/// <summary>An injected fault.</summary>
/// <param name="Connection">The connection's number; 0 for the proxy's first.</param>
/// <param name="Direction">The direction of the message.</param>
/// <param name="Message">The message's number; 0 for the first in its direction on its connection.</param>
/// <param name="Kind">The kind of fault; not <see cref="FaultKind.None"/>.</param>
/// <param name="Offset">
/// The offset of the affected byte in the message: the flipped one, or the first that was cut off.
/// </param>
/// <param name="Bit">The flipped bit; 0 for the lowest.</param>
public readonly record struct InjectedFault(
    int Connection, Direction Direction, int Message, FaultKind Kind, long Offset, int Bit);
