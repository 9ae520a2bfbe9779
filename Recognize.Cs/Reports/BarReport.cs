using System.Globalization;
using Recognition.Client;
using Recognize.Classifiers;
using Recognize.Pictures;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Recognize.Reports;

/// <summary>
/// Shows a picture's name, the answer as a sentence and the classes with bars, for people on a terminal.
/// </summary>
/// <param name="screen">The terminal.</param>
/// <param name="thumbnails">The pictures below the heat maps; null if no maps were requested.</param>
internal sealed class BarReport(Terminal screen, Thumbnails? thumbnails) : IReport
{
    private const int Indent = 2;
    private const int WidestBar = 40;

    /// <inheritdoc/>
    public void Show(PictureSource source, ClassificationResult.Succeeded succeeded)
    {
        var (answer, picture) = succeeded;
        var time = answer.Milliseconds.ToString("  0 ms", CultureInfo.InvariantCulture);
        screen.Write(new Paragraph()
            .Append(
                DisplayText.End(source.Title, Math.Max(1, screen.Width - time.Length)),
                new Style(decoration: Decoration.Bold))
            .Append(time, Columns.Other));
        var sentence = new Text(DisplayText.Clean(answer.Sentence() + "."), Columns.First);
        screen.Write(new Padder(sentence, new Padding(Indent, 0, 0, 0)));
        if (answer.Answer is { Path: { Count: > 1 } path })
        {
            screen.Write(new Padder(
                new Text(DisplayText.Clean(string.Join(" › ", path.Select(node => node.Label))), Columns.Other),
                new Padding(Indent, 0, 0, 0)));
        }

        if (thumbnails is not null)
        {
            screen.Write(new Padder(Map(answer, picture), new Padding(Indent, 0, 0, 0)));
        }

        screen.Write(Classes(answer));
        screen.Write(new Text(" "));
    }

    /// <inheritdoc/>
    public void Show(PictureSource source, ClassificationResult.Refused refused) =>
        screen.Warn(DisplayText.Line(source, refused.Reason));

    private IRenderable Map(Classification answer, ReadOnlyMemory<byte> picture) =>
        answer.Maps is [var map, ..] && map.Width * map.Height == map.Cells.Length
            ? new HeatMap(map, thumbnails!.Of(answer.Model, picture))
            : new Text("No map: the worker, or its model, has none.", Columns.Other);

    private Grid Classes(Classification answer)
    {
        var longest = answer.Predictions.Select(found => found.Label.GetCellWidth()).DefaultIfEmpty().Max();
        var label = Math.Min(longest, Math.Max(10, screen.Width / 3));
        var bar = Math.Clamp(screen.Width - Indent - label - Columns.Percent - 3, 4, WidestBar);
        var grid = new Grid()
            .AddColumn(Columns.Of(label, Indent))
            .AddColumn(Columns.Of(bar))
            .AddColumn(Columns.Of(Columns.Percent));
        foreach (var found in answer.Predictions)
        {
            grid.AddRow(Columns.Class(found, label, first: ReferenceEquals(found, answer.Predictions[0])));
        }

        return grid;
    }
}

/// <summary>Shows one line for each picture, with its top class, in columns.</summary>
/// <param name="screen">The terminal.</param>
/// <param name="names">The width of the longest name.</param>
internal sealed class LineReport(Terminal screen, int names) : IReport
{
    private const int Label = 18;

    /// <inheritdoc/>
    public void Show(PictureSource source, ClassificationResult.Succeeded succeeded)
    {
        var name = Math.Min(names, screen.Width / 3);
        var label = Math.Min(Label, screen.Width / 4);
        var bar = Math.Max(1, screen.Width - name - label - Columns.Percent - 4);
        var grid = new Grid()
            .AddColumn(Columns.Of(name))
            .AddColumn(Columns.Of(label))
            .AddColumn(Columns.Of(bar))
            .AddColumn(Columns.Of(Columns.Percent));
        foreach (var found in succeeded.Answer.Predictions)
        {
            grid.AddRow([new Text(DisplayText.End(source.Title, name)), .. Columns.Class(found, label, first: true)]);
        }

        screen.Write(grid);
    }

    /// <inheritdoc/>
    public void Show(PictureSource source, ClassificationResult.Refused refused) =>
        screen.Warn(DisplayText.Line(source, refused.Reason));
}

/// <summary>The columns that both reports share.</summary>
file static class Columns
{
    /// <summary>The width of <c>100.0%</c>.</summary>
    public const int Percent = 6;

    public static readonly Style First = new(Color.Green);

    public static readonly Style Other = new(Color.Grey);

    public static GridColumn Of(int width, int indent = 0) =>
        new() { Width = width, NoWrap = true, Padding = new Padding(indent, 0, 1, 0) };

    /// <summary>Returns the label, the bar and the percentage.</summary>
    public static IRenderable[] Class(Prediction found, int label, bool first) =>
    [
        new Text(DisplayText.Start(found.Label, label), first ? First : Style.Plain),
        new Bar(found.Probability, first ? First : Other),
        new Text(found.Probability.ToString("0.0%", CultureInfo.InvariantCulture)) { Justification = Justify.Right },
    ];
}
