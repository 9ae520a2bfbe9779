using Protocol.Core;

namespace Worker.Sockets;

/// <summary>What one exchange may take.</summary>
/// <param name="Limits">Of its messages.</param>
/// <param name="Deadline">From the connection, or its first byte where it is not the connection's first, to its end.</param>
/// <param name="Silence">How long a peer whose turn it is may send nothing.</param>
/// <param name="Settle">Least time between two messages that an old client must not read as one.</param>
/// <param name="Idle">How long a connection that has served an exchange may wait for the next one.</param>
public sealed record ExchangeOptions(Limits Limits, TimeSpan Deadline, TimeSpan Silence, TimeSpan Settle, TimeSpan Idle);
