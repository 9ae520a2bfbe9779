using System.Buffers.Binary;

namespace Worker.Imaging.Containers;

/// <summary>The first directory of a TIFF file.</summary>
internal readonly ref struct TiffDirectory
{
    private const int Entry = 12;
    private const int MaxEntries = 1000;
    private const ushort Short = 3;
    private const ushort Long = 4;

    private readonly ReadOnlySpan<byte> file;
    private readonly bool little;
    private readonly int first;
    private readonly int entries;

    private TiffDirectory(ReadOnlySpan<byte> file, bool little, int first, int entries)
    {
        this.file = file;
        this.little = little;
        this.first = first;
        this.entries = entries;
    }

    /// <summary>The file's length in bytes.</summary>
    public int FileLength => file.Length;

    /// <summary>Finds the directory; false if the file ends before its last entry.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, out TiffDirectory directory)
    {
        var little = file.StartsWith("II"u8);
        directory = new TiffDirectory(file, little, 0, 0);
        if (file.Length < 8)
        {
            return false;
        }

        var at = directory.Read(4, sizeof(uint));
        if (at + 2L > file.Length)
        {
            return false;
        }

        var count = (int)directory.Read((int)at, sizeof(ushort));
        directory = new TiffDirectory(file, little, (int)at + 2, count);
        return count is > 0 and <= MaxEntries && at + 2L + (Entry * count) <= file.Length;
    }

    /// <summary>Returns whether the directory has an entry for the tag.</summary>
    public bool Contains(ushort tag) => Find(tag) > 0;

    /// <summary>Returns the number of the tag's values.</summary>
    public uint Count(ushort tag) => Find(tag) is var at and > 0 ? Read(at + 4, sizeof(uint)) : 0;

    /// <summary>Returns the first value of the tag; <paramref name="otherwise"/> if it has none.</summary>
    public uint Number(ushort tag, uint otherwise) =>
        Find(tag) is var at and > 0 ? Value(at, 0) ?? otherwise : otherwise;

    /// <summary>Returns whether all of the tag's values, up to eight, are the same.</summary>
    public bool IsUniform(ushort tag)
    {
        var at = Find(tag);
        for (var i = 1; at > 0 && i < Math.Min(8, Read(at + 4, sizeof(uint))); i++)
        {
            if (Value(at, i) != Value(at, 0))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Sums the tag's values that are inside the file; each counts at most as the file's length.</summary>
    public long Sum(ushort tag)
    {
        var (at, sum) = (Find(tag), 0L);
        for (var i = 0; at > 0 && Value(at, i) is { } value; i++)
        {
            sum += Math.Min(value, (uint)file.Length);
        }

        return sum;
    }

    /// <summary>
    /// Writes the file with a new first directory appended: the entries of the <paramref name="kept"/> tags, without a
    /// successor.
    /// </summary>
    public void Write(ReadOnlySpan<ushort> kept, ref NativeBuffer output)
    {
        Span<byte> entry = stackalloc byte[Entry];
        Span<byte> head = stackalloc byte[sizeof(uint)];
        var start = (file.Length + 1) & ~1;
        Put(head, (uint)start);
        output.Write(file[..4]);
        output.Write(head);
        output.Write(file[8..]);
        output.Write("\0"u8[..(start - file.Length)]);
        var count = 0;
        foreach (var tag in kept)
        {
            count += Contains(tag) ? 1 : 0;
        }

        Put(head[..2], (uint)count);
        output.Write(head[..2]);
        foreach (var tag in kept)
        {
            if (Find(tag) is var at and > 0)
            {
                output.Write(file.Slice(at, Entry));
            }
        }

        output.Write("\0\0\0\0"u8);
    }

    private int Find(ushort tag)
    {
        for (var at = first; at < first + (entries * Entry); at += Entry)
        {
            if (Read(at, sizeof(ushort)) == tag)
            {
                return at;
            }
        }

        return 0;
    }

    private uint? Value(int entry, int index)
    {
        var type = Read(entry + 2, sizeof(ushort));
        var size = type switch { Short => 2, Long => 4, 1 => 1, _ => 0 };
        var count = Read(entry + 4, sizeof(uint));
        if (size == 0 || index >= count)
        {
            return null;
        }

        var at = (size * (long)count > 4 ? Read(entry + 8, sizeof(uint)) : entry + 8) + (size * (long)index);
        return at + size > file.Length ? null : Read((int)at, size);
    }

    private uint Read(int at, int size) => size switch
    {
        1 => file[at],
        2 when little => BinaryPrimitives.ReadUInt16LittleEndian(file[at..]),
        2 => BinaryPrimitives.ReadUInt16BigEndian(file[at..]),
        _ when little => BinaryPrimitives.ReadUInt32LittleEndian(file[at..]),
        _ => BinaryPrimitives.ReadUInt32BigEndian(file[at..]),
    };

    private void Put(Span<byte> target, uint number)
    {
        if (target.Length == 2)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)number);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(target, number);
        }

        if (!little)
        {
            target.Reverse();
        }
    }
}

/// <summary>The numbers of TIFF tags.</summary>
internal static class TiffTag
{
#pragma warning disable CS1591 // The standard's own names.
    public const ushort SubfileType = 254;
    public const ushort Width = 256;
    public const ushort Height = 257;
    public const ushort Bits = 258;
    public const ushort Compression = 259;
    public const ushort Photometric = 262;
    public const ushort FillOrder = 266;
    public const ushort StripOffsets = 273;
    public const ushort Samples = 277;
    public const ushort RowsPerStrip = 278;
    public const ushort StripBytes = 279;
    public const ushort Planar = 284;
    public const ushort Group3 = 292;
    public const ushort Group4 = 293;
    public const ushort Predictor = 317;
    public const ushort Palette = 320;
    public const ushort TileWidth = 322;
    public const ushort TileHeight = 323;
    public const ushort TileOffsets = 324;
    public const ushort TileBytes = 325;
    public const ushort SubDirectories = 330;
    public const ushort InkSet = 332;
    public const ushort ExtraSamples = 338;
    public const ushort SampleFormat = 339;
    public const ushort JpegTables = 347;
    public const ushort Subsampling = 530;
    public const ushort Positioning = 531;
    public const ushort ReferenceBlackWhite = 532;
    public const ushort DngVersion = 50706;

    public const uint PaletteColours = 3;
#pragma warning restore CS1591
}
