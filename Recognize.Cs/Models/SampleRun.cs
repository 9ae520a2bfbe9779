using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Protocol.Core;
using Worker;
using Worker.Inference;
using Worker.Models;

namespace Recognize.Models;

/// <summary>Recognizes one of the samples with a model of the catalog.</summary>
internal static class SampleRun
{
    /// <summary>
    /// Gets the model's files, from the mirrors first, and returns a line for each of the first five classes.
    /// </summary>
    public static async Task<Outcome<IReadOnlyList<string>>> RunAsync(
        string id, ModelPaths paths, CancellationToken cancel)
    {
        var options = RecognizerOptions.Standard with { Executors = 1 };
        var made = await RecognizerSetup.CreateAsync(id, paths, options, NullLogger.Instance, cancel: cancel);
        if (!made.Try(out var recognizer, out var reason))
        {
            return Fail(reason);
        }

        using (recognizer)
        {
            if (Sample() is not { } sample)
            {
                return new Outcome<IReadOnlyList<string>>.Ok(
                    ["There is no samples folder, so no picture was classified."]);
            }

            var picture = await File.ReadAllBytesAsync(sample, cancel);
            return await recognizer.RecognizeAsync(picture, RecognizeOptions.Default, cancel) switch
            {
                RecognitionResult.Succeeded found => new Outcome<IReadOnlyList<string>>.Ok(
                    [$"{sample}:", .. found.Recognition.Classes.Select(Line)]),
                RecognitionResult.Refused refused => Fail($"{sample} is refused: {refused.Refusal.Explanation}"),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
    }

    private static string Line(RecognizedClass one) =>
        string.Create(CultureInfo.InvariantCulture, $"  {one.Probability:0.0000} {one.Label}");

    /// <summary>Returns the nearest sample above the program; null if there is none.</summary>
    private static string? Sample()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var samples = new DirectoryInfo(Path.Combine(at.FullName, "samples"));
            var pictures = samples.Exists ? samples.GetFiles("*.png") : [];
            if (pictures.MinBy(file => file.Name, StringComparer.Ordinal) is { } first)
            {
                return first.FullName;
            }
        }

        return null;
    }

    private static Outcome<IReadOnlyList<string>>.Failed Fail(string reason) => new(reason);
}
