using System.Collections.Concurrent;

namespace Scenarios.Proxy;

/// <summary>Counts the events of a proxy. Thread-safe.</summary>
internal sealed class FaultCounters
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

    /// <summary>Counts a connection and returns its number.</summary>
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
