using System.Diagnostics;
using HdrHistogram;

namespace Load.Running;

/// <summary>
/// How late this process gets to what is due, measured by doing nothing fifty times a second: a sleep, and a turn on
/// the pool where the requests run.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    private static readonly long Period = Stopwatch.Frequency / 50;

    private readonly Lock gate = new();
    private LongHistogram delays = Window.NewHistogram();
    private volatile bool stopped;

    public Heartbeat() => new Thread(Beat) { IsBackground = true, Name = "pulse" }.Start();

    /// <summary>The 99th percentile since it was last asked.</summary>
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
        for (var due = Stopwatch.GetTimestamp() + Period; !stopped; due = Math.Max(due, Stopwatch.GetTimestamp()) + Period)
        {
            Pause.Until(due);
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
