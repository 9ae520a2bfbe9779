namespace Worker.Imaging.Containers;

/// <summary>The structure of an image file, parsed by managed code before any native decoder runs.</summary>
/// <param name="Format">The container.</param>
/// <param name="Width">Pixels in a stored row; for an animation, of the canvas.</param>
/// <param name="Height">Stored rows; for an animation, of the canvas.</param>
internal readonly record struct ImageInfo(ImageFormat Format, int Width, int Height)
{
    /// <summary>Samples in a decoded pixel, alpha included.</summary>
    public int Bands { get; init; } = 3;

    /// <summary>Bytes in a decoded sample.</summary>
    public int SampleBytes { get; init; } = 1;

    /// <summary>The part of the canvas that the decoded frame covers.</summary>
    public FrameArea Frame { get; init; } = new(0, 0, Width, Height);

    /// <summary>PNG: rows are stored in seven passes.</summary>
    public bool IsInterlaced { get; init; }

    /// <summary>WebP: whether the pixels or their alpha use lossless compression.</summary>
    public bool IsLossless { get; init; }

    /// <summary>WebP: bytes of the lossless part.</summary>
    public long LosslessBytes { get; init; }

    /// <summary>JPEG: whether entropy coding is arithmetic rather than Huffman.</summary>
    public bool IsArithmetic { get; init; }

    /// <summary>JPEG: chroma is sampled less often than luma (4:2:0, 4:2:2).</summary>
    public bool HasReducedChroma { get; init; }

    /// <summary>
    /// JPEG: whether the decoder holds all coefficients until the last scan (progressive, or one scan a component).
    /// </summary>
    public bool HoldsCoefficients { get; init; }

    /// <summary>JPEG: scans that the decoder gets.</summary>
    public int Scans { get; init; } = 1;

    /// <summary>JPEG: blocks of 8 × 8 coefficients, of all components.</summary>
    public long Blocks { get; init; }

    /// <summary>JPEG: blocks that the decoder visits, summed over all scans.</summary>
    public long BlockVisits { get; init; }

    /// <summary>Segments, chunks or blocks that the decoder gets.</summary>
    public int Segments { get; init; }

    /// <summary>Bytes that the decoder gets.</summary>
    public long CompressedBytes { get; init; }

    /// <summary>TIFF: bytes of a decoded strip or row of tiles.</summary>
    public long HeldBytes { get; init; }

    /// <summary>AVIF: pixels to decode, of all coded images.</summary>
    public long CodedPixels { get; init; }

    /// <summary>TIFF: the number of leading bands to show; 0 for all.</summary>
    public int ShownBands { get; init; }

    /// <summary>The first EXIF block in the original file; empty if there is none.</summary>
    public Range Exif { get; init; } = 0..0;

    /// <summary>The first XMP packet in the original file; for PNG, its text chunk from the type on.</summary>
    public Range Xmp { get; init; } = 0..0;

    /// <summary>PNG: the first text chunk with EXIF in the original file, from the type on.</summary>
    public Range ExifText { get; init; } = 0..0;

    /// <summary>Pixels of the canvas.</summary>
    public long Pixels => (long)Width * Height;

    /// <summary>Bytes of all decoded pixels.</summary>
    public long DecodedBytes => Pixels * Bands * SampleBytes;
}

/// <summary>A rectangle within a canvas, in pixels.</summary>
internal readonly record struct FrameArea(int Left, int Top, int Width, int Height);
