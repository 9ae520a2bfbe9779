using System.Buffers;
using Protocol.Core;
using Scenarios.Hostile;

namespace Scenarios.Bench.Fuzz;

/// <summary>
/// The fuzz target: every message reader, a worker's exchange and a client's, on the same bytes, and the readers of a
/// message's payload, without the checksum that would reject changed bytes. An exception is a crash, and so is a read
/// past the end.
/// </summary>
internal sealed class FuzzTarget : IDisposable
{
    /// <summary>The longest input to run, in bytes.</summary>
    public const int Longest = 4096;

    private const int Head = 2;

    /// <summary>
    /// The checksum of the request that the extended result of <see cref="FuzzSeeds.Picture"/> answers.
    /// </summary>
    public static readonly uint Asked = ChecksumAlgorithmModule.crc32c(
        new ReadOnlySequence<byte>(MessageModule.sizePayload(FuzzSeeds.Picture.Length, ParametersModule.extended)));

    private readonly GuardedPieces pieces = new();

    /// <summary>
    /// Runs one input. The first two bytes of <paramref name="input"/> choose where the rest is cut and which events
    /// happen in between; the run is deterministic. Inputs of another length than 3 to <see cref="Longest"/> bytes do
    /// nothing.
    /// </summary>
    public FuzzOutcome Run(ReadOnlySpan<byte> input)
    {
        if (input.Length is <= Head or > Longest)
        {
            return default;
        }

        var random = new Random(input[0] | (input[1] << 8));
        var bytes = input[Head..];
        MessageReaders.Read(pieces.Cut(bytes, random), random.Next(4, 64));
        var payload = ParametersModule.tryRead(bytes).IsOk
            | PredictionModule.tryRead(bytes).IsOk
            | RecognitionJson.tryRead(Asked, bytes.ToArray()).IsOk;
        var served = GeneratedExchange.Serve(bytes, random, pieces);
        return new(served, GeneratedExchange.Ask(bytes, random, pieces), payload);
    }

    /// <inheritdoc/>
    public void Dispose() => pieces.Dispose();

    /// <summary>Returns an input of these bytes, cut according to <paramref name="choice"/>.</summary>
    public static byte[] Input(ushort choice, ReadOnlySpan<byte> bytes) =>
        [(byte)choice, (byte)(choice >> 8), .. bytes];
}

/// <summary>
/// Returns how a worker's and a client's exchange ended, and whether the bytes are a message's payload.
/// </summary>
internal readonly record struct FuzzOutcome(ExchangeOutcome Served, ExchangeOutcome Asked, bool Payload);
