namespace Node.Hosting.Redis;

/// <summary>
/// The causes of an outage of Redis that were logged. Each is logged once: the first attempt may show less of the cause
/// than a later one.
/// </summary>
public sealed class OutageReasons
{
    // An unexpected error may have another text each time.
    private const int Max = 4;
    private readonly HashSet<string> reasons = [];

    /// <summary>Whether no cause was logged since the last outage.</summary>
    public bool IsEmpty => reasons.Count == 0;

    /// <summary>Returns whether to log the cause now.</summary>
    public bool TryAdd(string reason) => reasons.Count < Max && reasons.Add(reason);

    /// <summary>Ends the outage.</summary>
    public void Clear() => reasons.Clear();
}
