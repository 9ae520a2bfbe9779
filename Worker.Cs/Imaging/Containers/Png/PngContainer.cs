using System.Buffers.Binary;
using System.IO.Hashing;

namespace Worker.Imaging.Containers;

/// <summary>
/// Parses a PNG file: <c>png = signature *chunk</c>, <c>chunk = length type data crc</c>, the length and the checksum 4
/// bytes each, big-endian.
/// </summary>
/// <remarks>
/// libpng inflates every compressed text, up to 50 MB each, before the first row, and libvips converts every EXIF tag
/// to text. So the decoder gets only the critical chunks and the transparency, without empty IDAT chunks.
/// </remarks>
internal static class PngContainer
{
    private const int Signature = 8;
    private const int ChunkHead = 8;
    private const int Checksum = 4;
    private const int HeaderLength = 13;
    private const int Palette = 3;
    private const byte Ancillary = 0x20;

    /// <inheritdoc cref="ImageContainer.Read"/>
    public static ImageRefusal? Read(ReadOnlySpan<byte> file, ref NativeBuffer output, out ImageInfo info)
    {
        info = default;
        output.Write(file[..Signature]);
        var (segments, transparencyLength, hasTransparency) = (0, 0, false);
        var (exif, exifText, xmp) = (0..0, 0..0, 0..0);
        for (var at = Signature; at + ChunkHead <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            var type = file.Slice(at + sizeof(uint), sizeof(uint));
            var end = (int)Math.Min(file.Length, at + ChunkHead + (long)length + Checksum);
            var data = file[(at + ChunkHead)..(int)Math.Min(end, at + ChunkHead + (long)length)];
            if (info.Width == 0)
            {
                if (!type.SequenceEqual("IHDR"u8) || data.Length != HeaderLength)
                {
                    return ImageContainer.Damaged("the PNG does not begin with its header");
                }

                info = ReadHeader(data);
                if (info.Width <= 0 || info.Height <= 0 || info.Bands == 0)
                {
                    return ImageContainer.Damaged("the PNG's header is malformed");
                }

                transparencyLength = data[9] switch { 0 => 2, 2 => 6, _ => 0 };
            }

            var isTransparency = type.SequenceEqual("tRNS"u8);
            if (type.SequenceEqual("eXIf"u8) && exif.Equals(0..0))
            {
                exif = (at + ChunkHead)..(at + ChunkHead + data.Length);
            }
            else if (exifText.Equals(0..0) && PngText.Is(type, data, PngText.ExifKeyword))
            {
                exifText = (at + sizeof(uint))..(at + ChunkHead + data.Length);
            }
            else if (xmp.Equals(0..0) && PngText.Is(type, data, PngText.XmpKeyword))
            {
                xmp = (at + sizeof(uint))..(at + ChunkHead + data.Length);
            }
            else if (type.SequenceEqual("PLTE"u8) && transparencyLength == 0)
            {
                transparencyLength = data.Length / 3;
            }

            if (isTransparency && data.Length > transparencyLength && transparencyLength > 0)
            {
                // libpng ignores a transparency chunk that is too long.
                hasTransparency = true;
                segments++;
                WriteChunk(type, data[..transparencyLength], ref output);
            }
            else if (isTransparency || ((type[0] & Ancillary) == 0 && (length > 0 || !type.SequenceEqual("IDAT"u8))))
            {
                hasTransparency |= isTransparency;
                segments++;
                output.Write(file[at..end]);
            }

            at = type.SequenceEqual("IEND"u8) ? file.Length : end;
        }

        if (info.Width == 0)
        {
            return ImageContainer.CutShort("the PNG's header");
        }

        info = info with
        {
            Bands = info.Bands + (hasTransparency && info.Bands is 1 or 3 ? 1 : 0),
            Segments = segments,
            Exif = exif,
            ExifText = exifText,
            Xmp = xmp,
        };
        return null;
    }

    private static void WriteChunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data, ref NativeBuffer output)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        output.Write(number);
        output.Write(type);
        output.Write(data);
        var checksum = new Crc32();
        checksum.Append(type);
        checksum.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        output.Write(number);
    }

    /// <summary>
    /// Reads width, height, bits a sample, colour type, compression, filter, interlacing; no bands if it is malformed.
    /// </summary>
    private static ImageInfo ReadHeader(ReadOnlySpan<byte> header)
    {
        var (bits, colourType) = (header[8], header[9]);
        var bands = (colourType, bits) switch
        {
            (0, 1 or 2 or 4 or 8 or 16) => 1,
            (2, 8 or 16) => 3,
            (Palette, 1 or 2 or 4 or 8) => 3,
            (4, 8 or 16) => 2,
            (6, 8 or 16) => 4,
            _ => 0,
        };
        var width = BinaryPrimitives.ReadInt32BigEndian(header);
        var height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        return new ImageInfo(ImageFormat.Png, width, height)
        {
            Bands = bands,
            SampleBytes = bits == 16 ? 2 : 1,
            IsInterlaced = header[12] != 0,
        };
    }
}
