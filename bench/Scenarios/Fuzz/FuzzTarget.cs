using System.Buffers;
using Protocol.Core;

namespace Scenarios.Bench.Fuzz;

/// <summary>
/// The fuzz target: every message reader, a worker's exchange and a client's, on the same bytes, and the readers of a
/// message's payload, without the checksum that would reject changed bytes. An exception is a crash.
/// </summary>
internal static class FuzzTarget
{
    /// <summary>The longest input to run, in bytes.</summary>
    public const int Longest = 4096;

    private const int Head = 2;

    /// <summary>
    /// The checksum of the request that the extended result of <see cref="FuzzSeeds.Picture"/> answers.
    /// </summary>
    public static readonly uint Asked = ChecksumAlgorithmModule.crc32c(
        new ReadOnlySequence<byte>(MessageModule.sizePayload(FuzzSeeds.Picture.Length, ParametersModule.extended)));

    /// <summary>
    /// Runs one input. The first two bytes of <paramref name="input"/> choose where the rest is cut and which events
    /// happen in between; the run is deterministic. Inputs of another length than 3 to <see cref="Longest"/> bytes do
    /// nothing.
    /// </summary>
    public static FuzzOutcome Run(ReadOnlyMemory<byte> input)
    {
        if (input.Length is <= Head or > Longest)
        {
            return default;
        }

        var random = new Random(input.Span[0] | (input.Span[1] << 8));
        var bytes = input[Head..];
        MessageReaders.Read(Pieces.Cut(bytes, random), random.Next(4, 64));
        var payload = ParametersModule.tryRead(bytes.Span).IsOk
            | PredictionModule.tryRead(bytes.Span).IsOk
            | RecognitionJson.tryRead(Asked, bytes.ToArray()).IsOk;
        var served = GeneratedExchange.Serve(bytes, random);
        return new(served, GeneratedExchange.Ask(bytes, random), payload);
    }

    /// <summary>Returns an input of these bytes, cut according to <paramref name="choice"/>.</summary>
    public static byte[] Input(ushort choice, ReadOnlySpan<byte> bytes) =>
        [(byte)choice, (byte)(choice >> 8), .. bytes];
}

/// <summary>
/// Returns how a worker's and a client's exchange ended, and whether the bytes are a message's payload.
/// </summary>
internal readonly record struct FuzzOutcome(ExchangeOutcome Served, ExchangeOutcome Asked, bool Payload);
