namespace Worker.Imaging.Containers;

/// <summary>Repairs damaged files whose first image has all its pixels.</summary>
internal static class ImageRepair
{
    /// <summary>
    /// Returns the file, rebuilt from the output of <see cref="ImageContainer"/>, or null if pixels are missing or the
    /// result exceeds <paramref name="maxBytes"/>. If <paramref name="isStrict"/>, decoder warnings are errors.
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
