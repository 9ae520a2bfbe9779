using System.Runtime.InteropServices;

namespace Worker;

/// <summary>An end of the process that waits for no thread.</summary>
internal static partial class ProcessExit
{
    /// <summary>
    /// Ends the process at once. Native code that still runs on some thread would crash in the libraries' own
    /// destructors, or hold the runtime's shutdown up.
    /// </summary>
    public static void Now(int code)
    {
        if (!OperatingSystem.IsWindows())
        {
            ExitWithoutDestructors(code);
        }

        Environment.Exit(code);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitWithoutDestructors(int code);
}
