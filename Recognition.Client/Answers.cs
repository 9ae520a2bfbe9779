using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recognition.Client;

/// <summary>The classes of a picture.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="Worker">The address of the worker that classified the picture.</param>
/// <param name="Milliseconds">The time from the picture's last byte to the answer.</param>
/// <param name="Predictions">The classes, most probable first.</param>
/// <param name="Version">The model's version; null if the worker does not report it.</param>
/// <param name="Attempts">The number of workers that were tried; 0 for a cached answer.</param>
/// <param name="Independent">Whether the classes have independent probabilities, which need not add up to 1.</param>
/// <param name="Cached">Whether the answer comes from the server's cache.</param>
/// <param name="Stages">The worker's time in milliseconds, by stage; null if the worker does not report it.</param>
/// <param name="Maps">Where each class was recognized; null if not requested or not available.</param>
/// <param name="Unmet">The options that the worker does not support; null if there are none.</param>
/// <param name="Answer">The answer in the model's class tree; null if the model has none.</param>
public sealed record Classification(
    string Model,
    string? Worker,
    double Milliseconds,
    IReadOnlyList<Prediction> Predictions,
    string? Version = null,
    int Attempts = 1,
    bool Independent = false,
    bool Cached = false,
    IReadOnlyDictionary<string, double>? Stages = null,
    IReadOnlyList<ActivationMap>? Maps = null,
    IReadOnlyList<string>? Unmet = null,
    HedgedAnswer? Answer = null);

/// <summary>The most specific class, or group of classes, that is probable enough.</summary>
/// <param name="Probability">The probability, 0 to 1; that of the first class if the model is not sure.</param>
/// <param name="Path">From the general to the specific; the answer is the last one.</param>
/// <param name="Id">WordNet's id; null if the model is not sure.</param>
/// <param name="Label">The name; null if the model is not sure.</param>
public sealed record HedgedAnswer(
    double Probability,
    IReadOnlyList<PathNode> Path,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Id = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Label = null);

/// <summary>A node on the path to an answer.</summary>
/// <param name="Id">WordNet's id.</param>
/// <param name="Label">The name.</param>
public sealed record PathNode(string Id, string Label);

/// <summary>A class.</summary>
/// <param name="Label">The class's name.</param>
/// <param name="Probability">The probability, 0 to 1.</param>
/// <param name="Index">The class's number in the model, from 0; null if the worker does not report it.</param>
public sealed record Prediction(string Label, double Probability, int? Index = null);

/// <summary>A class activation map, row by row from the top left.</summary>
/// <param name="Index">The class's number.</param>
/// <param name="Width">Cells in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Lowest">The value of a cell of 0.</param>
/// <param name="Highest">The value of a cell of 255.</param>
/// <param name="Cells">Width × height cells.</param>
/// <param name="Strength">How strongly to draw the highest cell, 0 to 1; null from an older service.</param>
public sealed record ActivationMap(
    int Index, int Width, int Height, double Lowest, double Highest, byte[] Cells, double? Strength = null);

/// <summary>A model that the server's workers serve.</summary>
/// <param name="Id">The name for <see cref="ClassifyOptions.Model"/>.</param>
/// <param name="Title">The name for people.</param>
/// <param name="Versions">The versions in service.</param>
/// <param name="Default">Whether requests that name no model get this one.</param>
/// <param name="State"><c>ready</c>, <c>loading</c> or <c>failed</c>.</param>
/// <param name="Classes">The number of classes.</param>
public sealed record Model(
    string Id, string Title, IReadOnlyList<string> Versions, bool Default, string State, int Classes);

/// <summary>A picture of a batch.</summary>
/// <param name="Name">The file's name, which the result repeats.</param>
/// <param name="Content">The file's bytes.</param>
public sealed record PictureFile(string Name, ReadOnlyMemory<byte> Content);

/// <summary>The result of one picture of a batch: either an answer or a problem.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Answer">The answer; null if there is a problem.</param>
/// <param name="Problem">The problem; null if there is an answer.</param>
public sealed record PictureResult(PictureFile Picture, Classification? Answer, Problem? Problem);

/// <summary>An error response of the server (RFC 9457).</summary>
/// <param name="Title">A short summary of the problem.</param>
/// <param name="Detail">What is wrong, and what to do.</param>
/// <param name="Code">The kind of error for programs, such as <c>too-large</c>; null for errors that have none.</param>
/// <param name="TraceId">Identifies the request in the server's logs.</param>
public sealed record Problem(
    string? Title = null, string? Detail = null, string? Code = null, string? TraceId = null);

/// <summary>A line of a batch's results.</summary>
internal sealed record ResultLine(
    int Status, int? Index = null, Classification? Answer = null, Problem? Problem = null);

internal sealed record ModelList(IReadOnlyList<Model> Models);

internal sealed record LabelList(IReadOnlyList<string> Labels);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Classification))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ResultLine))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(LabelList))]
internal sealed partial class ClientJson : JsonSerializerContext;
