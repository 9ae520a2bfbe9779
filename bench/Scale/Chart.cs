using Scale.Simulation;
using ScottPlot;
using Web.Giraffe;
using Point = Scale.Simulation.Point;

namespace Scale;

/// <summary>Draws the times of one cluster against the load.</summary>
internal static class Chart
{
    private const int Width = 760;
    private const int Height = 420;
    private const double Thousand = 1000;

    private static readonly Dictionary<LoadBalancingPolicy, Color> Colours = new()
    {
        [LoadBalancingPolicy.RoundRobin] = Colors.DarkRed,
        [LoadBalancingPolicy.LeastInFlight] = Colors.SteelBlue,
        [LoadBalancingPolicy.PowerOfTwoChoices] = Colors.DarkGreen,
    };

    /// <summary>Draws the 99th percentile as full lines and the median as dotted ones.</summary>
    public static void Draw(string path, string title, IReadOnlyList<Point> points)
    {
        using var plot = new Plot();
        var curves = points.GroupBy(point => point.LoadBalancingPolicy).ToList();
        foreach (var curve in curves)
        {
            Line(plot, curve, point => point.Tail, $"{curve.Key}, p99", isTail: true);
            Line(plot, curve, point => point.Median, $"{curve.Key}, p50", isTail: false);
        }

        // The worst curve may exceed the top: it would compress the others.
        var highest = 1.3 * curves.Select(curve => curve.Max(point => point.Tail)).OrderDescending().ElementAt(1);
        plot.Axes.SetLimitsY(0, highest * Thousand);
        plot.Title(title);
        plot.XLabel("load, % of what all workers together can do");
        plot.YLabel("milliseconds from arrival to answer");
        plot.ShowLegend(Edge.Right);
        plot.SaveSvg(path, Width, Height);
    }

    private static void Line(Plot plot, IEnumerable<Point> curve, Func<Point, double> value, string name, bool isTail)
    {
        var points = curve.ToList();
        var line = plot.Add.Scatter(points.Select(point => point.Load * 100).ToArray(), points.Select(point => value(point) * Thousand).ToArray());
        line.LegendText = name;
        line.LinePattern = isTail ? LinePattern.Solid : LinePattern.Dotted;
        line.LineWidth = 2;
        line.MarkerSize = isTail ? 6 : 0;
        line.Color = Colours[points[0].LoadBalancingPolicy];
    }
}
