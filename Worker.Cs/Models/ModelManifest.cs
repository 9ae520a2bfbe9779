using System.Text.Json;
using System.Text.Json.Serialization;

namespace Worker.Models;

/// <summary>One model of the catalog: <c>models/&lt;id&gt;.json</c>.</summary>
/// <param name="Id">Names the manifest, the model's folder, and the model on the command line.</param>
/// <param name="Title">For people.</param>
/// <param name="Licence">Of weights and labels.</param>
/// <param name="Files">Files of the same role are variants, the preferred one first.</param>
/// <param name="Preprocessing">What turns a picture into the network's input.</param>
public sealed record ModelManifest(
    string Id,
    string Title,
    string Licence,
    IReadOnlyList<ModelFile> Files,
    Preprocessing Preprocessing)
{
    /// <summary>The interchangeable files of a role, the preferred one first.</summary>
    public IEnumerable<ModelFile> Variants(FileRole role) => Files.Where(file => file.Role == role);
}

/// <summary>What a model's file is for.</summary>
public enum FileRole
{
    /// <summary>The ONNX graph with its weights.</summary>
    Network,

    /// <summary>Class names, one a line, in the order of the network's output.</summary>
    Labels,
}

/// <summary>One file, known by its contents.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="Name">File name, without a folder.</param>
/// <param name="Bytes">Its exact length.</param>
/// <param name="Sha256">64 hexadecimal digits, lower case.</param>
/// <param name="Source">Public address; null where only mirrors hold it.</param>
/// <param name="About">For people.</param>
public sealed record ModelFile(
    FileRole Role,
    string Name,
    long Bytes,
    string Sha256,
    Uri? Source = null,
    string? About = null);

/// <summary>From a decoded picture to the network's input.</summary>
/// <param name="ResizeShortSide">The shorter side becomes this many pixels, the aspect ratio kept.</param>
/// <param name="Interpolation">Only <c>bilinear-antialias</c> is known: Pillow's bilinear filter.</param>
/// <param name="Crop">
/// Side of the centre square that is kept, in pixels; at most <paramref name="ResizeShortSide"/>.
/// </param>
/// <param name="Channels">Only <c>rgb</c> is known.</param>
/// <param name="Mean">Per channel, of pixel values scaled to 0 … 1.</param>
/// <param name="Std">Per channel, likewise; above 0.</param>
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
