using System.Text.Json.Serialization;
using Microsoft.FSharp.Core;

namespace Recognize.Classification;

/// <summary>The API's response for one picture; <c>--json</c> writes it with the file's name.</summary>
/// <param name="Model">The model's name in the catalog; empty if the worker does not report it.</param>
/// <param name="Milliseconds">Time from the picture's last byte to the response.</param>
/// <param name="Predictions">The classes, most probable first.</param>
/// <param name="Worker">The worker that classified the picture; null for this process.</param>
/// <param name="Stages">The worker's time in milliseconds, by stage.</param>
/// <param name="Hedged">The answer in the model's class tree; null if the model has none.</param>
/// <param name="Maps">The class activation maps; null if not requested or not available.</param>
internal sealed record Answer(
    string Model,
    double Milliseconds,
    IReadOnlyList<NamedClass> Predictions,
    string? Worker = null,
    [property: JsonPropertyName("answer")] HedgedAnswer? Hedged = null,
    IReadOnlyDictionary<string, double>? Stages = null,
    IReadOnlyList<Map>? Maps = null)
{
    /// <summary>Returns one sentence with what is in the picture, without a full stop.</summary>
    public string Sentence() => Protocol.Core.AnswerText.sentence(
        [.. Predictions.Select(found => new Protocol.Core.Prediction(found.Label, found.Probability))],
        Hedged is { } answer
            ? FSharpValueOption<Protocol.Core.HedgedAnswer>.Some(new Protocol.Core.HedgedAnswer(
                answer.Id ?? "", answer.Label ?? "", answer.Probability, []))
            : default);
}

/// <summary>The most specific class, or group of classes, that is probable enough.</summary>
/// <param name="Id">WordNet's id; null if the model is not sure.</param>
/// <param name="Label">The name; null if the model is not sure.</param>
/// <param name="Probability">The probability, 0 … 1; that of the first class if the model is not sure.</param>
/// <param name="Path">From the general to the specific; the answer is the last one.</param>
internal sealed record HedgedAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Label,
    double Probability,
    IReadOnlyList<PathNode> Path);

/// <summary>A node on the path to an answer.</summary>
/// <param name="Id">WordNet's id.</param>
/// <param name="Label">The name.</param>
internal sealed record PathNode(string Id, string Label);

/// <summary>One class.</summary>
/// <param name="Label">The class's name.</param>
/// <param name="Probability">The probability, 0 … 1.</param>
/// <param name="Index">The class's index in the network, from 0; null if the worker does not report it.</param>
internal sealed record NamedClass(string Label, double Probability, int? Index = null);

/// <summary>A class activation map, row by row from the top left.</summary>
/// <param name="Index">The class's index.</param>
/// <param name="Width">Cells in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Lowest">The value of a cell of 0.</param>
/// <param name="Highest">The value of a cell of 255.</param>
/// <param name="Cells">Width × height cells; base64 in JSON.</param>
/// <param name="Strength">
/// How strongly to draw the highest cell, 0 … 1: the square root of the class's probability. Null from an older service.
/// </param>
internal sealed record Map(int Index, int Width, int Height, double Lowest, double Highest, byte[] Cells, double? Strength = null);

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(Reports.NamedLine))]
[JsonSerializable(typeof(Reports.UnnamedLine))]
internal sealed partial class AnswerJson : JsonSerializerContext;
