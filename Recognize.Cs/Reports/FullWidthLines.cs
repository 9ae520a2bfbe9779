using Spectre.Console.Rendering;

namespace Recognize.Reports;

/// <summary>Renders content on whole lines.</summary>
/// <param name="content">The content.</param>
/// <param name="fill">Whether to pad lines with blanks, which overwrites a progress bar.</param>
internal sealed class FullWidthLines(IRenderable content, bool fill) : Renderable
{
    /// <inheritdoc/>
    protected override Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        foreach (var line in Segment.SplitLines(content.Render(options, maxWidth), maxWidth))
        {
            foreach (var segment in line)
            {
                yield return segment;
            }

            if (fill)
            {
                yield return Segment.Padding(Math.Max(0, maxWidth - line.CellCount()));
            }

            yield return Segment.LineBreak;
        }
    }
}
