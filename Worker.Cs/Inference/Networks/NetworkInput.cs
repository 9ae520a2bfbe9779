using Worker.Imaging;
using Worker.Models;
using Worker.Models.Onnx;

namespace Worker.Inference;

/// <summary>The input of a network, on which the graph and the manifest agree.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Layout">The order of its dimensions.</param>
/// <param name="Channels">The order of its channels.</param>
/// <param name="Preprocessing">The steps from an image to the planes that fill it.</param>
internal sealed record NetworkInput(
    string Name, InputType Type, InputLayout Layout, InputChannels Channels, Preprocessing Preprocessing)
{
    /// <summary>Channels: 1 or 3.</summary>
    public int ChannelCount => Channels == InputChannels.Grey ? 1 : 3;

    /// <summary>The shape, of one image.</summary>
    public long[] Shape => Layout == InputLayout.Nchw
        ? [1, ChannelCount, Preprocessing.Height, Preprocessing.Width]
        : [1, Preprocessing.Height, Preprocessing.Width, ChannelCount];

    /// <summary>The number of elements.</summary>
    public int Length => ChannelCount * Preprocessing.Width * Preprocessing.Height;

    /// <summary>Whether the preprocessor's planes can be used as the input without conversion.</summary>
    public bool IsPlanes => this is
    {
        Type: InputType.FullPrecision, Layout: InputLayout.Nchw, Channels: InputChannels.Rgb,
    };

    /// <summary>
    /// Finds the input of a graph; fails if there is none for images, or the manifest contradicts it.
    /// </summary>
    public static Outcome<NetworkInput> Of(ModelManifest manifest, OnnxGraph graph)
    {
        var spec = manifest.Input;
        var names = string.Join("; ", graph.Inputs);
        if (spec.Name is { } name && graph.Inputs.All(input => input.Name != name))
        {
            return Fail(
                $"there is no input '{name}'. The graph has {names}: write one of them as input.name, or leave it out");
        }

        if (graph.Inputs is not [var tensor])
        {
            return Fail(
                $"the graph has {graph.Inputs.Count} inputs ({names}): "
                + "only networks with one input, the picture, are served");
        }

        InputType? type = tensor.ElementType switch
        {
            ElementType.Float => InputType.FullPrecision,
            ElementType.Float16 => InputType.HalfPrecision,
            ElementType.UInt8 => InputType.Bytes,
            _ => null,
        };
        if (type is null)
        {
            return Fail($"the input is {tensor}: only float32, float16 and uint8 are served");
        }

        if (spec.Type is { } declared && declared != type)
        {
            return Fail(
                $"input.type is {ManifestText.Of(declared)}, and the graph has {tensor}: "
                + $"write {ManifestText.Of(type.Value)}, or leave it out");
        }

        if (tensor.Shape is not null and not [_, _, _, _])
        {
            return Fail($"the input {tensor} is not an image: only [N,C,H,W] and [N,H,W,C] are supported");
        }

        if (tensor.Shape is [> 1 and var batch, ..])
        {
            return Fail(
                $"the input {tensor} fixes a batch of {batch}: export the model with a batch of 1, or an open one");
        }

        return Arranged(manifest, tensor, type.Value);
    }

    private static Outcome<NetworkInput> Arranged(ModelManifest manifest, TensorInfo tensor, InputType type)
    {
        var sizes = tensor.Shape ?? [null, null, null, null];
        var layout = manifest.Input.Layout
            ?? (sizes[1] is not (1 or 3) && sizes[3] is 1 or 3 ? InputLayout.Nhwc : InputLayout.Nchw);
        var isPlanar = layout == InputLayout.Nchw;
        var count = isPlanar ? sizes[1] : sizes[3];
        if (count is not (null or 1 or 3))
        {
            return Fail(manifest.Input.Layout is null
                ? $"the input {tensor} has {count} channels: only 1 (grey) and 3 (colours) are served"
                : $"input.layout is {ManifestText.Of(layout)}, and the graph has {tensor}: "
                    + $"write {(isPlanar ? "nhwc" : "nchw")}, or leave it out");
        }

        var channels = manifest.Input.Channels
            ?? (count == 1 ? InputChannels.Grey : NormalisePreset.Of(manifest.Normalise).Channels);
        if (count is { } given && given != (channels == InputChannels.Grey ? 1 : 3))
        {
            return Fail(
                $"input.channels is {ManifestText.Of(channels)}, and the graph has {tensor}: "
                + $"write {(given == 1 ? "grey" : "rgb or bgr")}");
        }

        var (height, width) = isPlanar ? (sizes[2], sizes[3]) : (sizes[1], sizes[2]);
        return InputPreprocessing.Of(manifest, (int?)width, (int?)height, channels).Try(out var steps, out var reason)
            ? new Outcome<NetworkInput>.Ok(new NetworkInput(tensor.Name, type, layout, channels, steps))
            : Fail($"{reason} (the graph has {tensor})");
    }

    private static Outcome<NetworkInput>.Failed Fail(string reason) => new(reason);
}
