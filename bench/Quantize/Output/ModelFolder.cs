using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Worker.Models;

namespace Quantize.Output;

/// <summary>Writes a network as a catalog of its own, which a worker's <c>--models</c> names.</summary>
internal static class ModelFolder
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The name of the network in 8 bits that is made of <paramref name="from"/>.</summary>
    public static string NameOf(ModelManifest from) => from.Id + "-int8";

    /// <summary>
    /// Why <paramref name="folder"/> can't have it; null where it can. The repository's own catalog holds what every machine
    /// can get, and a made file is on this machine alone.
    /// </summary>
    public static string? Refusal(DirectoryInfo folder) =>
        Path.TrimEndingDirectorySeparator(folder.FullName) == Path.TrimEndingDirectorySeparator(ModelCatalog.DefaultDirectory())
            ? $"{folder} is the repository's own catalog, which has no made files: name another folder"
            : null;

    /// <summary>Manifest, network and labels; what was there under the same names is written over.</summary>
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
        // Last, so that whoever reads it finds the files that it names.
        File.WriteAllText(Path.Combine(folder.FullName, id + ".json"), JsonSerializer.Serialize(manifest, Json) + "\n");
        return manifest;
    }
}
