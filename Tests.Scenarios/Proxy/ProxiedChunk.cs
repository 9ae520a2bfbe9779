namespace Scenarios.Proxy;

/// <summary>The way in which a direction or a whole connection ends.</summary>
internal enum Ending
{
    /// <summary>The sender closed its direction.</summary>
    Finished,

    /// <summary>Both directions end by an orderly close.</summary>
    Closed,

    /// <summary>Both directions end by a reset.</summary>
    Reset,
}

/// <summary>Bytes in transit, or an end.</summary>
/// <param name="Due">The arrival timestamp.</param>
/// <param name="Bytes">The bytes; empty for an end.</param>
/// <param name="Join">Whether it waits for the next chunk, to be sent with it.</param>
/// <param name="End">The end; null for bytes.</param>
internal readonly record struct ProxiedChunk(long Due, byte[] Bytes, bool Join = false, Ending? End = null);
