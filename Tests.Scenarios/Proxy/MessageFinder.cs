using System.Buffers;
using Protocol.Core;

namespace Scenarios.Proxy;

/// <summary>
/// Finds the ends of the messages of one direction. It sees them before the proxy damages them, so each is whole:
/// <c>message = "A" / "N" / "D" SP payload SP checksum</c>. Any other traffic counts as one message per read. Both
/// directions of a connection share <paramref name="agreed"/>.
/// </summary>
internal sealed class MessageFinder(Direction direction, Agreement agreed)
{
    // The longest size message: "D", two spaces, twenty digits, the checksum; and one with parameters.
    private const int LongestPlainSize = 28;
    private const int LongestSize = LongestPlainSize + ParametersModule.MaxText;
    private const int LongestResult = 1 << 20;

    /// <summary>The size in bytes of the image that the last size message announced; 0 before it.</summary>
    private long image;

    /// <summary>Whether an image follows, whatever its first byte: it does after a size with parameters.</summary>
    private bool imageFollows;

    /// <summary>
    /// Returns the length in bytes of the message that begins <paramref name="bytes"/>, at least one; it may exceed the
    /// bytes given. Null if more bytes are needed.
    /// </summary>
    public long? Length(ReadOnlySequence<byte> bytes)
    {
        if (imageFollows)
        {
            imageFollows = false;
            return image;
        }

        return bytes.FirstSpan[0] switch
        {
            (byte)'A' or (byte)'N' => 1,
            (byte)'D' => direction == Direction.Up ? SizeOrImage(bytes) : Result(bytes),
            _ => bytes.Length,
        };
    }

    private long? SizeOrImage(ReadOnlySequence<byte> bytes)
    {
        var read = FrameReader.size(int.MaxValue, bytes.Slice(0, Math.Min(bytes.Length, LongestSize)));
        if (read.IsFrame)
        {
            var (size, parameters) = read.value;
            agreed.Parameters = parameters;
            image = size + ChecksumAlgorithmModule.overhead(ParametersModule.checksum(parameters));
            imageFollows = !ParametersModule.isNone(parameters);
            return read.consumed;
        }

        // Base64 has no space, so an image does not end like a size.
        var unended = read.IsNeedMore && bytes.Length < LongestSize;
        return unended ? Unended(ParametersModule.none, bytes) : image > 0 ? image : bytes.Length;
    }

    private long? Result(ReadOnlySequence<byte> bytes)
    {
        var read = ResultReader.read(LongestResult, agreed.Parameters, bytes);
        return read.IsFrame ? read.consumed : read.IsNeedMore ? Unended(agreed.Parameters, bytes) : bytes.Length;
    }

    // A message that only seems to have ended was damaged earlier: its rest would never come.
    private static long? Unended(Parameters parameters, ReadOnlySequence<byte> bytes) =>
        ResultReader.hasTrailer(parameters, bytes) ? bytes.Length : null;
}

/// <summary>The start of the current exchange on one connection.</summary>
internal sealed class Agreement
{
    private volatile Parameters parameters = ParametersModule.none;

    public Parameters Parameters
    {
        get => parameters;
        set => parameters = value;
    }
}
