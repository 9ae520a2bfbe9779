namespace Worker.Imaging.Containers;

/// <summary>The structure of an image file, read by managed code before any native decoder gets a byte of it.</summary>
/// <param name="Format">The container.</param>
/// <param name="Width">Pixels in a stored row, of the canvas for an animation.</param>
/// <param name="Height">Stored rows, of the canvas for an animation.</param>
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

    /// <summary>WebP: the pixels or their alpha are compressed without loss.</summary>
    public bool IsLossless { get; init; }

    /// <summary>WebP: bytes of the part that is compressed without loss.</summary>
    public long LosslessBytes { get; init; }

    /// <summary>JPEG: entropy coding is arithmetic, not Huffman.</summary>
    public bool IsArithmetic { get; init; }

    /// <summary>JPEG: chroma is sampled less often than luma (4:2:0, 4:2:2).</summary>
    public bool HasReducedChroma { get; init; }

    /// <summary>JPEG: the decoder holds every coefficient until the last scan (progressive, or one scan a component).</summary>
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

    /// <summary>AVIF: pixels that are decoded, of all coded images.</summary>
    public long CodedPixels { get; init; }

    /// <summary>TIFF: the first bands that are shown; 0 for all.</summary>
    public int ShownBands { get; init; }

    /// <summary>Where the first EXIF block lies in the original file; empty where there is none.</summary>
    public Range Exif { get; init; } = 0..0;

    /// <summary>Where the first XMP packet lies in the original file; of a PNG the chunk of the text, from its type on.</summary>
    public Range Xmp { get; init; } = 0..0;

    /// <summary>PNG: where the first text that holds EXIF lies in the original file, from the chunk's type on.</summary>
    public Range ExifText { get; init; } = 0..0;

    /// <summary>Pixels of the canvas.</summary>
    public long Pixels => (long)Width * Height;

    /// <summary>Bytes of all decoded pixels.</summary>
    public long DecodedBytes => Pixels * Bands * SampleBytes;
}

/// <summary>A rectangle within a canvas, in pixels.</summary>
internal readonly record struct FrameArea(int Left, int Top, int Width, int Height);
