using Spectre.Console;
using Spectre.Console.Rendering;

namespace Recognize.Reports;

/// <summary>A bar that shows a probability, in eighths of a character if the terminal supports them.</summary>
/// <param name="share">The probability, 0 … 1.</param>
/// <param name="style">The bar's style.</param>
internal sealed class Bar(double share, Style style) : Renderable
{
    private const string Eighths = " ▏▎▍▌▋▊▉█";

    /// <inheritdoc/>
    protected override Measurement Measure(RenderOptions options, int maxWidth) => new(Math.Min(4, maxWidth), maxWidth);

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var drawn = options.Unicode ? Fine(maxWidth) : new string('#', (int)Math.Round(share * maxWidth));
        yield return new Segment(drawn, style);
        yield return Segment.Padding(maxWidth - drawn.Length);
    }

    private string Fine(int width)
    {
        var eighths = (int)Math.Round(share * width * 8);
        var whole = new string(Eighths[8], eighths / 8);
        return eighths % 8 == 0 ? whole : whole + Eighths[eighths % 8];
    }
}
