using System.Buffers.Binary;

namespace Worker.Imaging.Containers;

/// <summary>
/// Parses a JPEG file: <c>jpeg = SOI *(segment / SOS entropy) EOI</c>, <c>segment = 1*0xFF marker length data</c>, the
/// length 2 bytes, big-endian, itself included. Like libjpeg, it skips other bytes between segments.
/// </summary>
/// <remarks>
/// libjpeg's list of saved APPn segments takes quadratic time, and libvips converts every EXIF tag to text. So the
/// decoder gets only the first JFIF and a few Adobe segments (the last counts), the tables, the frame and the scans.
/// </remarks>
internal ref struct JpegContainer
{
    private const int Start = 2;
    private const int MaxAdobe = 16;
    private readonly ReadOnlySpan<byte> file;
    private JpegFrame frame;
    private Range exif;
    private Range xmp;
    private bool hasJfif;
    private int adobes;
    private bool holdsCoefficients;
    private int at;
    private int scans;
    private int segments;
    private long visits;

    private static ReadOnlySpan<byte> XmpName => "http://ns.adobe.com/xap/1.0/\0"u8;

    private JpegContainer(ReadOnlySpan<byte> file)
    {
        this.file = file;
        at = Start;
        exif = xmp = 0..0;
    }

    /// <inheritdoc cref="ImageContainer.Read"/>
    public static ImageRefusal? Read(ReadOnlySpan<byte> file, ref NativeBuffer output, out ImageInfo info)
    {
        var reader = new JpegContainer(file);
        output.Write(file[..Start]);
        var refusal = reader.ReadSegments(ref output);
        info = refusal is null ? reader.Describe() : default;
        return refusal;
    }

    private readonly ImageInfo Describe() => new(ImageFormat.Jpeg, frame.Width, frame.Height)
    {
        Bands = frame.Components,
        IsArithmetic = frame.IsArithmetic,
        HasReducedChroma = frame.HasReducedChroma,
        HoldsCoefficients = holdsCoefficients,
        Scans = scans,
        Blocks = frame.Blocks,
        BlockVisits = visits,
        Segments = segments,
        Exif = exif,
        Xmp = xmp,
    };

    private ImageRefusal? ReadSegments(ref NativeBuffer output)
    {
        while (TryFindMarker(out var marker))
        {
            switch (marker)
            {
                case JpegMarker.EndOfImage when scans > 0:
                    output.Write([0xFF, JpegMarker.EndOfImage]);
                    return null;
                case JpegMarker.EndOfImage:
                    return ImageContainer.Damaged("the JPEG has no scan");
                case JpegMarker.StartOfImage:
                    return ImageContainer.Damaged("a second JPEG starts within the first");
                case JpegMarker.Temporary or (>= JpegMarker.FirstRestart and <= JpegMarker.LastRestart):
                    continue;
            }

            if (!TryReadData(marker, out var data))
            {
                return ImageContainer.CutShort("a JPEG segment");
            }

            if (marker == JpegMarker.StartOfScan)
            {
                if (ReadScan(data, ref output) is { } refusal)
                {
                    return refusal;
                }

                if (frame.IsSequential && scans == 1 && data[0] == frame.Components)
                {
                    // The image is decoded row by row; the decoder never reads past this scan.
                    output.Write(file[at..]);
                    return null;
                }

                holdsCoefficients = true;
                var end = FindScanEnd(file, at);
                output.Write(file[at..end]);
                at = end;
            }
            else if (ReadSegment(marker, data, ref output) is { } refusal)
            {
                return refusal;
            }
        }

        // libvips itself refuses a truncated file; a trailer of an animation or a camera is not needed.
        return scans > 0 ? null : ImageContainer.CutShort("the JPEG's header");
    }

    private ImageRefusal? ReadScan(ReadOnlySpan<byte> data, ref NativeBuffer output)
    {
        if (frame.Components == 0 || !frame.TryCountScan(data, out var blocks))
        {
            return ImageContainer.Damaged("a JPEG scan does not fit the frame");
        }

        scans++;
        visits += blocks;
        Keep(JpegMarker.StartOfScan, data, ref output);
        return null;
    }

    private ImageRefusal? ReadSegment(byte marker, ReadOnlySpan<byte> data, ref NativeBuffer output)
    {
        switch (marker)
        {
            case >= 0xC0 and <= 0xCF and not (JpegMarker.HuffmanTables or JpegMarker.ArithmeticConditioning):
                var refusal = frame.Components == 0
                    ? JpegFrame.Read(marker, data, out frame)
                    : ImageContainer.Damaged("the JPEG has two frames");
                Keep(marker, data, ref output);
                return refusal;
            case JpegMarker.HuffmanTables or JpegMarker.ArithmeticConditioning:
            case JpegMarker.QuantizationTables or JpegMarker.RestartInterval:
                Keep(marker, data, ref output);
                return null;
            case JpegMarker.App0 when scans == 0 && !hasJfif && data.Length >= 14 && data.StartsWith("JFIF\0"u8):
                hasJfif = true;
                Keep(marker, data, ref output);
                return null;
            case JpegMarker.App14 when scans == 0 && data.Length >= 12 && data.StartsWith("Adobe"u8):
                Keep(marker, data, ref output);
                return ++adobes > MaxAdobe
                    ? ImageContainer.Damaged($"the JPEG has more than {MaxAdobe} Adobe segments")
                    : null;
            case JpegMarker.App1 when exif.Equals(0..0) && scans == 0 && data.Length > 4 && data.StartsWith("Exif"u8):
                exif = (at - data.Length)..at;
                return null;
            case JpegMarker.App1 when xmp.Equals(0..0) && scans == 0 && data.StartsWith(XmpName):
                xmp = (at - data.Length)..at;
                return null;
            case var _ when IsSkipped(marker):
                return null;
            default:
                return ImageContainer.Damaged($"the JPEG has an unknown marker 0x{marker:X2}");
        }
    }

    private static bool IsSkipped(byte marker) =>
        marker is JpegMarker.NumberOfLines or JpegMarker.Comment or (>= JpegMarker.App0 and <= JpegMarker.App15);

    private bool TryFindMarker(out byte marker)
    {
        for (marker = 0; marker == 0;)
        {
            var skipped = file[at..].IndexOf((byte)0xFF);
            var fill = skipped < 0 ? -1 : file[(at + skipped)..].IndexOfAnyExcept((byte)0xFF);
            if (fill < 0)
            {
                at = file.Length;
                return false;
            }

            at += skipped + fill + 1;
            marker = file[at - 1];
        }

        return true;
    }

    /// <summary>Reads a segment's data. Like libjpeg, it accepts a length below 2 if the data is skipped.</summary>
    private bool TryReadData(byte marker, out ReadOnlySpan<byte> data)
    {
        data = default;
        var length = BinaryPrimitives.TryReadUInt16BigEndian(file[at..], out var read) ? read : -1;
        length = length >= 0 && IsSkipped(marker) ? Math.Max(length, sizeof(ushort)) : length;
        if (length < sizeof(ushort) || at + length > file.Length)
        {
            return false;
        }

        data = file.Slice(at + sizeof(ushort), length - sizeof(ushort));
        at += length;
        return true;
    }

    /// <summary>
    /// Returns the end of entropy-coded data: the next marker that is neither a restart nor a stuffed 0xFF.
    /// </summary>
    internal static int FindScanEnd(ReadOnlySpan<byte> file, int at)
    {
        while (file[at..].IndexOf((byte)0xFF) is var data and >= 0)
        {
            var fill = file[(at + data)..].IndexOfAnyExcept((byte)0xFF);
            if (fill < 0)
            {
                break;
            }

            if (file[at + data + fill] is not (0 or (>= JpegMarker.FirstRestart and <= JpegMarker.LastRestart)))
            {
                return at + data;
            }

            at += data + fill + 1;
        }

        return file.Length;
    }

    private void Keep(byte marker, ReadOnlySpan<byte> data, ref NativeBuffer output)
    {
        Span<byte> head = [0xFF, marker, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(data.Length + sizeof(ushort)));
        output.Write(head);
        output.Write(data);
        segments++;
    }
}
