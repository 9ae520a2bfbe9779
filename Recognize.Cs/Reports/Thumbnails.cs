using Spectre.Console;
using Worker.Imaging;
using Worker.Models;

namespace Recognize.Reports;

/// <summary>Makes small copies of pictures, cropped to the area that the network and its maps cover.</summary>
/// <param name="catalog">Folder of the manifests, which describe each model's preprocessing.</param>
internal sealed class Thumbnails(string catalog)
{
    /// <summary>Rows and columns; a line of text shows two rows.</summary>
    public const int Side = 36;

    private readonly Dictionary<string, Preprocessor?> models = [];

    /// <summary>
    /// Returns <see cref="Side"/> × <see cref="Side"/> pixels, row by row; null if the model is not in the catalog, or
    /// the picture can't be decoded here.
    /// </summary>
    public Color[]? Of(string model, ReadOnlyMemory<byte> picture)
    {
        if (!models.TryGetValue(model, out var seen))
        {
            models[model] = seen = ModelCatalog.Find(model, catalog).Try(out var manifest, out _)
                ? new Preprocessor(Small(manifest.Resize), ImagingLimits.Standard)
                : null;
        }

        var planes = new float[3 * Side * Side];
        if (seen?.Run(picture.Span, planes) is not null || seen is null)
        {
            return null;
        }

        const int Area = Side * Side;
        return [.. Enumerable.Range(0, Area).Select(i => new Color(Level(i), Level(i + Area), Level(i + (2 * Area))))];

        byte Level(int at) => (byte)Math.Clamp(planes[at] * 255, 0, 255);
    }

    /// <summary>Returns the model's resize for a small square, with pixel values 0 … 1.</summary>
    private static Preprocessing Small(ResizeSpec resize)
    {
        var kept = resize switch
        {
            { Crop: > 1 and var pixels, Size: { } size } => size / pixels,
            { Crop: <= 1 and var part } => 1 / part,
            _ => 1,
        };
        var square = Preprocessing.Square((int)Math.Round(Side * kept), Side, [0, 0, 0], [1, 1, 1]);
        return square with { Method = resize.Mode, Fill = resize.Fill ?? square.Fill };
    }
}
