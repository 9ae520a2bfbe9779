using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Load.Running;

/// <summary>Waits for a moment without spinning, since the cores may be shared with the target.</summary>
internal static partial class PreciseDelay
{
    /// <summary>Waits until the stopwatch reaches <paramref name="moment"/>; the system adds its own delay.</summary>
    public static void Until(long moment)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), moment);
        if (left <= TimeSpan.Zero)
        {
            return;
        }

        // .NET's own sleep has a resolution of milliseconds.
        if (OperatingSystem.IsLinux())
        {
            var time = new TimeSpec((long)left.TotalSeconds, (long)(left.Ticks % TimeSpan.TicksPerSecond * 100));
            _ = NanoSleep(time, 0);
        }
        else
        {
            Thread.Sleep(left);
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec time, nint rest);

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
