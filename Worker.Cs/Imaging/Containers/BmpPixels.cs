using System.Buffers.Binary;
using System.Numerics;

namespace Worker.Imaging.Containers;

/// <summary>Decodes the pixels of a BMP file to RGB or RGBA, the top row first.</summary>
internal static class BmpPixels
{
    /// <summary>
    /// Fills <paramref name="target"/>, of <c>Width × Height × Bands</c> bytes. Returns null if every pixel is present;
    /// the padding of the last row may be missing.
    /// </summary>
    public static ImageRefusal? Decode(ReadOnlySpan<byte> file, in BmpHeader header, Span<byte> target)
    {
        var rows = file[header.Pixels..];
        if (header.IsRunLength)
        {
            return DecodeRuns(file, header, target);
        }

        if ((header.Stride * (header.Height - 1)) + header.RowBytes > rows.Length)
        {
            return ImageContainer.CutShort("the BMP's pixels");
        }

        Span<byte> palette = stackalloc byte[3 * 256];
        ReadPalette(file, header, palette);
        for (var y = 0; y < header.Height; y++)
        {
            var row = rows.Slice((int)(y * header.Stride), (int)header.RowBytes);
            var shown = Row(target, header, y);
            if (header.Bits <= 8)
            {
                DecodeIndices(row, header.Bits, palette, shown);
            }
            else if (header.Bits == 24)
            {
                Reverse(row, shown);
            }
            else
            {
                DecodeMasked(row, header, shown);
            }
        }

        return null;
    }

    private static Span<byte> Row(Span<byte> target, in BmpHeader header, int y)
    {
        var length = header.Width * header.Bands;
        return target.Slice((header.IsTopDown ? y : header.Height - 1 - y) * length, length);
    }

    /// <summary>Reads the palette and converts BGR to RGB; entries that are missing from the file are black.</summary>
    private static void ReadPalette(ReadOnlySpan<byte> file, in BmpHeader header, Span<byte> palette)
    {
        palette.Clear();
        var (start, count, size) = header.Palette;
        for (var i = 0; i < Math.Min(count, 256) && start + (size * (i + 1)) <= file.Length; i++)
        {
            var entry = file.Slice(start + (size * i), 3);
            (palette[3 * i], palette[(3 * i) + 1], palette[(3 * i) + 2]) = (entry[2], entry[1], entry[0]);
        }
    }

    private static void DecodeIndices(ReadOnlySpan<byte> row, int bits, ReadOnlySpan<byte> palette, Span<byte> shown)
    {
        var (mask, perByte) = ((1 << bits) - 1, 8 / bits);
        for (var x = 0; x < shown.Length / 3; x++)
        {
            var index = row[x / perByte] >> (8 - (bits * ((x % perByte) + 1))) & mask;
            palette.Slice(3 * index, 3).CopyTo(shown[(3 * x)..]);
        }
    }

    private static void Reverse(ReadOnlySpan<byte> row, Span<byte> shown)
    {
        for (var x = 0; x + 2 < shown.Length; x += 3)
        {
            (shown[x], shown[x + 1], shown[x + 2]) = (row[x + 2], row[x + 1], row[x]);
        }
    }

    private static void DecodeMasked(ReadOnlySpan<byte> row, in BmpHeader header, Span<byte> shown)
    {
        var (masks, bands) = (header.Masks, header.Bands);
        for (var x = 0; x < header.Width; x++)
        {
            var pixel = header.Bits == 16
                ? BinaryPrimitives.ReadUInt16LittleEndian(row[(2 * x)..])
                : BinaryPrimitives.ReadUInt32LittleEndian(row[(4 * x)..]);
            var target = shown.Slice(bands * x, bands);
            target[0] = Sample(pixel, masks.Red);
            target[1] = Sample(pixel, masks.Green);
            target[2] = Sample(pixel, masks.Blue);
            if (bands == 4)
            {
                target[3] = Sample(pixel, masks.Alpha);
            }
        }
    }

    /// <summary>Scales the bits of one sample to 0 … 255, truncated as Pillow does.</summary>
    private static byte Sample(uint pixel, uint mask)
    {
        var shift = BitOperations.TrailingZeroCount(mask);
        return mask == 0 ? (byte)0 : (byte)((ulong)((pixel & mask) >> shift) * 255 / (mask >> shift));
    }

    /// <summary>
    /// Decodes runs: <c>count index</c>; <c>0 count indices</c>, padded to an even length, for a count from 3 on; <c>0
    /// 0</c> ends a row, <c>0 1</c> the image, <c>0 2 right up</c> moves. Pixels outside all runs have index 0.
    /// </summary>
    private static ImageRefusal? DecodeRuns(ReadOnlySpan<byte> file, in BmpHeader header, Span<byte> target)
    {
        Span<byte> palette = stackalloc byte[3 * 256];
        ReadPalette(file, header, palette);
        for (var i = 0; i < target.Length; i += 3)
        {
            palette[..3].CopyTo(target[i..]);
        }

        var (x, y, at) = (0, 0, header.Pixels);
        while (y < header.Height && (y < header.Height - 1 || x < header.Width))
        {
            if (at + 2 > file.Length)
            {
                return ImageContainer.CutShort("the BMP's pixels");
            }

            var (count, code) = (file[at], file[at + 1]);
            at += 2;
            if (count > 0)
            {
                x = Fill(target, header, palette, x, y, count, file.Slice(at - 1, 1), isRun: true);
            }
            else if (code == 0)
            {
                (x, y) = (0, y + 1);
            }
            else if (code == 1)
            {
                return null;
            }
            else if (code == 2)
            {
                if (at + 2 > file.Length)
                {
                    return ImageContainer.CutShort("the BMP's pixels");
                }

                (x, y) = (x + file[at], y + file[at + 1]);
                at += 2;
            }
            else
            {
                var length = header.Bits == 8 ? code : (code + 1) / 2;
                if (at + length > file.Length)
                {
                    return ImageContainer.CutShort("the BMP's pixels");
                }

                x = Fill(target, header, palette, x, y, code, file.Slice(at, length), isRun: false);
                at += (length + 1) & ~1;
            }
        }

        return null;
    }

    private static int Fill(
        Span<byte> target,
        in BmpHeader header,
        ReadOnlySpan<byte> palette,
        int x,
        int y,
        int count,
        ReadOnlySpan<byte> indices,
        bool isRun)
    {
        var row = Row(target, header, y);
        for (var i = 0; i < count && x < header.Width; i++, x++)
        {
            var index = header.Bits == 8 ? indices[isRun ? 0 : i]
                : (i & 1) == 0 ? indices[isRun ? 0 : i / 2] >> 4
                : indices[isRun ? 0 : i / 2] & 15;
            palette.Slice(3 * index, 3).CopyTo(row[(3 * x)..]);
        }

        return x;
    }
}
