using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Worker.Imaging;

/// <summary>
/// What a thread has spent on a processor. A picture is judged by what it costs: on a machine that is busy with others'
/// work the clock on the wall would refuse honest ones.
/// </summary>
internal static partial class ProcessorTime
{
    // CLOCK_THREAD_CPUTIME_ID.
    private static readonly int Clock = OperatingSystem.IsMacOS() ? 16 : 3;

    /// <summary>This thread's so far; where the system does not say it, the time on the wall.</summary>
    public static TimeSpan OfThread =>
        !OperatingSystem.IsWindows() && GetTime(Clock, out var time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
            : Stopwatch.GetElapsedTime(0);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    private readonly record struct Time(nint Seconds, nint Nanoseconds);
}
