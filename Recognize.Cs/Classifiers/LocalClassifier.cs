using System.Diagnostics;
using Protocol.Core.Interop;
using Recognition.Client;
using Recognize.Settings;
using Worker;
using Worker.Imaging;
using Worker.Inference;

namespace Recognize.Classifiers;

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
        var places = ModelOptions.Paths(request.Models, request.Offline);
        var recognizerOptions = new RecognizerOptions(
            Math.Max(1, Math.Min(request.Parallel, pictures)), request.Parallel, ImagingLimits.Standard)
        {
            LargeImageTimeout = Timeout.InfiniteTimeSpan,
        };
        var made = await RecognizerSetup.CreateAsync(
            request.Model!, places, recognizerOptions, new WarningLogger(warn), cancel: cancel);
        var recognizeOptions = new RecognizeOptions(request.Top, request.Explain, Confidence: Confidence);
        return made.Try(out var recognizer, out var reason)
            ? new Outcome<IClassifier>.Ok(new LocalClassifier(recognizer, recognizeOptions))
            : new Outcome<IClassifier>.Failed(reason);
    }

    /// <inheritdoc/>
    public async Task<ClassificationResult> ClassifyAsync(
        ReadOnlyMemory<byte> picture, string mediaType, CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        return await recognizer.RecognizeAsync(picture, options, cancel) switch
        {
            RecognitionResult.Succeeded succeeded =>
                new ClassificationResult.Succeeded(
                    Convert(succeeded.Recognition, Stopwatch.GetElapsedTime(begun)), picture),
            RecognitionResult.Refused refused =>
                new ClassificationResult.Refused($"is refused: {refused.Refusal.Explanation}"),
            _ => throw new UnreachableException(),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => recognizer.Dispose();

    private static Classification Convert(Protocol.Core.Recognition found, TimeSpan time) => new(
        found.Model,
        Worker: null,
        Math.Round(time.TotalMilliseconds, 3),
        [.. found.Classes.Select(one => new Prediction(one.Label, one.Probability, one.Index))],
        Stages: found.Times.ToDictionary(stage => stage.Stage, stage => stage.Milliseconds),
        Maps: found.Maps.Length == 0
            ? null
            : [.. found.Maps.Select(map => new ActivationMap(
                map.Index, map.Width, map.Height, map.Lowest, map.Highest, map.Cells,
                Math.Sqrt(found.Classes.First(one => one.Index == map.Index).Probability)))],
        Answer: found.TryGetAnswer(out var answer) ? Convert(answer) : null);

    private static HedgedAnswer Convert(Protocol.Core.HedgedAnswer answer)
    {
        var unsure = answer.IsUnsure;
        return new HedgedAnswer(
            answer.Probability,
            [.. answer.Path.Select(node => new PathNode(node.Id, node.Label))],
            unsure ? null : answer.Id,
            unsure ? null : answer.Label);
    }
}
