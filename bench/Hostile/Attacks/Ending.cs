namespace Hostile.Attacks;

/// <summary>How an exchange ended on the bytes that it was given.</summary>
internal enum Ending
{
    /// <summary>It waits for more.</summary>
    None,

    /// <summary>It gave up, for a reason that it says.</summary>
    Failed,

    /// <summary>With an answer: a worker's was taken, or a client has one.</summary>
    Answered,
}
