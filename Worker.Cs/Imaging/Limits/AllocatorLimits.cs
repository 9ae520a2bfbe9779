using System.Runtime.InteropServices;

namespace Worker.Imaging;

/// <summary>
/// Limits the freed memory that glibc's allocator keeps. By default it raises its limits to 32 and 64 MiB after a large
/// image, and each executor's heap then stays as large as its largest image made it.
/// </summary>
internal static partial class AllocatorLimits
{
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;

    /// <summary>
    /// Sets the limits for the process: blocks above 4 MiB return to the system when freed, and at most 8 MiB at the
    /// end of a heap are kept. Has no effect without glibc.
    /// </summary>
    public static void Set()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            // A progressive one-megapixel photograph needs less; a lower limit would map and clear its pages for each
            // image.
            _ = Option(MapThreshold, 4 << 20);
            _ = Option(TrimThreshold, 8 << 20);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, with its own limits.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Option(int parameter, int value);
}
