using System.Globalization;
using System.Text.Json;
using static Worker.Models.Import.ToolJson;

namespace Worker.Models.Import;

/// <summary>Reads the files that Hugging Face's Transformers and Optimum write beside a model.</summary>
internal static class HuggingFace
{
    // ConvNeXt's rule: from this size on, the picture is not cropped.
    private const int LeastUncropped = 384;

    /// <summary>Returns null if there is no <c>config.json</c> of theirs in the folder or the one above.</summary>
    public static Outcome<ToolManifest>? Read(string folder, ModelManifest bare)
    {
        var places = Path.GetFileName(folder) == "onnx" ? [folder, Path.GetDirectoryName(folder)!] : new[] { folder };
        if (places.Select(place => Path.Combine(place, "config.json")).FirstOrDefault(File.Exists) is not { } path)
        {
            return null;
        }

        return ToolJson.Read(
            path, "or preprocessor_config.json is not of Hugging Face's form", config => Read(path, config, bare));
    }

    private static Outcome<ToolManifest>? Read(string path, JsonElement config, ModelManifest bare)
    {
        if (!config.TryGetProperty("id2label", out var labels))
        {
            return null;
        }

        if (config.TryGetProperty("architectures", out var types) && !types.EnumerateArray().Any(IsClassifier))
        {
            return Fail($"{path}: the architecture is {types}: only image classifiers are served");
        }

        OutputKind? kind = Text(config, "problem_type") == "multi_label_classification" ? OutputKind.Sigmoid : null;
        var manifest = bare with { Labels = Labels(labels), Output = new OutputSpec(Kind: kind) };
        var steps = Path.Combine(Path.GetDirectoryName(path)!, "preprocessor_config.json");
        if (!File.Exists(steps))
        {
            string[] assumptions = ["without preprocessor_config.json, the preprocessing of torchvision"];
            return new Outcome<ToolManifest>.Ok(new("Hugging Face: config.json", manifest, assumptions));
        }

        using var document = JsonDocument.Parse(File.ReadAllBytes(steps));
        var preprocessor = document.RootElement;
        return Resize(preprocessor).Try(out var resize, out var reason)
            ? new Outcome<ToolManifest>.Ok(new(
                "Hugging Face: config.json, preprocessor_config.json",
                manifest with
                {
                    Input = Input(preprocessor),
                    Resize = resize,
                    Normalise = Normalise(preprocessor),
                },
                []))
            : Fail($"{steps}: {reason}");
    }

    private static bool IsClassifier(JsonElement type) =>
        Text(type).EndsWith("ForImageClassification", StringComparison.Ordinal);

    private static string[] Labels(JsonElement labels)
    {
        var named = new Dictionary<int, string>();
        foreach (var entry in labels.EnumerateObject())
        {
            if (!named.TryAdd(Index(entry.Name), Text(entry.Value)))
            {
                throw new FormatException($"id2label has the number {entry.Name} twice");
            }
        }

        return
        [
            .. Enumerable.Range(0, named.Count).Select(index => named.TryGetValue(index, out var name)
                ? name
                : throw new FormatException($"id2label has {named.Count} classes and none with the number {index}")),
        ];
    }

    private static int Index(string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index
            : throw new FormatException($"id2label has '{number}', which is not the number of a class");

    private static InputSpec Input(JsonElement steps)
    {
        var width = Side(steps, "crop_size", "width") ?? Side(steps, "size", "width");
        var height = Side(steps, "crop_size", "height") ?? Side(steps, "size", "height");
        var channels = Is(steps, "do_flip_channel_order", false) ? InputChannels.Bgr : InputChannels.Rgb;
        return new InputSpec(Channels: channels, Width: width, Height: height);
    }

    private static Outcome<ResizeSpec> Resize(JsonElement steps)
    {
        Interpolation? interpolation = (Number(steps, "resample") ?? 2) switch
        {
            0 => Interpolation.Nearest,
            2 => Interpolation.BilinearAntialias,
            3 => Interpolation.Bicubic,
            _ => null,
        };
        if (interpolation is not { } filter)
        {
            return new Outcome<ResizeSpec>.Failed("resample is neither 0 (nearest), 2 (bilinear) nor 3 (bicubic)");
        }

        var part = Number(steps, "crop_pct");
        var crops = Is(steps, "do_center_crop", false);
        var number = crops || part is not null ? Number(steps, "size") : null;
        var shorter = Side(steps, "size", "shortest_edge") ?? number;
        if (!Is(steps, "do_resize", true) || shorter is null)
        {
            return crops && Side(steps, "crop_size", "height") != Side(steps, "size", "height")
                ? new Outcome<ResizeSpec>.Failed("it stretches the picture and then crops it, which can't be served")
                : new Outcome<ResizeSpec>.Ok(new(ResizeMethod.Stretch, Interpolation: filter));
        }

        var edge = (int)shorter;
        var crop = crops ? Side(steps, "crop_size", "height") : null;
        return new Outcome<ResizeSpec>.Ok(
            part is null ? new(Size: edge, Interpolation: filter, Crop: crop)
            : edge >= LeastUncropped ? new(ResizeMethod.Stretch, Interpolation: filter)
            : new(Size: (int)(edge / part), Interpolation: filter, Crop: edge));
    }

    private static NormaliseSpec Normalise(JsonElement steps)
    {
        var scale = Is(steps, "do_rescale", true) ? Number(steps, "rescale_factor") ?? (1 / 255.0) : 1;
        if (!Is(steps, "do_normalize", true))
        {
            return new(null, scale);
        }

        var mean = Numbers(steps, "image_mean") ?? [0.485, 0.456, 0.406];
        return new(null, scale, mean, Numbers(steps, "image_std") ?? [0.229, 0.224, 0.225]);
    }

    private static bool Is(JsonElement steps, string name, bool otherwise) =>
        steps.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : otherwise;

    /// <summary>Returns a side of a size, which older versions write as one number.</summary>
    private static int? Side(JsonElement steps, string name, string side) =>
        !steps.TryGetProperty(name, out var size) ? null
        : size.ValueKind == JsonValueKind.Object ? (int?)Number(size, side)
        : size.ValueKind == JsonValueKind.Number && side != "shortest_edge" ? size.GetInt32()
        : null;

    private static Outcome<ToolManifest>.Failed Fail(string reason) => new(reason);
}
