using System.Diagnostics;
using Recognize.Models;
using Recognize.Settings;
using Worker;
using Worker.Imaging;
using Worker.Inference;
using Worker.Models;

namespace Recognize.Classification;

/// <summary>Runs the model in this process: a worker without its socket.</summary>
internal sealed class LocalClassifier(Recognizer recognizer, RecognizeOptions options) : IClassifier
{
    /// <summary>The least probability of an answer, as a web node has it by default.</summary>
    public const double Confidence = 0.8;

    /// <summary>
    /// Gets the model as a worker does, with progress on the error stream, and loads it for at most
    /// <paramref name="pictures"/> pictures at once. Fails with a reason if the model is not available.
    /// </summary>
    public static async Task<Outcome<IClassifier>> CreateAsync(
        Request request, int pictures, Action<string> warn, CancellationToken cancel)
    {
        var places = ModelsCommand.Paths(request.Models, request.Offline);
        var recognizerOptions = new RecognizerOptions(
            Math.Max(1, Math.Min(request.Parallel, pictures)), request.Parallel, ImagingLimits.Standard)
        {
            CostlyPatience = Timeout.InfiniteTimeSpan,
        };
        var made = await RecognizerSetup.CreateAsync(
            request.Model!, places, recognizerOptions, new WarningLogger(warn), cancel: cancel);
        return made.Try(out var recognizer, out var reason)
            ? new Outcome<IClassifier>.Ok(new LocalClassifier(recognizer, new RecognizeOptions(request.Top, request.Explain, Confidence: Confidence)))
            : new Outcome<IClassifier>.Failed(reason);
    }

    /// <summary>Returns the catalog's folder.</summary>
    public static string Folder(Request request) =>
        request.Models is { Length: > 0 } folder ? Path.GetFullPath(folder) : ModelCatalog.DefaultDirectory();

    /// <inheritdoc/>
    public async Task<ClassificationResult> NameAsync(
        ReadOnlyMemory<byte> picture, string mediaType, CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        return await recognizer.RecognizeAsync(picture, options, cancel) switch
        {
            RecognitionResult.Succeeded named =>
                new ClassificationResult.Succeeded(Answer(named.Recognition, Stopwatch.GetElapsedTime(begun)), picture),
            RecognitionResult.Refused refused => new ClassificationResult.Refused($"is refused: {refused.Refusal.Explanation}"),
            _ => throw new UnreachableException(),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => recognizer.Dispose();

    private static Answer Answer(Protocol.Core.Recognition named, TimeSpan time) => new(
        named.Model,
        Math.Round(time.TotalMilliseconds, 3),
        [.. named.Classes.Select(found => new NamedClass(found.Label, found.Probability, found.Index))],
        Hedged: named.Answer is { IsSome: true, Value: var answer } ? Hedged(answer) : null,
        Stages: named.Times.ToDictionary(stage => stage.Stage, stage => stage.Milliseconds),
        Maps: named.Maps.Length == 0
            ? null
            : [.. named.Maps.Select(map => new Map(
                map.Index, map.Width, map.Height, map.Lowest, map.Highest, map.Cells,
                Math.Sqrt(named.Classes.First(found => found.Index == map.Index).Probability)))]);

    private static HedgedAnswer Hedged(Protocol.Core.HedgedAnswer answer)
    {
        var unsure = Protocol.Core.HedgedAnswerModule.isUnsure(answer);
        return new HedgedAnswer(
            unsure ? null : answer.Id,
            unsure ? null : answer.Label,
            answer.Probability,
            [.. answer.Path.Select(node => new PathNode(node.Id, node.Label))]);
    }
}
