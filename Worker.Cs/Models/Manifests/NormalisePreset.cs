namespace Worker.Models;

/// <summary>A common normalization, named after its framework.</summary>
/// <param name="Name">Its name in a manifest.</param>
/// <param name="Channels">The order of the colours that goes with it.</param>
/// <param name="Scale">Applied to values 0 … 255.</param>
/// <param name="Mean">Subtracted then, for each channel in that order, or one for all.</param>
/// <param name="Std">The divisor then, likewise.</param>
public sealed record NormalisePreset(string Name, InputChannels Channels, double Scale, double[] Mean, double[] Std)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<NormalisePreset> All { get; } =
    [
        new("torchvision", InputChannels.Rgb, 1 / 255.0, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        new("caffe", InputChannels.Bgr, 1, [104, 117, 123], [1]),
        new("keras-tf", InputChannels.Rgb, 1 / 127.5, [1], [1]),
        new("keras-caffe", InputChannels.Bgr, 1, [103.939, 116.779, 123.68], [1]),
        new("zero-one", InputChannels.Rgb, 1 / 255.0, [0], [1]),
        new("none", InputChannels.Rgb, 1, [0], [1]),
    ];

    /// <summary>Returns the preset of a name, or null.</summary>
    public static NormalisePreset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);

    /// <summary>
    /// Returns the preset that a manifest names; without one, <c>none</c> if it gives values itself, or else
    /// <c>torchvision</c>.
    /// </summary>
    public static NormalisePreset Of(NormaliseSpec spec) =>
        Find(spec.Preset ?? (spec is { Scale: null, Mean: null, Std: null } ? "torchvision" : "none"))!;
}
