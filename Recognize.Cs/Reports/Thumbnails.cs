using Spectre.Console;
using Worker.Imaging;
using Worker.Models;

namespace Recognize.Reports;

/// <summary>Makes small copies of pictures, cropped to the square that the network and its maps cover.</summary>
/// <param name="catalog">Folder of the manifests, which describe each model's preprocessing.</param>
internal sealed class Thumbnails(string catalog)
{
    /// <summary>Rows and columns; a line of text shows two rows.</summary>
    public const int Side = 36;

    private readonly Dictionary<string, Preprocessing?> models = [];

    /// <summary>
    /// Returns <see cref="Side"/> × <see cref="Side"/> pixels, row by row; null if the model is not in the catalog, or
    /// the picture can't be decoded here.
    /// </summary>
    public Color[]? Of(string model, ReadOnlyMemory<byte> picture)
    {
        if (!models.TryGetValue(model, out var seen))
        {
            models[model] = seen =
                ModelCatalog.Find(model, catalog).Try(out var manifest, out _) ? manifest.Preprocessing : null;
        }

        if (seen is null)
        {
            return null;
        }

        var tensor = new float[3 * seen.Crop * seen.Crop];
        return new Preprocessor(seen, ImagingLimits.Standard).Run(picture.Span, tensor) is null
            ? Shrink(seen, tensor)
            : null;
    }

    private static Color[] Shrink(Preprocessing seen, float[] tensor)
    {
        var pixels = new Color[Side * Side];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = new Color(Level(0, i), Level(1, i), Level(2, i));
        }

        return pixels;

        // The mean over the source pixels of one target pixel.
        byte Level(int channel, int pixel)
        {
            var (top, bottom) = Range(pixel / Side);
            var (left, right) = Range(pixel % Side);
            var sum = 0f;
            for (var y = top; y < bottom; y++)
            {
                for (var x = left; x < right; x++)
                {
                    sum += tensor[(((channel * seen.Crop) + y) * seen.Crop) + x];
                }
            }

            var mean = sum / ((bottom - top) * (right - left));
            return (byte)Math.Clamp(((mean * seen.Std[channel]) + seen.Mean[channel]) * 255, 0, 255);
        }

        (int From, int To) Range(int at)
        {
            var from = at * seen.Crop / Side;
            return (from, Math.Max(from + 1, (at + 1) * seen.Crop / Side));
        }
    }
}
