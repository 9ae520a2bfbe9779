using System.Diagnostics;
using HdrHistogram;

namespace Load.Running;

/// <summary>Counts the events, window by window. Thread-safe.</summary>
internal sealed class LoadStatistics : IDisposable
{
    private readonly Lock gate = new();
    private readonly Meter meter = new();
    private readonly SchedulingDelay delay = new();
    private LongHistogram latencies = Window.NewHistogram();
    private Dictionary<string, long> errors = [];
    private long due;
    private long begun = Stopwatch.GetTimestamp();

    /// <summary>Counts a request that is due now.</summary>
    public void Due()
    {
        lock (gate)
        {
            due++;
        }
    }

    /// <summary>
    /// Counts the end of a request that was due at <paramref name="moment"/>; <paramref name="error"/> is null if it
    /// was answered.
    /// </summary>
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

    /// <summary>The current window so far.</summary>
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

    /// <summary>Ends the window and begins the next.</summary>
    public Window Take()
    {
        lock (gate)
        {
            var window = new Window(
                Stopwatch.GetElapsedTime(begun), latencies, errors, due, meter.Take(delay.Take()));
            (latencies, errors, due, begun) = (Window.NewHistogram(), [], 0, Stopwatch.GetTimestamp());
            return window;
        }
    }

    public void Dispose() => delay.Dispose();
}
