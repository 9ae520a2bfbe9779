using System.Text.Json.Serialization;

namespace Recognize.Classification;

/// <summary>What a picture shows: the API's own answer, and what <c>--json</c> writes with the file's name.</summary>
/// <param name="Model">The model's name in the catalog; empty where the worker does not say it.</param>
/// <param name="Milliseconds">From the picture's last byte to the answer.</param>
/// <param name="Predictions">Most probable first.</param>
/// <param name="Worker">Who named it; null for this process.</param>
/// <param name="Stages">The worker's own time in milliseconds, by stage.</param>
/// <param name="Maps">Where in the picture each class was seen; null where nobody asked, or nobody knows.</param>
internal sealed record Answer(
    string Model,
    double Milliseconds,
    IReadOnlyList<NamedClass> Predictions,
    string? Worker = null,
    IReadOnlyDictionary<string, double>? Stages = null,
    IReadOnlyList<Map>? Maps = null);

/// <summary>One class.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Probability">0 … 1.</param>
/// <param name="Index">In the network, from 0; null where the worker does not say it.</param>
internal sealed record NamedClass(string Label, double Probability, int? Index = null);

/// <summary>A class activation map, row by row from the top left.</summary>
/// <param name="Index">The class's.</param>
/// <param name="Width">Cells in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Lowest">What a cell of 0 stands for.</param>
/// <param name="Highest">What a cell of 255 stands for.</param>
/// <param name="Cells">Width × height of them, in JSON as base64.</param>
internal sealed record Map(int Index, int Width, int Height, double Lowest, double Highest, byte[] Cells);

/// <summary>A refusal of the API, RFC 9457.</summary>
internal sealed record Problem(string? Title, string? Detail);

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Reports.NamedLine))]
[JsonSerializable(typeof(Reports.UnnamedLine))]
internal sealed partial class AnswerJson : JsonSerializerContext;
