namespace Load.Options;

/// <summary>What is measured, and how.</summary>
/// <param name="Target"><c>http://</c>, <c>https://</c> or <c>dan://</c>.</param>
public sealed record LoadOptions(Uri Target)
{
    /// <summary>For <c>dan://</c>.</summary>
    public ExchangeKind Exchange { get; init; }

    /// <summary>From sending a request to its answer; then it is an error.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Load before anything is counted, at each level.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What is measured at one time.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>At each level, at least <see cref="Agreeing"/>.</summary>
    public int MaxWindows { get; init; } = 10;

    /// <summary>So many windows in a row must agree.</summary>
    public int Agreeing { get; init; } = 3;

    /// <summary>Requests that may be unanswered at one time under an open load; one more is not sent, and an error.</summary>
    public int MaxOutstanding { get; init; } = 2048;

    /// <summary>Of the moments of an open load.</summary>
    public int Seed { get; init; } = 1;
}
