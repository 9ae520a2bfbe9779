namespace Scenarios.Wire.Damage;

/// <summary>The outcome of two flipped bits.</summary>
internal enum DamageOutcome
{
    /// <summary>The damage was detected: the message was retried, or the exchange was aborted.</summary>
    Noticed,

    /// <summary>The damage was not detected and changed no meaning.</summary>
    Harmless,

    /// <summary>
    /// The client accepted a wrong answer: for another picture, for other parameters, or a different one than was sent.
    /// </summary>
    Undetected,
}
