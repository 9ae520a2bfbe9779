using System.Text.Json.Serialization;

namespace Worker.Models;

/// <summary>One model of the catalog: <c>models/&lt;id&gt;/model.json</c>.</summary>
/// <param name="Id">The name of the model's folder, and of the model everywhere else.</param>
/// <param name="Title">The name to display.</param>
/// <param name="Licence">The licence of weights and labels.</param>
/// <param name="Files">The files; networks and labels of the same role are variants, the preferred one first.</param>
/// <param name="Version">
/// Distinguishes contents under one id: 1 … 32 letters, digits, <c>.</c>, <c>_</c> or <c>-</c>.
/// </param>
/// <param name="Input">The network's input; members that the graph determines can be omitted.</param>
/// <param name="Resize">How a picture gets the input's size.</param>
/// <param name="Normalise">From a pixel's value to the input's.</param>
/// <param name="Output">The network's output.</param>
/// <param name="Labels">
/// Class names in the order of the output; null for those of a file of the role labels, or without one those in the
/// model itself.
/// </param>
/// <param name="Threads">
/// The processor threads for one image, 1 … 64. A value above 1 shortens the time per image while executors are idle,
/// but lowers the throughput of a busy worker.
/// </param>
/// <param name="Tree">
/// The class tree of the catalog in whose order the classes are, <c>models/&lt;tree&gt;/tree.json</c>; null for none.
/// </param>
/// <param name="Covers">
/// Describes what the model can and can't recognize, for users: 1 … 256 characters. Null without a description.
/// </param>
public sealed record ModelManifest(
    string Id,
    string Title,
    string Licence,
    IReadOnlyList<ModelFile> Files,
    string Version = "1",
    InputSpec? Input = null,
    ResizeSpec? Resize = null,
    NormaliseSpec? Normalise = null,
    OutputSpec? Output = null,
    IReadOnlyList<string>? Labels = null,
    int Threads = 1,
    string? Tree = null,
    string? Covers = null)
{
    /// <summary>The network's input.</summary>
    public InputSpec Input { get; init; } = Input ?? new();

    /// <summary>How a picture gets the input's size.</summary>
    public ResizeSpec Resize { get; init; } = Resize ?? new();

    /// <summary>From a pixel's value to the input's.</summary>
    public NormaliseSpec Normalise { get; init; } = Normalise ?? new();

    /// <summary>The network's output.</summary>
    public OutputSpec Output { get; init; } = Output ?? new();

    /// <summary>Returns the files of a role, the preferred one first.</summary>
    public IEnumerable<ModelFile> Variants(FileRole role) => Files.Where(file => file.Role == role);
}

/// <summary>The role of a model's file.</summary>
public enum FileRole
{
    /// <summary>The ONNX graph, with its weights or references to them.</summary>
    [JsonStringEnumMemberName("network")]
    Network,

    /// <summary>Weights beside the graph (ONNX's external data), under the name that the graph gives them.</summary>
    [JsonStringEnumMemberName("data")]
    Data,

    /// <summary>Class names, one a line, in the order of the network's output.</summary>
    [JsonStringEnumMemberName("labels")]
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
