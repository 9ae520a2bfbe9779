using System.Globalization;
using System.Text.RegularExpressions;
using Worker.Models.Onnx;

namespace Worker.Models.Import;

/// <summary>Reads the metadata that Ultralytics writes into its ONNX files.</summary>
internal static partial class Ultralytics
{
    /// <summary>Returns null if the model has no such metadata.</summary>
    public static Outcome<ToolManifest>? Read(OnnxGraph graph, ModelManifest bare)
    {
        var metadata = graph.Metadata;
        if (!metadata.ContainsKey("names") || !metadata.TryGetValue("imgsz", out var size))
        {
            return null;
        }

        if (metadata.TryGetValue("task", out var task) && task != "classify")
        {
            return new Outcome<ToolManifest>.Failed($"the model's task is {task}: only classify is served");
        }

        int[] sides = [.. Whole().Matches(size).Select(match => int.Parse(match.Value, CultureInfo.InvariantCulture))];
        if (sides is not [var height, .. var rest])
        {
            return new Outcome<ToolManifest>.Failed($"its metadata imgsz is '{size}': no size");
        }

        var width = rest is [var given, ..] ? given : height;
        return new Outcome<ToolManifest>.Ok(new ToolManifest(
            "Ultralytics: the metadata names and imgsz",
            bare with
            {
                Input = new InputSpec(Channels: InputChannels.Rgb, Width: width, Height: height),
                // Its classify_transforms: the shorter side to the input's size, and the centre.
                Resize = new ResizeSpec(Size: Math.Max(width, height)),
                Normalise = new NormaliseSpec("zero-one"),
            },
            []));
    }

    [GeneratedRegex(@"\d{1,5}")]
    private static partial Regex Whole();
}
