namespace Worker.Imaging;

/// <summary>The supported formats; all others are refused before any decoder runs.</summary>
public enum ImageFormat
{
    /// <summary>Baseline and progressive, grey, YCbCr, RGB, CMYK and YCCK.</summary>
    Jpeg,

    /// <summary>Every colour type and depth.</summary>
    Png,

    /// <summary>Lossy and lossless; the first frame of an animation.</summary>
    WebP,

    /// <summary>The first frame.</summary>
    Gif,

    /// <summary>Uncompressed and run-length, 1 to 32 bits a pixel.</summary>
    Bmp,

    /// <summary>The first page.</summary>
    Tiff,

    /// <summary>The primary image.</summary>
    Avif,
}
