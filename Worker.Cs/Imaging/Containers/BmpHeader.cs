using System.Buffers.Binary;

namespace Worker.Imaging.Containers;

/// <summary>
/// The headers of a BMP file: <c>bmp = "BM" length 0 0 offset info [masks] palette … pixels</c>, numbers little-endian.
/// </summary>
internal readonly record struct BmpHeader
{
    private const int FileHeader = 14;
    private const int CoreHeader = 12;
    private const int InfoHeader = 40;
    private const int MasksHeader = 52;

    /// <summary>Pixels in a row.</summary>
    public int Width { get; private init; }

    /// <summary>Rows.</summary>
    public int Height { get; private init; }

    /// <summary>Whether the first stored row is the top one.</summary>
    public bool IsTopDown { get; private init; }

    /// <summary>Bits of a stored pixel: 1, 2, 4 or 8 for an index, 16, 24 or 32 for a colour.</summary>
    public int Bits { get; private init; }

    /// <summary>Whether pixels are stored as runs.</summary>
    public bool IsRunLength { get; private init; }

    /// <summary>The file offset of the pixels.</summary>
    public int Pixels { get; private init; }

    /// <summary>The palette's file offset, its number of entries, and the bytes of each.</summary>
    public (int Start, int Count, int Size) Palette { get; private init; }

    /// <summary>The bits of red, green, blue and alpha in a pixel of 16 or 32 bits.</summary>
    public (uint Red, uint Green, uint Blue, uint Alpha) Masks { get; private init; }

    /// <summary>Samples in a decoded pixel.</summary>
    public int Bands => Masks.Alpha == 0 ? 3 : 4;

    /// <summary>Bytes of a stored row without its padding.</summary>
    public long RowBytes => (((long)Width * Bits) + 7) / 8;

    /// <summary>Bytes from one stored row to the next.</summary>
    public long Stride => (RowBytes + 3) & ~3L;

    /// <inheritdoc cref="ImageContainer.Read"/>
    public static ImageRefusal? Read(ReadOnlySpan<byte> file, out BmpHeader header)
    {
        header = default;
        if (file.Length < FileHeader + CoreHeader)
        {
            return ImageContainer.CutShort("the BMP's header");
        }

        var size = BinaryPrimitives.ReadInt32LittleEndian(file[FileHeader..]);
        if (size is not (CoreHeader or 16 or InfoHeader or MasksHeader or 56 or 64 or 108 or 124))
        {
            return ImageContainer.Damaged("the BMP's header has an unknown length");
        }

        if (size > file.Length - FileHeader)
        {
            return ImageContainer.CutShort("the BMP's header");
        }

        // OS/2 files may omit the end of their header.
        Span<byte> info = stackalloc byte[MasksHeader + sizeof(uint)];
        info.Clear();
        file.Slice(FileHeader, Math.Min(size, info.Length)).CopyTo(info);
        var isCore = size == CoreHeader;
        var (width, height) = isCore
            ? (BinaryPrimitives.ReadUInt16LittleEndian(info[4..]), BinaryPrimitives.ReadUInt16LittleEndian(info[6..]))
            : (BinaryPrimitives.ReadInt32LittleEndian(info[4..]), BinaryPrimitives.ReadInt32LittleEndian(info[8..]));
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(info[(isCore ? 10 : 14)..]);
        var compression = isCore ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(info[16..]);
        var colours = isCore ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(info[32..]);
        if (width <= 0 || height is 0 or int.MinValue)
        {
            return ImageContainer.Damaged("the BMP has no size");
        }

        var isSupported = (compression, bits) is
            (0, 1 or 2 or 4 or 8 or 16 or 24 or 32) or (1, 8) or (2, 4) or (3 or 6, 16 or 32);
        if (!isSupported)
        {
            return ImageContainer.Unsupported(
                $"BMP with compression {compression} and {bits} bits a pixel", "save it as a PNG");
        }

        var masks = compression is 3 or 6 && size == InfoHeader ? (compression == 6 ? 4 : 3) * sizeof(uint) : 0;
        if (masks > 0 && size + FileHeader + masks <= file.Length)
        {
            file.Slice(FileHeader + size, masks).CopyTo(info[InfoHeader..]);
        }

        var palette = FileHeader + size + masks;
        header = new BmpHeader
        {
            Width = width,
            Height = Math.Abs(height),
            IsTopDown = height < 0,
            Bits = bits,
            IsRunLength = compression is 1 or 2,
            Pixels = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(file[10..]), (uint)file.Length),
            Palette = bits > 8 ? default : (palette, colours is 0 or > 256 ? 1 << bits : (int)colours, isCore ? 3 : 4),
            Masks = compression is 3 or 6 ? ReadMasks(info[InfoHeader..])
                : bits == 16 ? (0x7C00u, 0x3E0u, 0x1Fu, 0u)
                : (0xFF0000u, 0xFF00u, 0xFFu, 0u),
        };
        return null;
    }

    private static (uint Red, uint Green, uint Blue, uint Alpha) ReadMasks(ReadOnlySpan<byte> masks) => (
        BinaryPrimitives.ReadUInt32LittleEndian(masks),
        BinaryPrimitives.ReadUInt32LittleEndian(masks[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(masks[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(masks[12..]));
}
