namespace Load.Options;

/// <summary>The exchange with a worker.</summary>
public enum ExchangeKind
{
    /// <summary>The extended exchange: the picture's own bytes over a kept connection, in one round trip.</summary>
    Extended,

    /// <summary>The plain exchange: base64, with one connection per picture; every worker supports it.</summary>
    Plain,
}
