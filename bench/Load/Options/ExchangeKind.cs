namespace Load.Options;

/// <summary>How a worker is asked.</summary>
public enum ExchangeKind
{
    /// <summary>The picture's own bytes over a kept connection, one trip.</summary>
    Extended,

    /// <summary>Base64 over a connection for each picture, as every worker knows it.</summary>
    Plain,
}
