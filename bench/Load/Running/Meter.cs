using System.Diagnostics;
using System.Globalization;

namespace Load.Running;

/// <summary>Measures the processor time of this process and of the machine since the last reading.</summary>
internal sealed class Meter
{
    private const string Statistics = "/proc/stat";
    private const double TicksPerSecond = 100;

    private long begun;
    private TimeSpan own;
    private double? busy;

    public Meter() => _ = Take(TimeSpan.Zero);

    /// <summary>Returns the cost since the last reading and starts anew.</summary>
    public Cost Take(TimeSpan delay)
    {
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var (ownBefore, busyBefore) = (own, busy);
        (begun, own, busy) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, BusySeconds());
        return new Cost(
            (own - ownBefore).TotalSeconds / seconds, Environment.ProcessorCount, (busy - busyBefore) / seconds, delay);
    }

    /// <summary>Returns the busy time of all processors since boot; null if the system is not Linux.</summary>
    private static double? BusySeconds()
    {
        if (!File.Exists(Statistics))
        {
            return null;
        }

        // cpu user nice system idle iowait irq softirq steal …
        var ticks = File.ReadLines(Statistics).First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return (ticks.Sum() - ticks[3] - ticks[4]) / TicksPerSecond;
    }
}
