namespace Worker.Imaging.Containers;

/// <summary>Rewrites a damaged file in which no pixel of the first image is missing.</summary>
internal static class ImageRepair
{
    /// <summary>
    /// Returns the file, made from what <see cref="ImageContainer"/> wrote, or null where pixels are missing or more than
    /// <paramref name="maxBytes"/> were needed. Where <paramref name="isStrict"/>, the decoder must not warn.
    /// </summary>
    public static VipsBlob? Write(in ImageInfo info, ReadOnlySpan<byte> file, long maxBytes, out bool isStrict)
    {
        isStrict = false;
        var isPng = info.Format == ImageFormat.Png;
        var length = isPng ? PngRepair.Length(file) : file.Length + ImageContainer.Growth;
        if ((!isPng && info.Format != ImageFormat.Jpeg) || length > Math.Min(maxBytes, int.MaxValue))
        {
            return null;
        }

        var output = new BlobWriter((int)length);
        try
        {
            var isWhole = isPng ? PngRepair.TryWrite(file, ref output) : JpegRepair.TryWrite(file, ref output, out isStrict);
            return isWhole ? output.ToBlob() : null;
        }
        finally
        {
            output.Dispose();
        }
    }
}
