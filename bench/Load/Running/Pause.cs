using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Load.Running;

/// <summary>Waiting to a moment, without spinning: the cores may be those of what is measured.</summary>
internal static partial class Pause
{
    /// <summary>Until the stopwatch shows <paramref name="moment"/>; the system's own delay comes on top.</summary>
    public static void Until(long moment)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), moment);
        if (left <= TimeSpan.Zero)
        {
            return;
        }

        // .NET's own sleep counts in milliseconds.
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
