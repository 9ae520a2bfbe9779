using ScottPlot;

namespace Compare.Output;

/// <summary>The charts of the page, as SVG.</summary>
internal static class Charts
{
    private const int Width = 900;
    private const int Height = 420;

    private static readonly Color[] Colours = [Colors.Gray, Colors.SteelBlue, Colors.SeaGreen, Colors.DarkOrange, Colors.MediumPurple];

    /// <summary>
    /// Draws a group of bars per picture, with one bar per system; <paramref name="rates"/> is by picture, then system.
    /// </summary>
    public static void Throughput(string path, string[] pictures, string[] systems, double[][] rates)
    {
        using var plot = new Plot();
        for (var system = 0; system < systems.Length; system++)
        {
            var bars = plot.Add.Bars(
                [.. pictures.Select((_, picture) => (picture * (systems.Length + 1.0)) + system)],
                [.. rates.Select(picture => picture[system])]);
            bars.Color = Colours[system];
            bars.LegendText = systems[system];
            foreach (var bar in bars.Bars)
            {
                bar.LineWidth = 0;
                bar.Label = bar.Value.ToString("F0", System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        plot.Axes.Bottom.SetTicks(
            [.. pictures.Select((_, picture) => (picture * (systems.Length + 1.0)) + ((systems.Length - 1) / 2.0))], pictures);
        plot.Axes.SetLimitsY(0, rates.Max(picture => picture.Max()) * 1.15);
        plot.YLabel("pictures a second");
        plot.ShowLegend(Edge.Bottom);
        plot.SaveSvg(path, Width, Height);
    }
}
