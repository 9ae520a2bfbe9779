using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Worker.Imaging;

/// <summary>
/// Measures the processor time of a thread. Images are limited by their own cost: on a busy machine, wall-clock time
/// would refuse legitimate ones.
/// </summary>
internal static partial class ProcessorTime
{
    // CLOCK_THREAD_CPUTIME_ID.
    private static readonly int Clock = OperatingSystem.IsMacOS() ? 16 : 3;

    /// <summary>The current thread's processor time; wall-clock time if the system does not report it.</summary>
    public static TimeSpan OfThread =>
        !OperatingSystem.IsWindows() && GetTime(Clock, out var time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
            : Stopwatch.GetElapsedTime(0);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    private readonly record struct Time(nint Seconds, nint Nanoseconds);
}
