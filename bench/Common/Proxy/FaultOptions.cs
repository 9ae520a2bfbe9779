using System.Net.Sockets;

namespace Bench.Proxy;

/// <summary>
/// The network that a <see cref="FaultProxy"/> imitates; by default a perfect one. The probabilities are for each
/// message, 0 … 1, at most one fault to a message, so their sum is at most 1.
/// </summary>
public sealed record FaultOptions
{
    /// <summary>The same seed gives the same faults to the same connections with the same messages.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// How long every byte takes, in each direction, and twice that a connection before its first one. Kept to within
    /// about a millisecond, the grain of the timers.
    /// </summary>
    public TimeSpan Delay { get; init; }

    /// <summary>
    /// What the cable carries in each direction, bytes a second, all connections together; 0: without limit.
    /// </summary>
    public double BytesPerSecond { get; init; }

    /// <summary>One bit of the message, any one, is inverted.</summary>
    public double Flip { get; init; }

    /// <summary>
    /// The message's first bytes arrive, 0 to all but one, and then the connection ends for both sides: by an orderly
    /// close or by a reset, as chance has it.
    /// </summary>
    public double Cut { get; init; }

    /// <summary>From this message on nothing arrives any more on this connection, in either direction; it stays open.</summary>
    public double BlackHole { get; init; }

    /// <summary>The message arrives twice in a row.</summary>
    public double Duplicate { get; init; }

    /// <summary>
    /// The message is held, up to <see cref="JoinWithin"/>, until the next one of its direction, and both go out in
    /// one write, so that the receiver reads them as one.
    /// </summary>
    public double Join { get; init; }

    /// <summary>How long a message waits to be joined.</summary>
    public TimeSpan JoinWithin { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Makes the proxy's own sockets, TCP over IPv4: another network namespace than the process's may be their home.
    /// </summary>
    public Func<Socket> NewSocket { get; init; } =
        static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Whether any fault can happen: delay and a narrow cable are none.</summary>
    public bool Harms => Flip + Cut + BlackHole + Duplicate + Join > 0;

    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Delay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(BytesPerSecond);
        double[] probabilities = [Flip, Cut, BlackHole, Duplicate, Join];
        if (probabilities.Any(one => one is not (>= 0 and <= 1)) || probabilities.Sum() > 1)
        {
            throw new ArgumentOutOfRangeException(nameof(Flip), "The probabilities are 0 … 1 each and at most 1 together.");
        }
    }
}
