using System.Text;

namespace FileFormats;

/// <summary>One or two runs of bytes that identify a format.</summary>
internal sealed class Signature
{
    private readonly int offset;
    private readonly byte[] bytes;
    private readonly int secondOffset;
    private readonly byte[] secondBytes;

    /// <summary>Creates a signature of Latin-1 text, one character per byte, at an offset.</summary>
    public Signature(int offset, string text, FileFormat format)
        : this(offset, text, 0, "", format)
    {
    }

    /// <summary>Creates a signature of two runs of bytes, each at its offset.</summary>
    public Signature(int offset, string text, int secondOffset, string secondText, FileFormat format)
    {
        this.offset = offset;
        bytes = Encoding.Latin1.GetBytes(text);
        this.secondOffset = secondOffset;
        secondBytes = Encoding.Latin1.GetBytes(secondText);
        Format = format;
    }

    /// <summary>The format of files that have these bytes.</summary>
    public FileFormat Format { get; }

    /// <summary>Returns whether a file that begins with <paramref name="head"/> has these bytes.</summary>
    public bool IsIn(ReadOnlySpan<byte> head) =>
        IsAt(head, offset, bytes) && IsAt(head, secondOffset, secondBytes);

    private static bool IsAt(ReadOnlySpan<byte> head, int offset, byte[] bytes) =>
        head.Length >= offset + bytes.Length && head.Slice(offset, bytes.Length).SequenceEqual(bytes);
}
