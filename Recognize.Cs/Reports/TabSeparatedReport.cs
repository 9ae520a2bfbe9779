using System.Globalization;
using Recognize.Classifiers;
using Recognize.Pictures;

namespace Recognize.Reports;

/// <summary>
/// Writes <c>file TAB probability TAB label</c> for each class, for <c>cut</c>, <c>awk</c> and <c>sort</c>.
/// </summary>
internal sealed class TabSeparatedReport(TextWriter output, Action<string> warn) : IReport
{
    /// <inheritdoc/>
    public void Show(PictureSource source, ClassificationResult.Succeeded succeeded)
    {
        foreach (var found in succeeded.Answer.Predictions)
        {
            var probability = found.Probability.ToString("0.000000", CultureInfo.InvariantCulture);
            output.WriteLine($"{DisplayText.Clean(source.Name)}\t{probability}\t{DisplayText.Clean(found.Label)}");
        }

        output.Flush();
    }

    /// <inheritdoc/>
    public void Show(PictureSource source, ClassificationResult.Refused refused) =>
        warn(DisplayText.Line(source, refused.Reason));
}
