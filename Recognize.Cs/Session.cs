using Recognize.Classifiers;
using Recognize.Pictures;
using Recognize.Reports;
using Recognize.Settings;

namespace Recognize;

/// <summary>Runs one invocation of the program, from the request to the exit code.</summary>
internal static class Session
{
    /// <summary>Finds the pictures, classifies them and shows the results as they arrive.</summary>
    public static async Task<int> RunAsync(Request request, CancellationToken cancel)
    {
        var screen = new Terminal();
        var sources = PictureFinder.Find(request.Pictures, out var skipped);
        if (skipped > 0)
        {
            screen.Warn($"{skipped} other file{(skipped == 1 ? " was" : "s were")} skipped.");
        }

        var made = request.Server is null
            ? await LocalClassifier.CreateAsync(request, sources.Count, screen.Warn, cancel)
            : new Worker.Outcome<IClassifier>.Ok(new ServerClassifier(request));
        if (!made.Try(out var classifier, out var reason))
        {
            screen.Warn($"{reason}. MODEL_MIRROR may name a folder that has the model's files; "
                + "or use a service with --server URL.");
            return ExitCode.Failure;
        }

        using (classifier)
        {
            return await screen.WithProgressAsync(
                sources.Count, step => ClassifyAsync(request, sources, classifier, screen, step, cancel));
        }
    }

    private static async Task<int> ClassifyAsync(
        Request request,
        List<PictureSource> sources,
        IClassifier classifier,
        Terminal screen,
        Action step,
        CancellationToken cancel)
    {
        var report = screen.Report(request, sources);
        var refused = 0;
        await foreach (var (source, result) in Batch.ClassifyAsync(sources, classifier, request.Parallel, cancel))
        {
            switch (result)
            {
                case ClassificationResult.Succeeded succeeded:
                    report.Show(source, succeeded);
                    break;
                case ClassificationResult.Refused one:
                    refused++;
                    report.Show(source, one);
                    break;
                case ClassificationResult.Stopped stopped:
                    screen.Warn(DisplayText.Clean(stopped.Reason));
                    return ExitCode.Failure;
                default:
                    throw new System.Diagnostics.UnreachableException();
            }

            step();
        }

        if (refused > 0 && sources.Count > 1)
        {
            screen.Warn($"{refused} of {sources.Count} pictures {(refused == 1 ? "was" : "were")} not classified.");
        }

        return refused == 0 ? ExitCode.Success : ExitCode.Partly;
    }
}
