using System.Net;
using Load.Options;
using Load.Output;
using Load.Pictures;
using Load.Running;
using Load.Targets;
using Spectre.Console;

namespace Load;

/// <summary>
/// One run from the pictures to the table. Figures go to standard output, everything else to standard error.
/// </summary>
internal sealed class Session(LoadPlan plan)
{
    private const int Interrupted = 130;

    private readonly IAnsiConsole side = AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Runs it and returns the exit code.</summary>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        try
        {
            var pictures = PictureFolder.Read(plan.Images);
            EnsureWritable(plan.Csv, plan.Svg);
            using var target = Target.Of(plan.Options);
            await target.CheckAsync(pictures[0]);
            await Console.Error.WriteLineAsync(
                $"{target.Name}: {pictures.Count} pictures, "
                    + $"{pictures.Average(picture => picture.Bytes.Length) / 1000:F0} kB on average");
            var levels = await MeasureAsync(target, pictures, cancel);
            Print(levels, target.Name);
            return cancel.IsCancellationRequested ? Interrupted : levels.Any(level => level.Total.Answers > 0) ? 0 : 1;
        }
        catch (LoadException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private async Task<List<LevelFigures>> MeasureAsync(
        Target target, IReadOnlyList<Picture> pictures, CancellationToken cancel)
    {
        var levels = new List<LevelFigures>();
        foreach (var level in plan.Levels.TakeWhile(_ => !cancel.IsCancellationRequested))
        {
            await using var run = LoadRun.Start(target, pictures, level, plan.Options);
            var figures = await ProgressLine.ShowAsync(
                side, level, run, begins => Series.MeasureAsync(run, level, plan.Options, begins, cancel));
            if (figures is not null)
            {
                levels.Add(figures);
            }
        }

        return levels;
    }

    private void Print(List<LevelFigures> levels, string target)
    {
        // A page's table ignores the terminal's width.
        if (plan.Markdown || Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 400;
        }

        AnsiConsole.Write(FigureTable.Of(levels, plan.Markdown));
        foreach (var warning in levels.SelectMany(level => Bottleneck.Warnings(level, IsLocal(plan.Options.Target))))
        {
            Console.WriteLine(warning);
        }

        if (plan.Csv is { } csv)
        {
            File.WriteAllText(csv, CsvFile.Text(levels));
        }

        if (plan.Svg is { } svg && levels.Count > 0)
        {
            CurveChart.Draw(svg, levels, target);
        }
    }

    private static void EnsureWritable(params string?[] files)
    {
        foreach (var file in files.OfType<string>())
        {
            try
            {
                File.Open(file, FileMode.Append).Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new LoadException($"The file can't be written: {e.Message}");
            }
        }
    }

    private static bool IsLocal(Uri target) =>
        target.IsLoopback
            || (IPAddress.TryParse(target.IdnHost, out var address) && Dns.GetHostAddresses("").Contains(address));
}
