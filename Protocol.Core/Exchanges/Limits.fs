namespace Protocol.Core

/// The limits of either side.
type Limits =
    {
        /// The longest image payload, in bytes: base64 or raw.
        MaxPayload: int
        /// The longest result payload, in bytes.
        MaxResult: int
        /// How often one message may be sent before its step fails.
        MaxAttempts: int
    }

    /// The default: 32 MiB, 256 KiB, 3.
    static member Standard =
        {
            MaxPayload = 32 * 1024 * 1024
            MaxResult = 256 * 1024
            MaxAttempts = 3
        }
