namespace Worker.Imaging.Containers;

/// <summary>Repairs damaged files whose first image has all its pixels.</summary>
internal static class ImageRepair
{
    /// <summary>
    /// Replaces <paramref name="file"/>, the output of <see cref="ImageContainer"/>, by a rebuilt one. Returns a
    /// refusal if pixels are missing or the result exceeds <paramref name="maxBytes"/>. If
    /// <paramref name="isStrict"/>, decoder warnings are errors.
    /// </summary>
    public static ImageRefusal? Write(in ImageInfo info, long maxBytes, ref NativeBuffer file, out bool isStrict)
    {
        isStrict = false;
        var isPng = info.Format == ImageFormat.Png;
        var length = isPng ? PngRepair.Length(file.Written) : file.Count + ImageContainer.Growth;
        if ((!isPng && info.Format != ImageFormat.Jpeg) || length > Math.Min(maxBytes, int.MaxValue))
        {
            return Incomplete;
        }

        var output = new NativeBuffer((int)length);
        try
        {
            var isWhole = isPng
                ? PngRepair.TryWrite(file.Written, ref output)
                : JpegRepair.TryWrite(file.Written, ref output, out isStrict);
            if (!isWhole)
            {
                return Incomplete;
            }

            var original = file;
            file = output;
            output = original;
            return null;
        }
        finally
        {
            output.Dispose();
        }
    }

    private static ImageRefusal Incomplete => ImageContainer.Damaged("pixels are missing");
}
