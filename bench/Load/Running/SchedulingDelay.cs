using System.Diagnostics;
using HdrHistogram;

namespace Load.Running;

/// <summary>
/// Measures this process's scheduling delay by doing nothing fifty times a second: a sleep, then a work item on the
/// thread pool of the requests.
/// </summary>
internal sealed class SchedulingDelay : IDisposable
{
    private static readonly long Period = Stopwatch.Frequency / 50;

    private readonly Lock gate = new();
    private LongHistogram delays = Window.NewHistogram();
    private volatile bool stopped;

    public SchedulingDelay() => new Thread(Beat) { IsBackground = true, Name = "scheduling delay" }.Start();

    /// <summary>Returns the 99th percentile since the last call.</summary>
    public TimeSpan Take()
    {
        lock (gate)
        {
            var taken = delays;
            delays = Window.NewHistogram();
            return taken.TotalCount == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds(taken.GetValueAtPercentile(99));
        }
    }

    public void Dispose() => stopped = true;

    private void Beat()
    {
        for (
            var due = Stopwatch.GetTimestamp() + Period; !stopped; due = Math.Max(
                due, Stopwatch.GetTimestamp()) + Period)
        {
            PreciseDelay.Until(due);
            ThreadPool.UnsafeQueueUserWorkItem(Note, due, preferLocal: false);
        }
    }

    private void Note(long due)
    {
        lock (gate)
        {
            Window.Record(delays, Stopwatch.GetElapsedTime(due));
        }
    }
}
