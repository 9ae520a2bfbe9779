namespace Wire.Damage;

/// <summary>What two flipped bits came to.</summary>
internal enum Ending
{
    /// <summary>Somebody complained: the message came again, or the exchange was given up.</summary>
    Noticed,

    /// <summary>Nobody did, and nobody had to: nothing was understood otherwise than it was meant.</summary>
    Harmless,

    /// <summary>The client took an answer: to another picture, or to other parameters, or another one than was given.</summary>
    Undetected,
}
