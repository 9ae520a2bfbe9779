using System.Text;
using Recognize.Classification;
using Recognize.Pictures;
using Recognize.Settings;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Recognize.Reports;

/// <summary>
/// Where things are written: answers to standard output, all else to the error stream; on one terminal for both they
/// go through one hand, which keeps the progress bar below them.
/// </summary>
internal sealed class Terminal
{
    private readonly IAnsiConsole answers;
    private readonly IAnsiConsole notes;
    private bool progressing;

    /// <summary>The process's own streams.</summary>
    public Terminal()
    {
        // Programs that read it expect no byte order mark and no code page.
        Console.OutputEncoding = new UTF8Encoding(false);
        answers = Over(Console.Out);
        notes = Console.IsOutputRedirected || Console.IsErrorRedirected ? Over(Console.Error) : answers;
    }

    /// <summary>Characters in a line of the answers.</summary>
    public int Width => answers.Profile.Width;

    /// <summary>An answer, or a part of one, on lines of its own.</summary>
    public void Write(IRenderable part) => answers.Write(new FullWidthLines(part, progressing));

    /// <summary>A line about what went wrong.</summary>
    public void Warn(string line)
    {
        if (Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(line);
        }
        else
        {
            notes.Write(new FullWidthLines(new Text(line, new Style(Color.Yellow)), progressing));
        }
    }

    /// <summary>Shows answers about <paramref name="sources"/> in the form that was asked for.</summary>
    public IReport Report(Request request, IReadOnlyCollection<PictureSource> sources) => request switch
    {
        { Form: Form.Json } => new JsonReport(Console.Out),
        { Form: Form.Csv } => new CsvReport(Console.Out, request.Top),
        { Form: Form.Plain } => new PlainReport(Console.Out, Warn),
        { Explain: true } => new BarReport(this, new Thumbnails(LocalClassifier.Folder(request))),
        { Top: 1 } => new LineReport(this, sources.Max(source => source.Title.GetCellWidth())),
        _ => new BarReport(this, null),
    };

    /// <summary>
    /// Does <paramref name="work"/>, which is given an action to call after each of <paramref name="count"/> pictures,
    /// and shows how far it is: on a terminal, where there are several.
    /// </summary>
    public async Task<T> WithProgressAsync<T>(int count, Func<Action, Task<T>> work)
    {
        var console = Console.IsErrorRedirected ? answers : notes;
        if (count == 1 || !console.Profile.Out.IsTerminal || !console.Profile.Capabilities.Interactive)
        {
            return await work(() => { });
        }

        progressing = true;
        return await console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn { Width = Math.Clamp(console.Profile.Width - 40, 5, 40) },
                new PercentageColumn(),
                new RemainingTimeColumn())
            .StartAsync(progress =>
            {
                var task = progress.AddTask($"{count} pictures", maxValue: count);
                return work(() => task.Increment(1));
            });
    }

    private static IAnsiConsole Over(TextWriter writer) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
}
