namespace Bench.Nodes;

/// <summary>What a process can be sent; the numbers are Linux's.</summary>
public enum Signal
{
    /// <summary>Ends at once, whatever it does.</summary>
    Kill = 9,

    /// <summary>Ends as an invalid access in native code ends it.</summary>
    SegmentationFault = 11,

    /// <summary>Is asked to end.</summary>
    Terminate = 15,

    /// <summary>Goes on after <see cref="Stop"/>.</summary>
    Continue = 18,

    /// <summary>Stands still with all its connections open: it hangs.</summary>
    Stop = 19,
}
