using System.Globalization;
using Load.Options;
using Load.Running;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Load.Output;

/// <summary>Draws latency and throughput against the load, as an SVG.</summary>
public static class CurveChart
{
    private const int Width = 900;
    private const int Height = 480;
    private const double Least = .1;

    private static readonly (double Percent, Color Colour)[] Latencies =
        [(50, Colors.SteelBlue), (95, Colors.DarkOrange), (99, Colors.FireBrick)];

    /// <summary>Draws levels of one kind, in the order of their load.</summary>
    public static void Draw(string path, IReadOnlyList<LevelFigures> levels, string title)
    {
        using var plot = new Plot();
        var isOpen = levels[0].Level is Level.Rate;
        double[] at = [.. levels.Select((level, index) => isOpen ? level.Level.Value : index)];
        foreach (var (percent, colour) in Latencies)
        {
            var line = plot.Add.Scatter(
                at, [.. levels.Select(level => Power(level.Total.Milliseconds(percent)))], colour);
            (line.LegendText, line.LineWidth) = ($"latency, p{percent}", 2);
        }

        double[] rates = [.. levels.Select(level => level.Total.Rate)];
        var rate = plot.Add.Scatter(at, rates, Colors.SeaGreen);
        (rate.LegendText, rate.LineWidth, rate.MarkerShape) = ("answers a second", 2, MarkerShape.OpenSquare);
        rate.Axes.YAxis = plot.Axes.Right;
        (plot.Axes.Right.Min, plot.Axes.Right.Max) = (0, Math.Max(rates.Max(), 1) * 1.1);
        plot.Axes.Right.Label.Text = "answers a second";
        plot.Axes.Left.TickGenerator = Decades();
        plot.YLabel("latency, ms (logarithmic)");
        plot.XLabel(isOpen ? "requests a second that came" : "clients");
        if (!isOpen)
        {
            plot.Axes.Bottom.SetTicks(at, [.. levels.Select(level => $"{level.Level.Value}")]);
        }

        plot.Title(title);
        plot.ShowLegend(Edge.Bottom);
        plot.SaveSvg(path, Width, Height);
    }

    private static double Power(double milliseconds) => Math.Log10(Math.Max(milliseconds, Least));

    /// <summary>Returns the ticks of a logarithmic axis: 0.1, 0.2, 0.5, 1 …</summary>
    private static NumericManual Decades()
    {
        var ticks = new NumericManual();
        for (var power = -1; power < 6; power++)
        {
            foreach (var digit in (int[])[1, 2, 5])
            {
                var value = digit * Math.Pow(10, power);
                ticks.AddMajor(Math.Log10(value), value.ToString("0.#", CultureInfo.InvariantCulture));
            }
        }

        return ticks;
    }
}
