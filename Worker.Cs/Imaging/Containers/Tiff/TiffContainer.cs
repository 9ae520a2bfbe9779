namespace Worker.Imaging.Containers;

/// <summary>
/// Reads the first page's directory of a TIFF file: <c>tiff = order 42 offset</c> and, at the offset,
/// <c>count *entry next</c>, <c>entry = tag type count value</c>.
/// </summary>
/// <remarks>
/// libtiff follows the chain of pages and every other pointer of a directory. So the decoder gets the file with a new
/// directory appended, which holds only what the pixels need and has no successor.
/// </remarks>
internal ref struct TiffContainer
{
    private const int Header = 8;
    private const int MaxParts = 1 << 20;

    private static ReadOnlySpan<ushort> Kept =>
    [
        TiffTag.Width, TiffTag.Height, TiffTag.Bits, TiffTag.Compression, TiffTag.Photometric, TiffTag.FillOrder,
        TiffTag.StripOffsets, TiffTag.Samples, TiffTag.RowsPerStrip, TiffTag.StripBytes, TiffTag.Planar,
        TiffTag.Group3, TiffTag.Group4, TiffTag.Predictor, TiffTag.Palette, TiffTag.TileWidth, TiffTag.TileHeight,
        TiffTag.TileOffsets, TiffTag.TileBytes, TiffTag.InkSet, TiffTag.ExtraSamples, TiffTag.SampleFormat,
        TiffTag.JpegTables, TiffTag.Subsampling, TiffTag.Positioning, TiffTag.ReferenceBlackWhite,
    ];

    private TiffDirectory page;

    /// <inheritdoc cref="ImageContainer.Read"/>
    public static ImageRefusal? Read(ReadOnlySpan<byte> file, ref NativeBuffer output, out ImageInfo info)
    {
        info = default;
        if (!TiffDirectory.TryRead(file, out var page))
        {
            return ImageContainer.CutShort("the TIFF's first directory");
        }

        var reader = new TiffContainer { page = page };
        if (reader.Check() is { } refusal)
        {
            return refusal;
        }

        info = reader.Describe();
        page.Write(Kept, ref output);
        return null;
    }

    private readonly ImageInfo Describe()
    {
        var (bits, samples) = (page.Number(TiffTag.Bits, 1), page.Number(TiffTag.Samples, 1));
        var photometric = page.Number(TiffTag.Photometric, 0);
        var isUnspecified = page.Contains(TiffTag.ExtraSamples) && page.Number(TiffTag.ExtraSamples, 0) == 0;
        return new ImageInfo(ImageFormat.Tiff, (int)page.Number(TiffTag.Width, 0), (int)page.Number(TiffTag.Height, 0))
        {
            Bands = (int)(photometric == TiffTag.PaletteColours ? 3 : samples),
            SampleBytes = bits > 8 ? 2 : 1,
            HeldBytes = PartBytes(),
            ShownBands = isUnspecified ? (int)Colours(photometric) : 0,
            Segments = (int)Math.Min(MaxParts, Parts()),
            Exif = 0..page.FileLength,
        };
    }

    private readonly ImageRefusal? Check()
    {
        var (width, height) = (page.Number(TiffTag.Width, 0), page.Number(TiffTag.Height, 0));
        var (bits, samples) = (page.Number(TiffTag.Bits, 1), page.Number(TiffTag.Samples, 1));
        var compression = page.Number(TiffTag.Compression, 1);
        var photometric = page.Number(TiffTag.Photometric, 0);
        var isThumbnail = page.Contains(TiffTag.SubDirectories) && page.Number(TiffTag.SubfileType, 0) == 1;
        return width is 0 or > int.MaxValue || height is 0 or > int.MaxValue
                ? ImageContainer.Damaged("the TIFF has no size")
            : page.Contains(TiffTag.DngVersion) || isThumbnail
                ? ImageContainer.Unsupported("camera raw", "export it as a JPEG")
            : compression is not (1 or 2 or 3 or 4 or 5 or 7 or 8 or 32773 or 32946)
                ? ImageContainer.Unsupported(
                    $"TIFF with compression {compression}", "save it without compression, or as a PNG")
            : page.Number(TiffTag.SampleFormat, 1) != 1 || !page.IsUniform(TiffTag.Bits)
                ? ImageContainer.Unsupported(
                    "TIFF with samples that are not whole numbers", "save it with 8 bits a sample")
            : photometric is not (<= 3 or 5 or 6)
                ? ImageContainer.Unsupported($"TIFF with photometric interpretation {photometric}", "save it as RGB")
            : photometric == 6 && compression != 7
                ? ImageContainer.Unsupported("TIFF with YCbCr samples", "save it as RGB")
            : bits is not (1 or 2 or 4 or 8 or 16) || (bits < 8 && samples > 1)
                ? ImageContainer.Unsupported($"TIFF with {bits} bits a sample", "save it with 8 bits a sample")
            : (photometric == 5 && bits != 8) || (photometric == TiffTag.PaletteColours && samples != 1)
                ? ImageContainer.Unsupported("TIFF with such colours", "save it as RGB with 8 bits a sample")
            : samples is 0 or > 5 || samples < Colours(photometric)
                ? ImageContainer.Unsupported($"TIFF with {samples} samples a pixel", "save it as RGB")
            : Parts() > MaxParts || Parts() > page.Count(PartOffsets)
                ? ImageContainer.Damaged("the TIFF has no place for each of its strips")
            : page.Sum(PartLengths) > 2L * page.FileLength
                ? ImageContainer.Damaged("the TIFF's strips overlap")
            : null;
    }

    private readonly bool IsTiled => page.Contains(TiffTag.TileWidth);

    private readonly ushort PartLengths => IsTiled ? TiffTag.TileBytes : TiffTag.StripBytes;

    private readonly ushort PartOffsets => IsTiled ? TiffTag.TileOffsets : TiffTag.StripOffsets;

    private static uint Colours(uint photometric) => photometric switch { 2 or 6 => 3, 5 => 4, _ => 1 };

    private readonly (long Width, long Height) PartSize()
    {
        if (IsTiled)
        {
            return (Math.Max(1, page.Number(TiffTag.TileWidth, 0)), Math.Max(1, page.Number(TiffTag.TileHeight, 0)));
        }

        var rows = page.Number(TiffTag.RowsPerStrip, uint.MaxValue);
        return (page.Number(TiffTag.Width, 0), Math.Clamp(rows, 1, page.Number(TiffTag.Height, 0)));
    }

    /// <summary>Returns the number of strips or tiles, of every plane if samples have separate planes.</summary>
    private readonly long Parts()
    {
        var (width, height) = PartSize();
        var planes = page.Number(TiffTag.Planar, 1) == 2 ? page.Number(TiffTag.Samples, 1) : 1;
        var across = (page.Number(TiffTag.Width, 0) + width - 1) / width;
        var down = (page.Number(TiffTag.Height, 0) + height - 1) / height;
        return across * down * planes;
    }

    /// <summary>Returns the bytes of a decoded strip, or of a row of tiles and one tile.</summary>
    private readonly long PartBytes()
    {
        var (width, height) = PartSize();
        var pixel = page.Number(TiffTag.Samples, 1) * (page.Number(TiffTag.Bits, 1) > 8 ? 2L : 1);
        var across = page.Contains(TiffTag.TileWidth) ? page.Number(TiffTag.Width, 0) + (2 * width) : width;
        // The product of two 32-bit sides and the bytes of a pixel can overflow 64 bits.
        return (long)Math.Min((double)across * height * pixel, long.MaxValue / 4);
    }
}
