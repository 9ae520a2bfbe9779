using System.Text.Json;
using static Worker.Models.Import.ToolJson;

namespace Worker.Models.Import;

/// <summary>
/// Reads the <c>config.json</c> that timm writes, by <c>save_for_hf</c> and on the Hugging Face hub, whose
/// <c>pretrained_cfg</c> is the preprocessing of timm's evaluation transforms.
/// </summary>
internal static class Timm
{
    private const double StandardCrop = 0.875;

    private static readonly double[] ImageNetMean = [0.485, 0.456, 0.406];
    private static readonly double[] ImageNetStd = [0.229, 0.224, 0.225];

    /// <summary>Returns null if there is no such file in the folder.</summary>
    public static Outcome<ToolManifest>? Read(string folder, ModelManifest bare)
    {
        var path = Path.Combine(folder, "config.json");
        return !File.Exists(path) ? null : ToolJson.Read(path, "is not of timm's form", config =>
            !config.TryGetProperty("pretrained_cfg", out var steps) ? null
            : Read(config, steps, bare).Try(out var manifest, out var reason) ? new Outcome<ToolManifest>.Ok(manifest)
            : Fail($"{path}: {reason}"));
    }

    private static Outcome<ToolManifest> Read(JsonElement config, JsonElement steps, ModelManifest bare)
    {
        if ((Numbers(steps, "input_size") ?? [3, 224, 224]) is not [var channels, var height, var width])
        {
            return Fail("input_size is not [channels, height, width]");
        }

        Interpolation? filter = Text(steps, "interpolation") switch
        {
            "bilinear" => Interpolation.BilinearAntialias,
            "bicubic" or null => Interpolation.Bicubic,
            "nearest" => Interpolation.Nearest,
            _ => null,
        };
        if (filter is null)
        {
            return Fail("interpolation is neither bilinear, bicubic nor nearest");
        }

        var crop = Number(steps, "crop_pct") ?? StandardCrop;
        ResizeSpec? resize = (Text(steps, "crop_mode") ?? "center", crop) switch
        {
            // timm rounds the resized side down.
            ("center", _) => new ResizeSpec(
                Size: (int)(Math.Min(width, height) / crop),
                Interpolation: filter.Value,
                Crop: Math.Min(width, height)),
            ("squash", 1) => new ResizeSpec(ResizeMethod.Stretch, Interpolation: filter.Value),
            ("border", 1) => new ResizeSpec(ResizeMethod.Fit, Interpolation: filter.Value),
            _ => null,
        };
        return resize is null
            ? Fail(
                $"crop_mode {Text(steps, "crop_mode")} with crop_pct {crop} can't be served: "
                + "only center can, and squash and border with 1")
            : new Outcome<ToolManifest>.Ok(new ToolManifest(
                "timm: config.json",
                bare with
                {
                    Labels = Texts(config, "label_names"),
                    Input = new InputSpec(
                        Channels: channels == 1 ? InputChannels.Grey : InputChannels.Rgb,
                        Width: (int)width,
                        Height: (int)height),
                    Resize = resize,
                    Normalise = new NormaliseSpec(
                        null, 1 / 255.0, Numbers(steps, "mean") ?? ImageNetMean, Numbers(steps, "std") ?? ImageNetStd),
                },
                []));
    }

    private static Outcome<ToolManifest>.Failed Fail(string reason) => new(reason);
}
