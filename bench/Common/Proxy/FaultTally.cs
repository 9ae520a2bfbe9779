using System.Collections.Concurrent;

namespace Bench.Proxy;

/// <summary>What a proxy has done so far. Safe for use by many threads at once.</summary>
internal sealed class FaultTally
{
    private readonly ConcurrentQueue<InjectedFault> injected = new();
    private long connections;
    private long messages;
    private long up;
    private long down;

    public IReadOnlyCollection<InjectedFault> Injected => injected;

    public long Connections => Interlocked.Read(ref connections);

    public long Messages => Interlocked.Read(ref messages);

    public long BytesUp => Interlocked.Read(ref up);

    public long BytesDown => Interlocked.Read(ref down);

    /// <summary>The new connection's number.</summary>
    public int Connect() => (int)(Interlocked.Increment(ref connections) - 1);

    public void Count(InjectedFault fault)
    {
        Interlocked.Increment(ref messages);
        if (fault.Kind != FaultKind.None)
        {
            injected.Enqueue(fault);
        }
    }

    public void Bytes(Direction direction, long count)
    {
        Interlocked.Add(ref direction == Direction.Up ? ref up : ref down, count);
    }
}
