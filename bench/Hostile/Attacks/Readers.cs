using System.Buffers;
using Protocol.Core;

namespace Hostile.Attacks;

/// <summary>Every reader of the message grammar on the same bytes.</summary>
internal static class Readers
{
    public static void Read(ReadOnlySequence<byte> bytes, int size)
    {
        _ = FrameReader.answer(bytes);
        _ = FrameReader.size(Limits.Standard.MaxPayload, bytes);
        _ = FrameReader.result(Limits.Standard.MaxResult, bytes);
        _ = FrameReader.looksEnded(bytes);
        var read = FrameReader.image(size & ~3, bytes);
        if (read.IsFrame)
        {
            ((IDisposable)read.value).Dispose();
        }
    }
}
