using Worker.Imaging;
using Worker.Models;

namespace Worker.Inference;

/// <summary>Turns a manifest's resize and normalization into the steps for an input of a known size.</summary>
internal static class InputPreprocessing
{
    /// <summary>
    /// Returns the steps. <paramref name="width"/> and <paramref name="height"/> are the graph's, null if it leaves
    /// them open.
    /// </summary>
    public static Outcome<Preprocessing> Of(ModelManifest manifest, int? width, int? height, InputChannels channels)
    {
        var (input, resize) = (manifest.Input, manifest.Resize);
        if ((Contradiction("width", input.Width, width) ?? Contradiction("height", input.Height, height)) is { } error)
        {
            return Fail(error);
        }

        int? crop = resize.Crop > 1 ? (int)resize.Crop : null;
        var otherwise = crop ?? (resize.Crop is null ? resize.Size : null);
        if ((width ?? input.Width ?? otherwise) is not { } across
            || (height ?? input.Height ?? otherwise) is not { } down)
        {
            return Fail("the graph leaves the input's size open: write input.width and input.height");
        }

        if (crop is not null && (crop != across || crop != down))
        {
            return Fail(
                $"resize.crop is {crop}, and the input {across} × {down}: "
                + "the crop is the input's size, write that or a fraction");
        }

        var longer = Math.Max(across, down);
        var size = resize.Size ?? (int)(longer / (resize.Crop is > 0 and <= 1 and var part ? part : 1));
        if (resize.Mode == ResizeMethod.ShorterSide && size < longer)
        {
            return Fail($"resize.size is {size}, smaller than the input's {across} × {down}: write {longer} or more");
        }

        return Normalisation(manifest.Normalise, channels).Try(out var normalise, out var reason)
            ? new Outcome<Preprocessing>.Ok(new Preprocessing(
                across,
                down,
                resize.Mode,
                size,
                resize.Interpolation,
                normalise.Mean,
                normalise.Std,
                resize.Fill ?? [0, 0, 0]))
            : Fail(reason);
    }

    /// <summary>
    /// Returns mean and standard deviation of red, green and blue, for pixel values scaled to 0 … 1, whatever scale and
    /// order the manifest has.
    /// </summary>
    private static Outcome<Normalise> Normalisation(NormaliseSpec spec, InputChannels channels)
    {
        var preset = NormalisePreset.Of(spec);
        var scale = (spec.Scale ?? preset.Scale) * 255;
        // 1/255 has no exact binary form, and a manifest rounds it further.
        scale = Math.Abs(scale - 1) < 1e-6 ? 1 : scale;
        var mean = Colours(spec.Mean, preset.Mean);
        var std = Colours(spec.Std, preset.Std);
        if (channels == InputChannels.Grey && (mean.Distinct().Count() > 1 || std.Distinct().Count() > 1))
        {
            return new Outcome<Normalise>.Failed(
                $"the input has one channel, and normalise ({spec.Preset ?? preset.Name}) three values: "
                + "write one number for mean and std, or the preset zero-one, keras-tf or none");
        }

        return new Outcome<Normalise>.Ok(new Normalise(
            Array.ConvertAll(mean, value => (float)(value / scale)),
            Array.ConvertAll(std, value => (float)(value / scale))));

        double[] Colours(IReadOnlyList<double>? given, double[] otherwise)
        {
            var values = given ?? otherwise;
            var order = given is null ? preset.Channels : channels;
            return values.Count == 1 ? [values[0], values[0], values[0]]
                : order == InputChannels.Bgr ? [values[2], values[1], values[0]]
                : [values[0], values[1], values[2]];
        }
    }

    private static string? Contradiction(string what, int? declared, int? found) =>
        declared is { } one && found is { } other && one != other
            ? $"input.{what} is {one}, and the graph's {other}: write that, or leave it out"
            : null;

    private static Outcome<Preprocessing>.Failed Fail(string reason) => new(reason);

    private sealed record Normalise(float[] Mean, float[] Std);
}
