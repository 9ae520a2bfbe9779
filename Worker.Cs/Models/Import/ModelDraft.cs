using System.Security.Cryptography;
using Worker.Models.Onnx;

namespace Worker.Models.Import;

/// <summary>A manifest derived from the files that a tool wrote in and beside a model.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Folder">The folder of the network's file.</param>
/// <param name="Graph">The network's graph.</param>
/// <param name="Tool">The tool whose files were read; null if the preprocessing is assumed.</param>
/// <param name="Assumptions">The values that no file specifies.</param>
internal sealed record ModelDraft(
    ModelManifest Manifest, string Folder, OnnxGraph Graph, string? Tool, IReadOnlyList<string> Assumptions)
{
    private const string LabelsFile = "labels.txt";
    private const int LeastCropped = 128;

    /// <summary>
    /// Reads an ONNX file, or a folder with one in it or in its subfolder <c>onnx</c>, whose manifest is taken if it
    /// has one; fails if there is no model, or its tool's files describe a model that can't be served.
    /// </summary>
    public static Outcome<ModelDraft> Of(string path, string? id = null)
    {
        try
        {
            return System.IO.File.Exists(Path.Combine(path, ModelCatalog.FileName))
                ? OfManifest(path)
                : OfTools(path, id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail($"{path}: {e.Message.TrimEnd('.')}");
        }
    }

    private static Outcome<ModelDraft> OfTools(string path, string? id)
    {
        if (!Network(path).Try(out var network, out var reason)
            || !OnnxGraph.Read(network).Try(out var graph, out reason))
        {
            return Fail(reason);
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(network))!;
        var name = id ?? Id(Directory.Exists(path)
            ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))
            : Path.GetFileNameWithoutExtension(path));
        var labels = Path.Combine(folder, LabelsFile);
        List<ModelFile> files =
        [
            File(FileRole.Network, network),
            .. graph.ExternalFiles
                .Select(file => Path.Combine(folder, Path.GetFileName(file)))
                .Where(System.IO.File.Exists)
                .Select(file => File(FileRole.Data, file)),
        ];
        var bare = new ModelManifest(name, name, "unknown", files);
        var derived = HuggingFace.Read(folder, bare)
            ?? Timm.Read(folder, bare)
            ?? Ultralytics.Read(graph, bare)
            ?? PixelMetadata.Read(graph, bare);
        if (derived is not null && !derived.Try(out _, out reason))
        {
            return Fail($"{path}: {reason}");
        }

        var found = (derived as Outcome<ToolManifest>.Ok)?.Value;
        var manifest = found?.Manifest ?? bare with { Resize = Usual(graph) };
        if (manifest.Labels is null && GraphEnd.Labels(graph) is null && System.IO.File.Exists(labels))
        {
            manifest = manifest with { Files = [.. files, File(FileRole.Labels, labels)] };
        }

        IReadOnlyList<string> assumptions = found?.Assumptions
            ?? ["the preprocessing of torchvision: the shorter side resized, the centre kept, /255, its mean and std"];
        return new Outcome<ModelDraft>.Ok(new ModelDraft(manifest, folder, graph, found?.Tool, assumptions));
    }

    /// <summary>Derives an id from a name.</summary>
    public static string Id(string name) =>
        string.Concat(name.ToLowerInvariant().Select(letter => ManifestValidation.IsIdLetter(letter) ? letter : '-'))
            .TrimStart('.');

    /// <summary>Describes a file by its contents.</summary>
    public static ModelFile File(FileRole role, string path)
    {
        using var stream = System.IO.File.OpenRead(path);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(stream));
        return new ModelFile(role, Path.GetFileName(path), stream.Length, sha256);
    }

    private static Outcome<ModelDraft> OfManifest(string folder)
    {
        var path = Path.Combine(folder, ModelCatalog.FileName);
        if (!ManifestReader.Read(path).Try(out var manifest, out var reason))
        {
            return Fail(reason);
        }

        var networks = manifest.Variants(FileRole.Network).Select(file => Path.Combine(folder, file.Name)).ToList();
        return OnnxGraph.Read(networks.Find(System.IO.File.Exists) ?? networks[0]).Try(out var graph, out reason)
            ? new Outcome<ModelDraft>.Ok(new ModelDraft(manifest, folder, graph, path, []))
            : Fail(reason);
    }

    /// <summary>
    /// Returns the resize of most classifiers of ImageNet: 7/8 of the shorter side are kept, such as 224 of 256 pixels.
    /// </summary>
    private static ResizeSpec Usual(OnnxGraph graph) =>
        graph.Inputs is [{ Shape: [_, _, >= LeastCropped, _] }] ? new(Crop: 0.875) : new();

    private static Outcome<string> Network(string path)
    {
        if (System.IO.File.Exists(path))
        {
            return new Outcome<string>.Ok(path);
        }

        string[] folders = [path, Path.Combine(path, "onnx")];
        var found = folders
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.GetFiles(folder, "*.onnx"))
            .Order(StringComparer.Ordinal)
            .ToArray();
        return found switch
        {
            [var only] => new Outcome<string>.Ok(only),
            [] => new Outcome<string>.Failed($"{path} is neither an ONNX file nor a folder with one"),
            _ when Array.Find(found, file => Path.GetFileName(file) == "model.onnx") is { } model =>
                new Outcome<string>.Ok(model),
            _ => new Outcome<string>.Failed(
                $"{path} holds several networks ({string.Join(", ", found.Select(Path.GetFileName))}): "
                + "name one of the files"),
        };
    }

    private static Outcome<ModelDraft>.Failed Fail(string reason) => new(reason);
}

/// <summary>The information in a tool's files.</summary>
/// <param name="Tool">The tool, and the files or metadata that were read.</param>
/// <param name="Manifest">The manifest that they make.</param>
/// <param name="Assumptions">The values that the files leave open.</param>
internal sealed record ToolManifest(string Tool, ModelManifest Manifest, IReadOnlyList<string> Assumptions);
