namespace Worker.Imaging.Containers;

/// <summary>
/// Parses an AVIF file: <c>avif = ftyp *box</c>. The <c>meta</c> box lists the items (<c>iinf</c>), their locations
/// (<c>iloc</c>), their properties (<c>iprp</c>) and the primary image (<c>pitm</c>).
/// </summary>
/// <remarks>
/// The decoder allocates the size in each coded image's own sequence header, whatever the container announces. It gets
/// only the still image: other boxes are renamed <c>free</c>.
/// </remarks>
internal static class AvifContainer
{
    private const int MaxItems = 1024;
    private const int MaxFrames = 4;
    private const int FullBoxHead = 4;

    /// <inheritdoc cref="ImageContainer.Read"/>
    public static ImageRefusal? Read(ReadOnlySpan<byte> file, ref NativeBuffer output, out ImageInfo info)
    {
        info = default;
        var meta = default(ReadOnlySpan<byte>);
        var boxes = new IsoBoxes(file);
        for (var start = 0; boxes.TryRead(out var type, out var data); start = boxes.Position)
        {
            var isMeta = type.SequenceEqual("meta"u8) && meta.IsEmpty;
            meta = isMeta ? data : meta;
            output.Write(file.Slice(start, 4));
            output.Write(isMeta || type.SequenceEqual("ftyp"u8) || type.SequenceEqual("mdat"u8) ? type : "free"u8);
            output.Write(file[(start + 8)..boxes.Position]);
        }

        return meta.Length < FullBoxHead
            ? ImageContainer.CutShort("the AVIF's description")
            : ReadMeta(file, meta[FullBoxHead..], out info);
    }

    private static ImageRefusal? ReadMeta(ReadOnlySpan<byte> file, ReadOnlySpan<byte> meta, out ImageInfo info)
    {
        info = default;
        ReadOnlySpan<byte> locations = default, inner = default;
        AvifProperties properties = default;
        var (types, primary) = (new Dictionary<ulong, uint>(), 0ul);
        var boxes = new IsoBoxes(meta);
        while (boxes.TryRead(out var type, out var box))
        {
            var isFirstVersion = IsoBoxes.Number(box, 0, 1) == 0;
            switch (type)
            {
                case [(byte)'p', (byte)'i', (byte)'t', (byte)'m']:
                    primary = IsoBoxes.Number(box, FullBoxHead, isFirstVersion ? 2 : 4);
                    break;
                case [(byte)'i', (byte)'l', (byte)'o', (byte)'c']:
                    locations = box;
                    break;
                case [(byte)'i', (byte)'d', (byte)'a', (byte)'t']:
                    inner = box;
                    break;
                case [(byte)'i', (byte)'p', (byte)'r', (byte)'p']:
                    properties = AvifProperties.Read(box);
                    break;
                case [(byte)'i', (byte)'i', (byte)'n', (byte)'f']:
                    ReadTypes(box[Math.Min(box.Length, FullBoxHead + (isFirstVersion ? 2 : 4))..], types);
                    break;
            }
        }

        var (width, height) = properties.SizeOf(primary);
        if (types.Count > MaxItems || properties.IsTooMany)
        {
            return ImageContainer.Damaged($"the AVIF has more than {MaxItems} items");
        }

        if (!types.TryGetValue(primary, out var kind) || width == 0 || height == 0)
        {
            return ImageContainer.Damaged("the AVIF has no image");
        }

        if (kind is not (AvifItem.Coded or AvifItem.Grid))
        {
            return ImageContainer.Unsupported("AVIF with an image that is not coded as AV1", "save it as a PNG");
        }

        var refusal = AvifItem.Measure(file, inner, locations, types, out var pixels, out var frames);
        info = new ImageInfo(ImageFormat.Avif, (int)Math.Min(width, int.MaxValue), (int)Math.Min(height, int.MaxValue))
        {
            Bands = 4,
            SampleBytes = properties.IsDeep ? 2 : 1,
            CodedPixels = Math.Max(pixels, properties.ConfiguredPixels),
        };
        return refusal ?? (frames > MaxFrames * types.Count
            ? ImageContainer.Damaged("the AVIF's image has too many frames")
            : null);
    }

    /// <summary>Reads the type of each item.</summary>
    private static void ReadTypes(ReadOnlySpan<byte> entries, Dictionary<ulong, uint> types)
    {
        var boxes = new IsoBoxes(entries);
        while (types.Count <= MaxItems && boxes.TryRead(out _, out var entry))
        {
            var size = IsoBoxes.Number(entry, 0, 1) < 3 ? 2 : 4;
            types[IsoBoxes.Number(entry, FullBoxHead, size)] = (uint)IsoBoxes.Number(entry, FullBoxHead + size + 2, 4);
        }
    }
}
