using System.Globalization;
using Worker.Imaging.Containers;

namespace Worker.Imaging;

/// <summary>Compares an image's size and its estimated cost with the limits.</summary>
internal static class CheckDecodeCost
{
    // Encoders write up to about 20; each is a pass over the whole image.
    private const int MaxScans = 100;

    /// <summary>Returns null for an image that may be decoded.</summary>
    public static ImageRefusal? Check(in ImageInfo info, in DecodeCost cost, ImagingLimits limits)
    {
        var size = $"{info.Width} x {info.Height} pixels";
        if (info.Pixels > limits.MaxPixels || Math.Max(info.Width, info.Height) > limits.MaxSide)
        {
            return TooLarge($"{size}; the limit is {limits.MaxPixels} pixels and {limits.MaxSide} per side");
        }

        var maxBytes = limits.MaxPixels * Resampling.Channels;
        if (info.DecodedBytes > maxBytes)
        {
            var samples = $"{info.Bands} samples of {8 * info.SampleBytes} bits";
            return TooLarge($"{size} with {samples}; the limit is {maxBytes} bytes of pixels");
        }

        if (cost.Bytes > limits.MaxHeld)
        {
            return TooLarge(
                $"decoding needs {cost.Bytes >> 20} MiB of memory; the limit is {limits.MaxHeld >> 20} MiB");
        }

        if (info.Scans > MaxScans)
        {
            return TooCostly($"{info.Scans} scans; the limit is {MaxScans}", "Save it as a baseline JPEG.");
        }

        var (seconds, most) = (cost.Time.TotalSeconds, limits.MaxTime.TotalSeconds);
        return cost.Time > limits.MaxTime
            ? TooCostly(
                $"decoding takes about {seconds:0.0} s of processor time; the limit is {most} s",
                "Make the image smaller, or save it as a baseline JPEG.")
            : null;
    }

    private static ImageRefusal TooLarge(FormattableString reason) =>
        new(RefusalReason.TooLarge, $"{reason.ToString(CultureInfo.InvariantCulture)}. Make the image smaller.");

    private static ImageRefusal TooCostly(FormattableString reason, string advice) =>
        new(RefusalReason.TooCostly, $"{reason.ToString(CultureInfo.InvariantCulture)}. {advice}");
}
