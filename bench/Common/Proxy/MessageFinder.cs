using System.Buffers;
using Protocol.Core;

namespace Bench.Proxy;

/// <summary>
/// Says where the messages of one direction end. It sees them before the proxy harms them, so each is whole:
/// <c>message = "A" / "N" / "D" SP payload SP checksum</c>. What is none of these, as other programs' traffic, counts
/// as one message for each read. Both directions of a connection share <paramref name="agreed"/>.
/// </summary>
internal sealed class MessageFinder(Direction direction, Agreement agreed)
{
    // The longest size message: "D", two spaces, twenty digits, the checksum; and one with parameters.
    private const int LongestPlainSize = 28;
    private const int LongestSize = LongestPlainSize + ParametersModule.MaxText;
    private const int LongestResult = 1 << 20;

    /// <summary>Of the image that the last size message announced, in bytes; 0 before it.</summary>
    private long image;

    /// <summary>A size with parameters is followed by its image, whatever that begins with.</summary>
    private bool imageFollows;

    /// <summary>
    /// The length in bytes of the message that <paramref name="bytes"/>, at least one, begin with: it may be longer
    /// than they are. Null when more of them must be seen.
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
            image = size + ChecksumAlgorithmModule.overhead(ParametersModule.seal(parameters));
            imageFollows = !ParametersModule.isNone(parameters);
            return read.consumed;
        }

        // Base64 has no space, so an image does not end where a size does.
        var unended = read.IsNeedMore && bytes.Length < LongestSize;
        return unended ? Unended(ParametersModule.none, bytes) : image > 0 ? image : bytes.Length;
    }

    private long? Result(ReadOnlySequence<byte> bytes)
    {
        var read = ResultReader.read(LongestResult, agreed.Parameters, bytes);
        return read.IsFrame ? read.consumed : read.IsNeedMore ? Unended(agreed.Parameters, bytes) : bytes.Length;
    }

    // One that looks as if it had ended was damaged before it came here: its rest would be waited for in vain.
    private static long? Unended(Parameters parameters, ReadOnlySequence<byte> bytes) =>
        ResultReader.hasTrailer(parameters, bytes) ? bytes.Length : null;
}

/// <summary>What the exchange under way on one connection was begun with.</summary>
internal sealed class Agreement
{
    private volatile Parameters parameters = ParametersModule.none;

    public Parameters Parameters
    {
        get => parameters;
        set => parameters = value;
    }
}
