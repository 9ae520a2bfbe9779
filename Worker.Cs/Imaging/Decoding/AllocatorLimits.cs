using System.Runtime.InteropServices;

namespace Worker.Imaging;

/// <summary>
/// What glibc's allocator keeps of what a decoder gave back. By itself it raises its limits to 32 and 64 MiB as soon as
/// a large picture was decoded, and each lane's share of the heap then stays as large as its largest picture made it.
/// </summary>
internal static partial class AllocatorLimits
{
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;

    /// <summary>
    /// From now on, for the process: what is larger than 4 MiB goes back to the system at once, and of a heap's end at
    /// most 8 MiB are kept. Elsewhere than on glibc it does nothing.
    /// </summary>
    public static void Set()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            // A progressive photograph of a megapixel takes less: its pages would be mapped and cleared for each picture.
            _ = Option(MapThreshold, 4 << 20);
            _ = Option(TrimThreshold, 8 << 20);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, which has limits of its own.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Option(int parameter, int value);
}
