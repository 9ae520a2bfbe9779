using ScottPlot;

namespace Reliability.Scenarios;

/// <summary>Draws the curves of a soak.</summary>
internal static class SoakChart
{
    private const int Width = 900;
    private const int Height = 420;

    /// <summary>Draws resident memory over time, with a line at the end of the warm-up.</summary>
    public static void Draw(string path, IReadOnlyList<Curve> curves, TimeSpan warm, string title)
    {
        using var plot = new Plot();
        foreach (var curve in curves)
        {
            var line = plot.Add.ScatterLine(
                curve.Samples.Select(sample => sample.At.TotalMinutes).ToArray(),
                curve.Samples.Select(sample => sample.Held.Resident / (double)(1 << 20)).ToArray());
            line.LegendText = curve.Name;
            line.LineWidth = 1.5f;
        }

        var mark = plot.Add.VerticalLine(warm.TotalMinutes, 1, Colors.Gray, LinePattern.Dashed);
        mark.LegendText = "from here on growth counts";
        plot.Axes.SetLimitsY(0, curves.Max(curve => curve.Samples.Max(sample => sample.Held.Resident)) * 1.2 / (1 << 20));
        plot.Title(title);
        plot.XLabel("minutes");
        plot.YLabel("MiB");
        plot.ShowLegend(Edge.Bottom);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        plot.SaveSvg(path, Width, Height);
    }
}
