using System.Text;
using Recognize.Classifiers;
using Recognize.Pictures;
using Recognize.Settings;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Recognize.Reports;

/// <summary>
/// Writes results to standard output and everything else to the error stream. If both are the same terminal, one
/// console writes both and keeps the progress bar below them.
/// </summary>
internal sealed class Terminal
{
    private readonly IAnsiConsole answers;
    private readonly IAnsiConsole notes;
    private bool progressing;

    /// <summary>Opens the process's own streams.</summary>
    public Terminal()
    {
        // Programs that read the output expect UTF-8 without a byte order mark.
        Console.OutputEncoding = new UTF8Encoding(false);
        answers = Over(Console.Out);
        notes = Console.IsOutputRedirected || Console.IsErrorRedirected ? Over(Console.Error) : answers;
    }

    /// <summary>The width of the output in characters.</summary>
    public int Width => answers.Profile.Width;

    /// <summary>Writes a result, or a part of one, on its own lines.</summary>
    public void Write(IRenderable part) => answers.Write(new FullWidthLines(part, progressing));

    /// <summary>Writes a warning line.</summary>
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

    /// <summary>Creates the report for <paramref name="sources"/> in the requested form.</summary>
    public IReport Report(Request request, IReadOnlyCollection<PictureSource> sources) => request switch
    {
        { Format: OutputFormat.Json } => new JsonReport(Console.Out),
        { Format: OutputFormat.Csv } => new CsvReport(Console.Out, request.Top),
        { Format: OutputFormat.TabSeparated } => new TabSeparatedReport(Console.Out, Warn),
        { Explain: true } => new BarReport(this, new Thumbnails(ModelOptions.FolderOrDefault(request.Models))),
        { Top: 1 } => new LineReport(this, sources.Max(source => source.Title.GetCellWidth())),
        _ => new BarReport(this, null),
    };

    /// <summary>
    /// Runs <paramref name="work"/> with an action to call after each of <paramref name="count"/> pictures. Shows a
    /// progress bar on a terminal if there are several pictures.
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
