namespace Scenarios.Bench.Fuzz;

/// <summary>The end of an exchange on the given bytes.</summary>
internal enum ExchangeOutcome
{
    /// <summary>The exchange waits for more bytes.</summary>
    None,

    /// <summary>The exchange was aborted, with a reason.</summary>
    Failed,

    /// <summary>The exchange ended with an answer: the client accepted the worker's, or the client has one.</summary>
    Answered,
}
