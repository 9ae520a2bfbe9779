using System.Runtime.CompilerServices;
using FileFormats;
using Recognize.Pictures;

namespace Recognize.Classifiers;

/// <summary>Classifies many pictures with bounded parallelism.</summary>
internal static class Batch
{
    /// <summary>
    /// Reads and classifies <paramref name="sources"/>, at most <paramref name="parallel"/> at once, and returns the
    /// results in their order.
    /// </summary>
    public static async IAsyncEnumerable<(PictureSource Source, ClassificationResult Result)> ClassifyAsync(
        IEnumerable<PictureSource> sources,
        IClassifier classifier,
        int parallel,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = new Queue<(PictureSource Source, Task<ClassificationResult> Result)>();
        try
        {
            foreach (var source in sources)
            {
                if (running.Count == parallel)
                {
                    yield return await NextAsync(running);
                }

                running.Enqueue((source, ClassifyAsync(source, classifier, stop.Token)));
            }

            while (running.Count > 0)
            {
                yield return await NextAsync(running);
            }
        }
        finally
        {
            // If the consumer stops early, cancel the running tasks and wait for their end.
            await stop.CancelAsync();
            await Task.WhenAll(running.Select(Task (one) => one.Result))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<(PictureSource Source, ClassificationResult Result)> NextAsync(
        Queue<(PictureSource Source, Task<ClassificationResult> Result)> running)
    {
        var (source, result) = running.Dequeue();
        return (source, await result);
    }

    private static async Task<ClassificationResult> ClassifyAsync(
        PictureSource source, IClassifier classifier, CancellationToken cancel)
    {
        var read = await source.ReadAsync(cancel);
        if (!read.Try(out var picture, out var reason))
        {
            return new ClassificationResult.Refused(reason);
        }

        if (picture.Length == 0)
        {
            return new ClassificationResult.Refused("is empty");
        }

        var format = FormatDetector.Identify(picture);
        return format?.MediaType is { } mediaType
            ? await classifier.ClassifyAsync(picture, mediaType, cancel)
            : new ClassificationResult.Refused($"is refused: {format?.Refusal ?? RefusalText.UnknownFormat}");
    }
}
