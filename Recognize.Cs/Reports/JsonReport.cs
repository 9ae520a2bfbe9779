using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Recognition.Client;
using Recognize.Classifiers;
using Recognize.Pictures;

namespace Recognize.Reports;

/// <summary>The line of a classified picture: the API's response with the file.</summary>
internal sealed record ClassifiedLine(
    string File,
    string Model,
    string? Worker,
    double Milliseconds,
    IReadOnlyList<Prediction> Predictions,
    HedgedAnswer? Answer,
    IReadOnlyDictionary<string, double>? Stages,
    IReadOnlyList<ActivationMap>? Maps);

/// <summary>The line of a picture that was not classified.</summary>
internal sealed record FailedLine(string File, string Error);

/// <summary>Writes one JSON object for each picture, each on its own line.</summary>
internal sealed class JsonReport(TextWriter output) : IReport
{
    // Labels and file names need no HTML escapes: the lines are not part of a web page.
    private static readonly LineJson Lines = new(new JsonSerializerOptions(LineJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <inheritdoc/>
    public void Show(PictureSource source, ClassificationResult.Succeeded succeeded)
    {
        var answer = succeeded.Answer;
        Write(
            new ClassifiedLine(
                source.Name,
                answer.Model,
                answer.Worker,
                answer.Milliseconds,
                answer.Predictions,
                answer.Answer,
                answer.Stages,
                answer.Maps),
            Lines.ClassifiedLine);
    }

    /// <inheritdoc/>
    public void Show(PictureSource source, ClassificationResult.Refused refused) =>
        Write(new FailedLine(source.Name, refused.Reason), Lines.FailedLine);

    private void Write<T>(T line, JsonTypeInfo<T> type)
    {
        output.WriteLine(JsonSerializer.Serialize(line, type));
        output.Flush();
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClassifiedLine))]
[JsonSerializable(typeof(FailedLine))]
internal sealed partial class LineJson : JsonSerializerContext;
