using System.Net.Sockets;

namespace Scenarios.Proxy;

/// <summary>
/// The network that a <see cref="FaultProxy"/> imitates; perfect by default. Probabilities are per message, 0 … 1. A
/// message has at most one fault, so their sum is at most 1.
/// </summary>
public sealed record FaultOptions
{
    /// <summary>
    /// The random seed. The same seed gives the same faults to the same connections with the same messages.
    /// </summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// The delay of every byte in each direction, and twice that for a new connection before its first byte. Accurate
    /// to about a millisecond, the resolution of the timers.
    /// </summary>
    public TimeSpan Delay { get; init; }

    /// <summary>
    /// The bandwidth in each direction, in bytes per second, shared by all connections; 0 is unlimited.
    /// </summary>
    public double BytesPerSecond { get; init; }

    /// <summary>The probability that one random bit of the message is inverted.</summary>
    public double Flip { get; init; }

    /// <summary>
    /// The probability that only the message's first bytes arrive, 0 to all but one, and the connection then ends for
    /// both sides: by an orderly close or a reset, at random.
    /// </summary>
    public double Cut { get; init; }

    /// <summary>
    /// The probability that nothing more arrives on this connection, in either direction, from this message on; it
    /// stays open.
    /// </summary>
    public double BlackHole { get; init; }

    /// <summary>The probability that the message arrives twice in a row.</summary>
    public double Duplicate { get; init; }

    /// <summary>
    /// The probability that the message is held, up to <see cref="JoinWithin"/>, until the next one of its direction.
    /// Both are sent in one write, so the receiver reads them as one.
    /// </summary>
    public double Join { get; init; }

    /// <summary>The time that a message waits to be joined.</summary>
    public TimeSpan JoinWithin { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Creates the proxy's own sockets, TCP over IPv4; they may belong to another network namespace than the process's.
    /// </summary>
    public Func<Socket> NewSocket { get; init; } =
        static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Whether any fault can happen; delay and limited bandwidth are not faults.</summary>
    public bool Harms => Flip + Cut + BlackHole + Duplicate + Join > 0;
}
