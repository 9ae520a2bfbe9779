using System.Buffers.Binary;

namespace Worker.Imaging.Containers;

/// <summary>
/// Parses a WebP file: <c>webp = "RIFF" length "WEBP" *chunk</c>, <c>chunk = type length data [pad]</c>, lengths 4
/// bytes, little-endian. The first image is that of the file, or of its first <c>ANMF</c> chunk: <c>ANMF = left top
/// width height duration flags *chunk</c>.
/// </summary>
/// <remarks>
/// libwebp's demultiplexer takes quadratic time over an animation's frames. So the decoder gets one still image
/// without metadata.
/// </remarks>
internal ref struct WebPContainer
{
    private const int Head = 12;
    private const int ExtendedLength = 10;
    private const int FrameHead = 16;
    private const byte AlphaFlag = 0x10;

    private ReadOnlySpan<byte> alpha;
    private ReadOnlySpan<byte> image;
    private bool isLossless;
    private (int Width, int Height) canvas;
    private FrameArea frame;
    private Range exif;
    private Range xmp;

    /// <inheritdoc cref="ImageContainer.Read"/>
    public static ImageRefusal? Read(ReadOnlySpan<byte> file, ref NativeBuffer output, out ImageInfo info)
    {
        info = default;
        var reader = new WebPContainer { exif = 0..0, xmp = 0..0 };
        var declared = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + (long)WebPChunk.Head;
        if (reader.ReadChunks(file[..(int)Math.Min(declared, file.Length)]) is { } refusal)
        {
            return refusal;
        }

        if (reader.image.IsEmpty)
        {
            return declared > file.Length
                ? ImageContainer.CutShort("the WebP's chunks")
                : ImageContainer.Damaged("the WebP has no image");
        }

        if (!reader.TryMeasure(out var width, out var height, out var hasAlpha))
        {
            return ImageContainer.Damaged("the WebP's image has a malformed header");
        }

        reader.canvas = reader.canvas == default ? (width, height) : reader.canvas;
        var whole = new FrameArea(0, 0, reader.canvas.Width, reader.canvas.Height);
        reader.frame = reader.frame == default ? whole : reader.frame;
        if ((width, height) != (reader.frame.Width, reader.frame.Height))
        {
            return ImageContainer.Damaged("the WebP's image has another size than its frame");
        }

        reader.Write(ref output);
        info = reader.Describe(hasAlpha);
        return null;
    }

    private readonly ImageInfo Describe(bool hasAlpha) => new(ImageFormat.WebP, canvas.Width, canvas.Height)
    {
        Bands = hasAlpha ? 4 : 3,
        IsLossless = isLossless || IsAlphaLossless,
        LosslessBytes = isLossless ? image.Length : IsAlphaLossless ? alpha.Length : 0,
        Frame = frame,
        Segments = alpha.IsEmpty ? 1 : 2,
        Exif = exif,
        Xmp = xmp,
    };

    // The lowest two bits of the alpha's first byte are the compression method.
    private readonly bool IsAlphaLossless => !isLossless && !alpha.IsEmpty && (alpha[0] & 3) == 1;

    private ImageRefusal? ReadChunks(ReadOnlySpan<byte> file)
    {
        for (var at = Head; WebPChunk.TryRead(file, at, out var type, out var data, out var end); at = end)
        {
            if (type.SequenceEqual("VP8X"u8) && canvas == default && image.IsEmpty)
            {
                if (data.Length < ExtendedLength)
                {
                    return ImageContainer.Damaged("the WebP's header is too short");
                }

                canvas = (WebPChunk.ReadUInt24(data[4..]) + 1, WebPChunk.ReadUInt24(data[7..]) + 1);
            }
            else if (type.SequenceEqual("ANMF"u8) && image.IsEmpty)
            {
                if (ReadFrame(data) is { } refusal)
                {
                    return refusal;
                }
            }
            else if (type.SequenceEqual("EXIF"u8) && exif.Equals(0..0))
            {
                exif = (at + WebPChunk.Head)..(at + WebPChunk.Head + data.Length);
            }
            else if (type.SequenceEqual("XMP "u8) && xmp.Equals(0..0))
            {
                xmp = (at + WebPChunk.Head)..(at + WebPChunk.Head + data.Length);
            }
            else if (!TakeImage(type, data))
            {
                return ImageContainer.CutShort("the WebP's image");
            }
        }

        return null;
    }

    private ImageRefusal? ReadFrame(ReadOnlySpan<byte> data)
    {
        if (data.Length < FrameHead)
        {
            return ImageContainer.CutShort("a WebP frame");
        }

        var (left, top) = (2 * WebPChunk.ReadUInt24(data), 2 * WebPChunk.ReadUInt24(data[3..]));
        frame = new FrameArea(left, top, WebPChunk.ReadUInt24(data[6..]) + 1, WebPChunk.ReadUInt24(data[9..]) + 1);
        if (frame.Left + (long)frame.Width > canvas.Width || frame.Top + (long)frame.Height > canvas.Height)
        {
            return ImageContainer.Damaged("a WebP frame lies outside of the canvas");
        }

        alpha = default;
        for (var at = FrameHead;
            image.IsEmpty && WebPChunk.TryRead(data, at, out var type, out var inner, out var end);
            at = end)
        {
            if (!TakeImage(type, inner))
            {
                return ImageContainer.CutShort("a WebP frame");
            }
        }

        return image.IsEmpty ? ImageContainer.Damaged("a WebP frame has no image") : null;
    }

    /// <summary>Stores the first image and the alpha before it; false if one of them is truncated.</summary>
    private bool TakeImage(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        if (image.IsEmpty && alpha.IsEmpty && type.SequenceEqual("ALPH"u8))
        {
            alpha = data;
        }
        else if (image.IsEmpty && (type.SequenceEqual("VP8 "u8) || type.SequenceEqual("VP8L"u8)))
        {
            image = data;
            isLossless = type[3] == 'L';
            return !data.IsEmpty;
        }

        return true;
    }

    /// <summary>Reads the size from the header of a lossy key frame or a lossless image.</summary>
    private readonly bool TryMeasure(out int width, out int height, out bool hasAlpha)
    {
        (width, height, hasAlpha) = (0, 0, !alpha.IsEmpty);
        if (isLossless)
        {
            if (image.Length < 5 || image[0] != 0x2F)
            {
                return false;
            }

            var bits = BinaryPrimitives.ReadUInt32LittleEndian(image[1..]);
            (width, height) = ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);
            hasAlpha = (bits >> 28 & 1) != 0;
            return true;
        }

        if (image.Length < 10 || (image[0] & 1) != 0 || !image[3..].StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
        {
            return false;
        }

        width = BinaryPrimitives.ReadUInt16LittleEndian(image[6..]) & 0x3FFF;
        height = BinaryPrimitives.ReadUInt16LittleEndian(image[8..]) & 0x3FFF;
        return width > 0 && height > 0;
    }

    private readonly void Write(ref NativeBuffer output)
    {
        var hasAlpha = !isLossless && !alpha.IsEmpty;
        var length = 4 + WebPChunk.Length(image.Length) + (hasAlpha ? WebPChunk.Head + ExtendedLength + WebPChunk.Length(alpha.Length) : 0);
        WebPChunk.WriteHead(ref output, "RIFF"u8, length);
        output.Write("WEBP"u8);
        if (hasAlpha)
        {
            Span<byte> extended = stackalloc byte[ExtendedLength];
            extended.Clear();
            extended[0] = AlphaFlag;
            BinaryPrimitives.WriteUInt32LittleEndian(extended[4..], (uint)frame.Width - 1);
            BinaryPrimitives.WriteUInt16LittleEndian(extended[7..], (ushort)(frame.Height - 1));
            WebPChunk.Write(ref output, "VP8X"u8, extended);
            WebPChunk.Write(ref output, "ALPH"u8, alpha);
        }

        WebPChunk.Write(ref output, isLossless ? "VP8L"u8 : "VP8 "u8, image);
    }
}
