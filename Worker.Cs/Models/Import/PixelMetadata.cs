using Worker.Models.Onnx;

namespace Worker.Models.Import;

/// <summary>
/// Reads the metadata on pixels that Windows ML defined and Azure Custom Vision writes. Its classic models have none,
/// and are known by their outputs: <c>classLabel</c>, and <c>loss</c> from a ZipMap.
/// </summary>
internal static class PixelMetadata
{
    /// <summary>Returns null if the model has neither.</summary>
    public static Outcome<ToolManifest>? Read(OnnxGraph graph, ModelManifest bare)
    {
        var isCustomVision = graph.Outputs.Any(output => output.Name == "classLabel")
            && graph.Outputs.Any(output => output.Name == "loss");
        var format = graph.Metadata.GetValueOrDefault("Image.BitmapPixelFormat");
        if (format is null && !isCustomVision)
        {
            return null;
        }

        var range = graph.Metadata.GetValueOrDefault("Image.NominalPixelRange") ?? "NominalRange_0_255";
        InputChannels? channels = (format ?? "Bgr8") switch
        {
            "Gray8" => InputChannels.Grey,
            "Rgb8" or "Rgba8" => InputChannels.Rgb,
            "Bgr8" or "Bgra8" => InputChannels.Bgr,
            _ => null,
        };
        var preset = range switch
        {
            "NominalRange_0_255" => "none",
            "Normalized_0_1" => "zero-one",
            "Normalized_1_1" => "keras-tf",
            _ => null,
        };
        if (channels is null || preset is null)
        {
            return new Outcome<ToolManifest>.Failed(
                $"its metadata has the pixel format {format} and the range {range}, which can't be served");
        }

        var tool = isCustomVision
            ? "Azure Custom Vision: the outputs classLabel and loss"
            : "Windows ML: the metadata Image.*";
        var assumption = format is null
            ? "blue, green, red, 0 to 255, and the centre of the picture, as its classic models have it"
            : "the centre of the picture";
        return new Outcome<ToolManifest>.Ok(new ToolManifest(
            tool,
            bare with { Input = new InputSpec(Channels: channels), Normalise = new NormaliseSpec(preset) },
            [assumption]));
    }
}
