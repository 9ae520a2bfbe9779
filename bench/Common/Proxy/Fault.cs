namespace Bench.Proxy;

/// <summary>What can happen to a message on its way.</summary>
public enum FaultKind
{
    /// <summary>It arrives as it was sent.</summary>
    None,

    /// <summary><see cref="FaultOptions.Flip"/>.</summary>
    Flip,

    /// <summary><see cref="FaultOptions.Cut"/>, by an orderly close.</summary>
    CutByClose,

    /// <summary><see cref="FaultOptions.Cut"/>, by a reset.</summary>
    CutByReset,

    /// <summary><see cref="FaultOptions.BlackHole"/>.</summary>
    BlackHole,

    /// <summary><see cref="FaultOptions.Duplicate"/>.</summary>
    Duplicate,

    /// <summary><see cref="FaultOptions.Join"/>.</summary>
    Join,
}

/// <summary>Which way a message goes.</summary>
public enum Direction
{
    /// <summary>From the one who connected, the web node.</summary>
    Up,

    /// <summary>To the one who connected.</summary>
    Down,
}

/// <summary>A fault that was injected.</summary>
/// <param name="Connection">0 for the proxy's first.</param>
/// <param name="Direction">Of the message.</param>
/// <param name="Message">0 for the first in its direction on its connection.</param>
/// <param name="Kind">Not <see cref="FaultKind.None"/>.</param>
/// <param name="Offset">The byte of the message that was hit: the flipped one, or the first that was cut off.</param>
/// <param name="Bit">The flipped bit, 0 for the lowest.</param>
public readonly record struct InjectedFault(
    int Connection, Direction Direction, int Message, FaultKind Kind, long Offset, int Bit);
