using System.Text.Json;
using System.Text.Json.Serialization;

namespace Worker.Models;

/// <summary>One model of the catalog: <c>models/&lt;id&gt;.json</c>.</summary>
/// <param name="Id">The name of the manifest, of the model's folder, and of the model on the command line.</param>
/// <param name="Title">The name to display.</param>
/// <param name="Licence">The licence of weights and labels.</param>
/// <param name="Files">The files; those of the same role are variants, the preferred one first.</param>
/// <param name="Preprocessing">The steps from an image to the network's input.</param>
public sealed record ModelManifest(
    string Id,
    string Title,
    string Licence,
    IReadOnlyList<ModelFile> Files,
    Preprocessing Preprocessing)
{
    /// <summary>Returns the interchangeable files of a role, the preferred one first.</summary>
    public IEnumerable<ModelFile> Variants(FileRole role) => Files.Where(file => file.Role == role);
}

/// <summary>The role of a model's file.</summary>
public enum FileRole
{
    /// <summary>The ONNX graph with its weights.</summary>
    Network,

    /// <summary>Class names, one a line, in the order of the network's output.</summary>
    Labels,
}

/// <summary>One file, identified by its contents.</summary>
/// <param name="Role">The file's role.</param>
/// <param name="Name">File name, without a folder.</param>
/// <param name="Bytes">The exact length.</param>
/// <param name="Sha256">64 hexadecimal digits, lower case.</param>
/// <param name="Source">Public address; null if only mirrors hold it.</param>
/// <param name="About">A description for people.</param>
public sealed record ModelFile(
    FileRole Role,
    string Name,
    long Bytes,
    string Sha256,
    Uri? Source = null,
    string? About = null);

/// <summary>The steps from a decoded image to the network's input.</summary>
/// <param name="ResizeShortSide">The length of the shorter side in pixels; the aspect ratio is kept.</param>
/// <param name="Interpolation">Only <c>bilinear-antialias</c> is supported: Pillow's bilinear filter.</param>
/// <param name="Crop">
/// Side of the centre square to keep, in pixels; at most <paramref name="ResizeShortSide"/>.
/// </param>
/// <param name="Channels">Only <c>rgb</c> is supported.</param>
/// <param name="Mean">The mean for each channel, of pixel values scaled to 0 … 1.</param>
/// <param name="Std">The standard deviation for each channel, likewise; above 0.</param>
public sealed record Preprocessing(
    int ResizeShortSide,
    string Interpolation,
    int Crop,
    string Channels,
    float[] Mean,
    float[] Std);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
