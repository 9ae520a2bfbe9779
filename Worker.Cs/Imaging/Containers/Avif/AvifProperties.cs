namespace Worker.Imaging.Containers;

/// <summary>
/// The properties of an AVIF file's items: <c>iprp = ipco *ipma</c>; <c>ipco</c> lists the properties, <c>ipma</c>
/// assigns them to items by an index from 1.
/// </summary>
internal readonly ref struct AvifProperties
{
    private const int FullBoxHead = 4;
    private const int MaxProperties = 4096;

    private readonly ReadOnlySpan<byte> associations;
    private readonly List<(uint Width, uint Height, bool IsRotated)> properties;

    private AvifProperties(ReadOnlySpan<byte> associations, List<(uint Width, uint Height, bool IsRotated)> properties)
    {
        this.associations = associations;
        this.properties = properties;
    }

    /// <summary>Whether there are more properties than any encoder writes.</summary>
    public bool IsTooMany => properties is { Count: > MaxProperties };

    /// <summary>Whether a coded image has more than 8 bits a sample.</summary>
    public bool IsDeep { get; private init; }

    /// <summary>Pixels in the sequence headers within the properties.</summary>
    public long ConfiguredPixels { get; private init; }

    /// <summary>Reads the box.</summary>
    public static AvifProperties Read(ReadOnlySpan<byte> box)
    {
        ReadOnlySpan<byte> associations = default;
        var (isDeep, pixels) = (false, 0L);
        var properties = new List<(uint Width, uint Height, bool IsRotated)>();
        var boxes = new IsoBoxes(box);
        while (boxes.TryRead(out var type, out var data))
        {
            if (type.SequenceEqual("ipma"u8) && associations.IsEmpty)
            {
                associations = data;
            }

            var inner = new IsoBoxes(type.SequenceEqual("ipco"u8) ? data : default);
            while (properties.Count <= MaxProperties && inner.TryRead(out var kind, out var property))
            {
                properties.Add((
                    kind.SequenceEqual("ispe"u8) ? (uint)IsoBoxes.Number(property, FullBoxHead, 4) : 0,
                    kind.SequenceEqual("ispe"u8) ? (uint)IsoBoxes.Number(property, FullBoxHead + 4, 4) : 0,
                    kind.SequenceEqual("irot"u8) && (IsoBoxes.Number(property, 0, 1) & 1) == 1));
                if (kind.SequenceEqual("av1C"u8) && property.Length >= 4)
                {
                    isDeep |= (property[2] & 0x40) != 0;
                    pixels += Av1Units.Measure(property[4..]).Pixels;
                }
            }
        }

        return new AvifProperties(associations, properties) { IsDeep = isDeep, ConfiguredPixels = pixels };
    }

    /// <summary>Returns the displayed size of an item, after rotation; zeros if it has none.</summary>
    public (uint Width, uint Height) SizeOf(ulong item)
    {
        var (version, flags) = (IsoBoxes.Number(associations, 0, 1), IsoBoxes.Number(associations, 3, 1));
        var (idSize, indexSize) = (version == 0 ? 2 : 4, (flags & 1) == 0 ? 1 : 2);
        var count = IsoBoxes.Number(associations, FullBoxHead, 4);
        var at = FullBoxHead + 4;
        for (var i = 0ul; i < count && at + idSize < associations.Length; i++)
        {
            var id = IsoBoxes.Number(associations, at, idSize);
            var links = (int)IsoBoxes.Number(associations, at + idSize, 1);
            at += idSize + 1;
            if (id == item)
            {
                return SizeAt(at, links, indexSize);
            }

            at += links * indexSize;
        }

        return default;
    }

    private (uint Width, uint Height) SizeAt(int at, int links, int indexSize)
    {
        var (width, height, isRotated) = (0u, 0u, false);
        for (var i = 0; i < links; i++)
        {
            var mask = indexSize == 1 ? 0x7F : 0x7FFF;
            var index = (int)IsoBoxes.Number(associations, at + (i * indexSize), indexSize) & mask;
            if (index > 0 && index <= properties.Count)
            {
                var property = properties[index - 1];
                (width, height) = property.Width > 0 ? (property.Width, property.Height) : (width, height);
                isRotated |= property.IsRotated;
            }
        }

        return isRotated ? (height, width) : (width, height);
    }
}
