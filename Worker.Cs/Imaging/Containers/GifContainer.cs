using System.Buffers.Binary;

namespace Worker.Imaging.Containers;

/// <summary>
/// Parses a GIF file up to the end of its first frame: <c>gif = signature screen [colours] *extension frame</c>,
/// <c>extension = 0x21 label blocks</c>, <c>frame = 0x2C area [colours] codesize blocks</c>,
/// <c>blocks = *(1*255 bytes) 0</c>, a length byte before each.
/// </summary>
/// <remarks>
/// libnsgif scans every frame before it decodes the first. So the decoder gets only the first frame and its graphic
/// control extension.
/// </remarks>
internal static class GifContainer
{
    private const int Screen = 13;
    private const int Descriptor = 10;
    private const byte Extension = 0x21;
    private const byte Image = 0x2C;
    private const byte Trailer = 0x3B;
    private const byte GraphicControl = 0xF9;

    /// <inheritdoc cref="ImageContainer.Read"/>
    public static ImageRefusal? Read(ReadOnlySpan<byte> file, ref NativeBuffer output, out ImageInfo info)
    {
        info = default;
        var at = file.Length < Screen ? Screen : Screen + Colours(file[10]);
        if (at > file.Length)
        {
            return ImageContainer.CutShort("the GIF's header");
        }

        var headerEnd = at;
        var control = 0..0;
        while (at + 2 <= file.Length && file[at] == Extension)
        {
            _ = TryFindBlocksEnd(file, at + 2, out var end);
            control = file[at + 1] == GraphicControl ? at..end : control;
            at = end;
        }

        if (at + Descriptor > file.Length)
        {
            return ImageContainer.CutShort("the GIF's blocks");
        }

        if (file[at] != Image)
        {
            var problem = file[at] == Trailer ? "the GIF has no frame" : "the GIF has an unknown block";
            return ImageContainer.Damaged(problem);
        }

        info = Describe(file, file[(at + 1)..]);
        if (info.Frame.Width == 0 || info.Frame.Height == 0)
        {
            return ImageContainer.Damaged("the GIF has no pixels");
        }

        // The decoder gets a canvas of the frame's size.
        output.Write(file[..6]);
        output.Write(file.Slice(at + 5, 4));
        output.Write(file[10..headerEnd]);
        output.Write(file[control]);
        output.Write([Image, 0, 0, 0, 0]);
        output.Write(file.Slice(at + 5, Descriptor - 5));
        var data = Math.Min(file.Length, at + Descriptor + Colours(file[at + Descriptor - 1]));
        output.Write(file[(at + Descriptor)..data]);
        if (TryFindBlocksEnd(file, data + 1, out var frameEnd))
        {
            output.Write(file[data..frameEnd]);
            output.Write([Trailer]);
            return null;
        }

        if (!GifCodes.HasPixels(file[data..], (long)info.Frame.Width * info.Frame.Height))
        {
            return ImageContainer.CutShort("the GIF's first frame");
        }

        WriteCutBlocks(file[data..], ref output);
        return null;
    }

    /// <summary>Writes truncated blocks and terminates the last one.</summary>
    private static void WriteCutBlocks(ReadOnlySpan<byte> data, ref NativeBuffer output)
    {
        var at = 1;
        while (at < data.Length && at + 1 + data[at] <= data.Length)
        {
            at += 1 + data[at];
        }

        output.Write(data[..at]);
        if (at + 1 < data.Length)
        {
            output.Write([(byte)(data.Length - at - 1)]);
            output.Write(data[(at + 1)..]);
        }

        output.Write([0, Trailer]);
    }

    /// <summary>Describes the image; like libnsgif, a frame that exceeds the canvas enlarges it.</summary>
    private static ImageInfo Describe(ReadOnlySpan<byte> file, ReadOnlySpan<byte> area)
    {
        var frame = new FrameArea(Number(area, 0), Number(area, 2), Number(area, 4), Number(area, 6));
        return new(
            ImageFormat.Gif,
            Math.Max(Number(file, 6), frame.Left + frame.Width),
            Math.Max(Number(file, 8), frame.Top + frame.Height))
        {
            Bands = 4,
            Segments = 1,
            Frame = frame,
        };
    }

    /// <summary>Returns the bytes of a colour table, from its flags.</summary>
    private static int Colours(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    /// <summary>Skips blocks; false if the file ends before the block of length 0.</summary>
    private static bool TryFindBlocksEnd(ReadOnlySpan<byte> file, int at, out int end)
    {
        while (at < file.Length && file[at] > 0)
        {
            at += file[at] + 1;
        }

        end = Math.Min(at + 1, file.Length);
        return at < file.Length;
    }

    private static int Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
}
