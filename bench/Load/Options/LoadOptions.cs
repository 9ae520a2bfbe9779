namespace Load.Options;

/// <summary>What to measure, and how.</summary>
/// <param name="Target"><c>http://</c>, <c>https://</c>, <c>grpc://</c> or <c>dan://</c>.</param>
public sealed record LoadOptions(Uri Target)
{
    /// <summary>The exchange for <c>dan://</c>.</summary>
    public ExchangeKind Exchange { get; init; }

    /// <summary>The timeout from sending a request to its answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The warm-up time at each level, which is not counted.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The length of one window.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The maximum number of windows at each level, at least <see cref="Agreeing"/>.</summary>
    public int MaxWindows { get; init; } = 10;

    /// <summary>The number of consecutive windows that must agree.</summary>
    public int Agreeing { get; init; } = 3;

    /// <summary>
    /// The maximum of in-flight requests under an open load; a request beyond it is not sent and counts as an error.
    /// </summary>
    public int MaxOutstanding { get; init; } = 2048;

    /// <summary>The random seed for the times of an open load.</summary>
    public int Seed { get; init; } = 1;
}
