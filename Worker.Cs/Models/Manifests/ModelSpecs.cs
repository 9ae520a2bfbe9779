using System.Text.Json.Serialization;

namespace Worker.Models;

/// <summary>The input as a manifest describes it; null for what the graph or the preset says.</summary>
/// <param name="Name">The tensor's name; null for the only one.</param>
/// <param name="Type">The element type, which must be the graph's.</param>
/// <param name="Layout">The order of the dimensions.</param>
/// <param name="Channels">The order of the colours.</param>
/// <param name="Width">Columns, where the graph leaves them open.</param>
/// <param name="Height">Rows, where the graph leaves them open.</param>
public sealed record InputSpec(
    string? Name = null,
    InputType? Type = null,
    InputLayout? Layout = null,
    InputChannels? Channels = null,
    int? Width = null,
    int? Height = null);

/// <summary>An input's element type.</summary>
public enum InputType
{
    /// <summary>32-bit floats.</summary>
    [JsonStringEnumMemberName("float32")]
    FullPrecision,

    /// <summary>16-bit floats.</summary>
    [JsonStringEnumMemberName("float16")]
    HalfPrecision,

    /// <summary>Bytes: pixel values as they are.</summary>
    [JsonStringEnumMemberName("uint8")]
    Bytes,
}

/// <summary>The order of an input's dimensions.</summary>
public enum InputLayout
{
    /// <summary>A plane for each channel, as PyTorch and Caffe have it.</summary>
    [JsonStringEnumMemberName("nchw")]
    Nchw,

    /// <summary>Channels within each pixel, as TensorFlow has it.</summary>
    [JsonStringEnumMemberName("nhwc")]
    Nhwc,
}

/// <summary>The channels of an input.</summary>
public enum InputChannels
{
    /// <summary>Red, green, blue.</summary>
    [JsonStringEnumMemberName("rgb")]
    Rgb,

    /// <summary>Blue, green, red.</summary>
    [JsonStringEnumMemberName("bgr")]
    Bgr,

    /// <summary>Luma, 0.299 red + 0.587 green + 0.114 blue.</summary>
    [JsonStringEnumMemberName("grey")]
    Grey,
}

/// <summary>How a picture gets the input's size.</summary>
/// <param name="Mode">What happens to the aspect ratio.</param>
/// <param name="Size">
/// For shorter-side: the shorter side in pixels before the crop; null for the input's own size, or what the crop's
/// fraction makes of it.
/// </param>
/// <param name="Interpolation">The filter.</param>
/// <param name="Crop">
/// For shorter-side: the centre that is kept, in pixels, or as a fraction above 0 and up to 1 of the resized side.
/// </param>
/// <param name="Fill">For fit: the colour of the padding, red, green and blue, 0 … 255; null for black.</param>
public sealed record ResizeSpec(
    ResizeMethod Mode = ResizeMethod.ShorterSide,
    int? Size = null,
    Interpolation Interpolation = Interpolation.BilinearAntialias,
    double? Crop = null,
    IReadOnlyList<byte>? Fill = null);

/// <summary>The treatment of the aspect ratio by a resize.</summary>
public enum ResizeMethod
{
    /// <summary>Keeps it: resizes the shorter side and crops the centre.</summary>
    [JsonStringEnumMemberName("shorter-side")]
    ShorterSide,

    /// <summary>Resizes both sides to the input's size.</summary>
    [JsonStringEnumMemberName("stretch")]
    Stretch,

    /// <summary>Keeps it and the whole picture: pads the shorter side.</summary>
    [JsonStringEnumMemberName("fit")]
    Fit,
}

/// <summary>The filter of a resize.</summary>
public enum Interpolation
{
    /// <summary>Pillow's and torchvision's bilinear: a triangle as wide as the reduction.</summary>
    [JsonStringEnumMemberName("bilinear-antialias")]
    BilinearAntialias,

    /// <summary>OpenCV's and TensorFlow's bilinear: the two nearest pixels, whatever the reduction.</summary>
    [JsonStringEnumMemberName("bilinear")]
    Bilinear,

    /// <summary>Pillow's bicubic, as wide as the reduction.</summary>
    [JsonStringEnumMemberName("bicubic")]
    Bicubic,

    /// <summary>The pixel below the target pixel's centre.</summary>
    [JsonStringEnumMemberName("nearest")]
    Nearest,
}

/// <summary>
/// The input's value from a pixel's: (value × scale − mean) / std. What is given overrides the preset's.
/// </summary>
/// <param name="Preset">
/// The name of a common preset; null for <c>torchvision</c> if nothing else is given.
/// </param>
/// <param name="Scale">Applied to values 0 … 255.</param>
/// <param name="Mean">One value, or one for each channel in the input's order.</param>
/// <param name="Std">Likewise; above 0.</param>
public sealed record NormaliseSpec(
    string? Preset = null,
    double? Scale = null,
    IReadOnlyList<double>? Mean = null,
    IReadOnlyList<double>? Std = null);

/// <summary>The output as a manifest describes it; null for what the graph says.</summary>
/// <param name="Name">The tensor's name; null for the only one that fits.</param>
/// <param name="Kind">What its values are; null if the graph's end says it.</param>
/// <param name="LabelOffset">
/// Values before that of the first label, such as 1 for a background class; below 0, labels before that of the first
/// value.
/// </param>
public sealed record OutputSpec(string? Name = null, OutputKind? Kind = null, int LabelOffset = 0);

/// <summary>What an output's values are.</summary>
public enum OutputKind
{
    /// <summary>Logits, in any range; a softmax converts them to probabilities.</summary>
    [JsonStringEnumMemberName("logits")]
    Logits,

    /// <summary>Probabilities of classes that exclude each other; their sum is 1.</summary>
    [JsonStringEnumMemberName("probabilities")]
    Probabilities,

    /// <summary>Several labels at once, each with a probability of its own.</summary>
    [JsonStringEnumMemberName("sigmoid")]
    Sigmoid,
}
