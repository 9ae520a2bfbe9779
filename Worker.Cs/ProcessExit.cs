using System.Runtime.InteropServices;

namespace Worker;

/// <summary>Ends the process without waiting for any thread.</summary>
internal static partial class ProcessExit
{
    /// <summary>
    /// Ends the process immediately. Native code that is still running on another thread could crash in the libraries'
    /// destructors or block the runtime's shutdown.
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
