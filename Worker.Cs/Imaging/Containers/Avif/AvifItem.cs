namespace Worker.Imaging.Containers;

/// <summary>
/// The locations of an AVIF file's items: <c>iloc = version flags sizes count *item</c>,
/// <c>item = id [method] reference base count *extent</c>, <c>extent = [index] offset length</c>.
/// </summary>
internal static class AvifItem
{
    /// <summary><c>av01</c>, an image coded as AV1.</summary>
    public const uint Coded = 0x61763031;

    /// <summary><c>grid</c>, an image composed of others.</summary>
    public const uint Grid = 0x67726964;

    private const int FullBoxHead = 4;

    /// <summary>
    /// Sums the pixels and frames of all coded items, from their own headers. <paramref name="inner"/> is the data of
    /// the <c>idat</c> box.
    /// </summary>
    public static ImageRefusal? Measure(
        ReadOnlySpan<byte> file,
        ReadOnlySpan<byte> inner,
        ReadOnlySpan<byte> locations,
        Dictionary<ulong, uint> types,
        out long pixels,
        out int frames)
    {
        (pixels, frames) = (0, 0);
        var version = IsoBoxes.Number(locations, 0, 1);
        var sizes = (int)IsoBoxes.Number(locations, FullBoxHead, 2);
        var (offsetSize, lengthSize, baseSize) = (sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15);
        var indexSize = version == 0 ? 0 : sizes & 15;
        var idSize = version < 2 ? 2 : 4;
        var count = IsoBoxes.Number(locations, FullBoxHead + 2, idSize);
        long at = FullBoxHead + 2 + idSize;
        for (var i = 0ul; i < count && at + idSize < locations.Length; i++)
        {
            var id = IsoBoxes.Number(locations, at, idSize);
            at += idSize;
            var method = version == 0 ? 0 : IsoBoxes.Number(locations, at, 2) & 15;
            at += (version == 0 ? 0 : 2) + 2;
            var start = IsoBoxes.Number(locations, at, baseSize);
            var extents = IsoBoxes.Number(locations, at + baseSize, 2);
            at += baseSize + 2;
            var first = at + indexSize;
            var offset = IsoBoxes.Number(locations, first, offsetSize);
            var length = IsoBoxes.Number(locations, first + offsetSize, lengthSize);
            at += (long)extents * (indexSize + offsetSize + lengthSize);
            if (!types.TryGetValue(id, out var type) || type != Coded)
            {
                continue;
            }

            if (extents != 1 || method > 1)
            {
                return ImageContainer.Unsupported("AVIF with an image in pieces", "save it as a PNG");
            }

            var source = method == 0 ? file : inner;
            start = unchecked(start + offset);
            if (start > (ulong)source.Length)
            {
                return ImageContainer.CutShort("the AVIF's image");
            }

            var rest = source[(int)start..];
            if (length > (ulong)rest.Length)
            {
                return ImageContainer.CutShort("the AVIF's image");
            }

            var measured = Av1Units.Measure(rest[..(length == 0 ? rest.Length : (int)length)]);
            pixels += measured.Pixels;
            frames += measured.Frames;
            // Count each item once, even if it is listed repeatedly.
            types[id] = 0;
        }

        return pixels > 0 ? null : ImageContainer.Damaged("the AVIF's image has no header");
    }
}
