using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging.Abstractions;
using Protocol.Core.Interop;
using Worker;
using Worker.Imaging;
using Worker.Inference;
using Worker.Models;

namespace Recognize.Models;

/// <summary>How often a model is right over labelled pictures, and how specific its answers are.</summary>
/// <param name="Pictures">The number of pictures.</param>
/// <param name="First">Those whose most probable class is the right one.</param>
/// <param name="FirstFive">Those whose right class is among the first five.</param>
/// <param name="Right">
/// Those whose answer is the right class or a group with it. "Not sure" is the root of the tree, which has every
/// class, and counts as right, with 0 bits.
/// </param>
/// <param name="Unsure">Those with the answer "not sure".</param>
/// <param name="Detail">
/// The mean over all pictures of log2(classes of the model / classes of the answer), in bits; 0 for a wrong answer.
/// </param>
/// <param name="MostDetail">The detail of an answer that is one class, in bits.</param>
internal sealed record Accuracy(
    int Pictures, int First, int FirstFive, int Right, int Unsure, double Detail, double MostDetail)
{
    /// <summary>The file with each picture's class: an object of <c>{ "index": 258 }</c> by file name.</summary>
    public const string LabelsFile = "labels.json";

    /// <summary>
    /// Classifies every labelled picture of a folder; <paramref name="confidence"/> is the answers' least probability.
    /// </summary>
    public static async Task<Outcome<Accuracy>> MeasureAsync(
        string model, string folder, ModelPaths paths, double confidence, CancellationToken cancel)
    {
        if (!ModelCatalog.Find(model, paths.Directory).Try(out var manifest, out var reason))
        {
            return Fail(reason);
        }

        if (manifest.Tree is not { } name)
        {
            return Fail($"{model} has no class tree");
        }

        if (!ModelCatalog.FindTree(name, paths.Directory).Try(out var path, out reason)
            || !ClassTreeFile.Read(path).Try(out var tree, out reason)
            || !Labels(folder, tree.Classes.Count).Try(out var labels, out reason)
            || !(await RecognizerSetup.CreateAsync(model, paths, Options, NullLogger.Instance, cancel: cancel))
                .Try(out var recognizer, out reason))
        {
            return Fail(reason);
        }

        using (recognizer)
        {
            var scores = new ConcurrentBag<Score>();
            var refusals = new ConcurrentBag<string>();
            var bounds = new ParallelOptions
            {
                MaxDegreeOfParallelism = 2 * Options.Executors,
                CancellationToken = cancel,
            };
            await Parallel.ForEachAsync(labels, bounds, async (label, stop) =>
            {
                var file = Path.Combine(folder, label.Key);
                if ((await ScoreAsync(recognizer, file, label.Value.Index, tree, confidence, stop))
                    .Try(out var score, out var refusal))
                {
                    scores.Add(score);
                }
                else
                {
                    refusals.Add(refusal);
                }
            });
            return refusals.Min(StringComparer.Ordinal) is { } first
                ? Fail(first)
                : new Outcome<Accuracy>.Ok(new Accuracy(
                    scores.Count,
                    scores.Count(score => score.Rank == 0),
                    scores.Count(score => score.Rank >= 0),
                    scores.Count(score => score.IsRight),
                    scores.Count(score => score.IsUnsure),
                    scores.Average(score => score.Detail),
                    Math.Log2(tree.Classes.Count)));
        }
    }

    private static RecognizerOptions Options { get; } =
        RecognizerOptions.Standard with { LargeImageTimeout = Timeout.InfiniteTimeSpan };

    private static async Task<Outcome<Score>> ScoreAsync(
        Recognizer recognizer, string file, int right, ClassTreeFile tree, double confidence, CancellationToken cancel)
    {
        byte[] picture;
        try
        {
            picture = await File.ReadAllBytesAsync(file, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Outcome<Score>.Failed($"{file} can't be read: {e.Message.TrimEnd('.')}");
        }

        var options = new RecognizeOptions(5, false, Confidence: confidence);
        var result = await recognizer.RecognizeAsync(picture, options, cancel);
        if (result is not RecognitionResult.Succeeded { Recognition: var found })
        {
            var why = (result as RecognitionResult.Refused)?.Refusal.Explanation.TrimEnd('.');
            return new Outcome<Score>.Failed($"{file} is refused: {why}");
        }

        if (!found.TryGetAnswer(out var answer))
        {
            throw new System.Diagnostics.UnreachableException();
        }

        var rank = Array.FindIndex(found.Classes, one => one.Index == right);
        if (answer.IsUnsure)
        {
            return new Outcome<Score>.Ok(new Score(rank, true, true, 0));
        }

        var below = tree.Below(answer.Id);
        var isRight = below.Contains(right);
        var detail = isRight ? Math.Log2((double)tree.Classes.Count / below.Count) : 0;
        return new Outcome<Score>.Ok(new Score(rank, isRight, false, detail));
    }

    private static Outcome<Dictionary<string, LabelledPicture>> Labels(string folder, int classes)
    {
        var path = Path.Combine(folder, LabelsFile);
        try
        {
            using var stream = File.OpenRead(path);
            var labels = JsonSerializer.Deserialize(stream, LabelledPicturesJson.Default.DictionaryStringLabelledPicture) ?? [];
            var wrong = labels.Where(label => label.Value is not { Index: >= 0 } || label.Value.Index >= classes);
            return labels.Count == 0 ? Failed("it names no picture")
                : wrong.Select(label => label.Key).FirstOrDefault() is { } file
                    ? Failed($"'{file}' needs the index of a class, 0 to {classes - 1}: {{ \"index\": 0 }}")
                : new Outcome<Dictionary<string, LabelledPicture>>.Ok(labels);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return Failed(e.Message.TrimEnd('.'));
        }

        Outcome<Dictionary<string, LabelledPicture>>.Failed Failed(string reason) => new($"{path}: {reason}");
    }

    private static Outcome<Accuracy>.Failed Fail(string reason) => new(reason);

    private sealed record Score(int Rank, bool IsRight, bool IsUnsure, double Detail);
}

/// <summary>A picture's right class.</summary>
/// <param name="Index">The class's index in the model, from 0.</param>
internal sealed record LabelledPicture(int Index);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Dictionary<string, LabelledPicture>))]
internal sealed partial class LabelledPicturesJson : JsonSerializerContext;
