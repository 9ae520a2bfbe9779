using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Worker.Models;

namespace Quantize.Output;

/// <summary>Writes a network as its own catalog, for a worker's <c>--models</c>.</summary>
internal static class ModelFolder
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Returns the name of the 8-bit network made from <paramref name="from"/>.</summary>
    public static string NameOf(ModelManifest from) => from.Id + "-int8";

    /// <summary>
    /// Returns the reason why <paramref name="folder"/> is unsuitable; null if it is suitable. The repository's own
    /// catalog holds only files that every machine can download; a generated file is on this machine alone.
    /// </summary>
    public static string? Refusal(DirectoryInfo folder) =>
        Path.TrimEndingDirectorySeparator(folder.FullName) == Path.TrimEndingDirectorySeparator(ModelCatalog.DefaultDirectory())
            ? $"{folder} is the repository's own catalog, which has no made files: name another folder"
            : null;

    /// <summary>Writes manifest, network and labels; overwrites existing files.</summary>
    public static ModelManifest Write(DirectoryInfo folder, ModelFiles from, byte[] network, string about)
    {
        var id = NameOf(from.Manifest);
        var labels = from.Manifest.Variants(FileRole.Labels).First(file => file.Name == Path.GetFileName(from.Labels));
        var manifest = from.Manifest with
        {
            Id = id,
            Title = from.Manifest.Title + ", in 8 bits",
            Files =
            [
                new ModelFile(FileRole.Network, id + ".onnx", network.Length, Convert.ToHexStringLower(SHA256.HashData(network)), About: about),
                labels,
            ],
        };
        var files = folder.CreateSubdirectory(id);
        File.WriteAllBytes(Path.Combine(files.FullName, manifest.Files[0].Name), network);
        File.Copy(from.Labels, Path.Combine(files.FullName, labels.Name), overwrite: true);
        // Written last, so that readers find the files that it names.
        File.WriteAllText(Path.Combine(folder.FullName, id + ".json"), JsonSerializer.Serialize(manifest, Json) + "\n");
        return manifest;
    }
}
