namespace Scenarios.Nodes;

/// <summary>Signals for a process, with Linux's numbers.</summary>
public enum Signal
{
    /// <summary>Kills the process at once.</summary>
    Kill = 9,

    /// <summary>Ends the process like an invalid access in native code.</summary>
    SegmentationFault = 11,

    /// <summary>Asks the process to end.</summary>
    Terminate = 15,

    /// <summary>Continues after <see cref="Stop"/>.</summary>
    Continue = 18,

    /// <summary>Suspends the process with all its connections open: it hangs.</summary>
    Stop = 19,
}
