using Protocol.Core;

namespace Worker.Sockets;

/// <summary>The limits of one exchange.</summary>
/// <param name="Limits">The limits of its messages.</param>
/// <param name="Deadline">
/// The time for an exchange, from the connection or, for later ones, from the first byte.
/// </param>
/// <param name="Silence">How long a peer may send nothing when the worker expects data.</param>
/// <param name="DeliveryDelay">The least time between two messages that an old client must not read as one.</param>
/// <param name="Idle">How long a connection may wait for its next exchange.</param>
public sealed record ExchangeOptions(
    Limits Limits, TimeSpan Deadline, TimeSpan Silence, TimeSpan DeliveryDelay, TimeSpan Idle);
