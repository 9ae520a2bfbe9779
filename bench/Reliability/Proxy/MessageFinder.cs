using System.Buffers;
using Protocol.Core;

namespace Reliability.Proxy;

/// <summary>
/// Says where the messages of one direction end. It sees them before the proxy harms them, so each is whole:
/// <c>message = "A" / "N" / "D" SP payload SP checksum</c>. What is none of these, as other programs' traffic, counts
/// as one message for each read.
/// </summary>
internal sealed class MessageFinder(Direction direction)
{
    // The longest size message: "D", two spaces, twenty digits, the checksum.
    private const int LongestSize = 28;
    private const int LongestResult = 1 << 16;

    /// <summary>Of the image that the last size message announced, in bytes; 0 before it.</summary>
    private long image;

    /// <summary>
    /// The length in bytes of the message that <paramref name="bytes"/>, at least one, begin with: it may be longer
    /// than they are. Null when more of them must be seen.
    /// </summary>
    public long? Length(ReadOnlySequence<byte> bytes) => bytes.FirstSpan[0] switch
    {
        (byte)'A' or (byte)'N' => 1,
        (byte)'D' => direction == Direction.Up ? SizeOrImage(bytes) : Result(bytes),
        _ => bytes.Length,
    };

    private long? SizeOrImage(ReadOnlySequence<byte> bytes)
    {
        var read = FrameReader.size(int.MaxValue, bytes.Slice(0, Math.Min(bytes.Length, LongestSize)));
        if (read.IsFrame)
        {
            image = read.value + MessageModule.Overhead;
            return read.consumed;
        }

        // Base64 has no space, so an image does not end where a size does.
        return read.IsNeedMore ? Unended(bytes) : image > 0 ? image : bytes.Length;
    }

    private static long? Result(ReadOnlySequence<byte> bytes)
    {
        var read = FrameReader.result(LongestResult, bytes);
        return read.IsFrame ? read.consumed : read.IsNeedMore ? Unended(bytes) : bytes.Length;
    }

    // One that looks as if it had ended was damaged before it came here: its rest would be waited for in vain.
    private static long? Unended(ReadOnlySequence<byte> bytes) => FrameReader.looksEnded(bytes) ? bytes.Length : null;
}
