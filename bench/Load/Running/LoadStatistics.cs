using System.Diagnostics;
using HdrHistogram;

namespace Load.Running;

/// <summary>Counts what happens, window by window. For any number of threads.</summary>
internal sealed class LoadStatistics : IDisposable
{
    private readonly Lock gate = new();
    private readonly Meter meter = new();
    private readonly Heartbeat pulse = new();
    private LongHistogram latencies = Window.NewHistogram();
    private Dictionary<string, long> errors = [];
    private long due;
    private long begun = Stopwatch.GetTimestamp();

    /// <summary>One request was to begin now.</summary>
    public void Due()
    {
        lock (gate)
        {
            due++;
        }
    }

    /// <summary>One request that was due at <paramref name="moment"/> ended; <paramref name="error"/>: null when it was answered.</summary>
    public void Ended(long moment, string? error)
    {
        var latency = Stopwatch.GetElapsedTime(moment);
        lock (gate)
        {
            if (error is null)
            {
                Window.Record(latencies, latency);
            }
            else
            {
                errors[error] = errors.GetValueOrDefault(error) + 1;
            }
        }
    }

    /// <summary>The window so far.</summary>
    public LoadSnapshot Look()
    {
        lock (gate)
        {
            var rate = latencies.TotalCount / Stopwatch.GetElapsedTime(begun).TotalSeconds;
            var (median, late) = latencies.TotalCount == 0
                ? (0, 0)
                : (latencies.GetValueAtPercentile(50) / 1000.0, latencies.GetValueAtPercentile(99) / 1000.0);
            return new LoadSnapshot(rate, median, late, errors.Values.Sum());
        }
    }

    /// <summary>Ends a window and begins the next.</summary>
    public Window Take()
    {
        lock (gate)
        {
            var window = new Window(Stopwatch.GetElapsedTime(begun), latencies, errors, due, meter.Take(pulse.Take()));
            (latencies, errors, due, begun) = (Window.NewHistogram(), [], 0, Stopwatch.GetTimestamp());
            return window;
        }
    }

    public void Dispose() => pulse.Dispose();
}
