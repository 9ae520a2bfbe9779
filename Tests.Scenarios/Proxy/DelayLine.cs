using System.Diagnostics;

namespace Scenarios.Proxy;

/// <summary>One direction of the link between the nodes; all connections of a proxy share it.</summary>
internal sealed class DelayLine(FaultOptions options)
{
    // A timer fires up to a millisecond late, and later on a busy machine; the cable makes up for this much.
    private static readonly long Slack = Stopwatch.Frequency / 100;

    private readonly Lock gate = new();
    private readonly long delay = (long)(options.Delay.TotalSeconds * Stopwatch.Frequency);
    private long free;

    /// <summary>
    /// Puts bytes on the cable; returns the timestamps at which the last byte has been sent and has arrived.
    /// </summary>
    public (long Left, long Arrived) Put(int bytes)
    {
        var now = Stopwatch.GetTimestamp();
        if (options.BytesPerSecond == 0)
        {
            return (now, now + delay);
        }

        lock (gate)
        {
            free = Math.Max(now - Slack, free) + (long)(bytes / options.BytesPerSecond * Stopwatch.Frequency);
            return (free, free + delay);
        }
    }

    /// <summary>Waits for a timestamp, to the nearest millisecond unless the machine is too busy.</summary>
    public static async ValueTask Until(long timestamp, CancellationToken cancel)
    {
        // A timer may also fire early.
        for (var left = Milliseconds(timestamp); left > 0; left = Milliseconds(timestamp))
        {
            await Task.Delay(left, cancel);
        }
    }

    private static int Milliseconds(long until) =>
        (int)Math.Round(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), until).TotalMilliseconds);
}
