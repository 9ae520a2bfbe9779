using System.Text.Encodings.Web;
using System.Text.Json;
using SkiaSharp;

namespace Draw;

/// <summary>The folder with the pictures and <c>samples.json</c>, which lists them.</summary>
public static class Folder
{
    /// <summary>
    /// The tolerance for a pixel's channel against the committed picture, of 255: Skia rounds differently on different
    /// processors, and the difference is invisible.
    /// </summary>
    public const int Tolerance = 2;

    /// <summary>The side of a preview, in pixels: twice what a page shows, for dense screens.</summary>
    public const int PreviewSize = 300;

    /// <summary>The folder of the previews, within that of the samples; hidden, since it holds no samples.</summary>
    public const string Previews = ".previews";

    private const string ManifestName = "samples.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Returns the repository's own folder, found upwards from this program's binaries.</summary>
    /// <exception cref="DirectoryNotFoundException">The program is not in its repository.</exception>
    public static string OfRepository()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Recognition.slnx")))
            {
                return Path.Combine(at.FullName, "samples");
            }
        }

        throw new DirectoryNotFoundException($"No Recognition.slnx above {AppContext.BaseDirectory}.");
    }

    /// <summary>Draws every picture into the folder and writes the manifest; the output is always the same.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, Previews));
        foreach (var picture in Gallery.Pictures)
        {
            using var drawn = Sheet.Draw(picture.Draw);
            using var pixels = drawn.PeekPixels();
            using var png = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.AllFilters, 9))
                ?? throw new InvalidOperationException($"Skia can't encode {picture.File}.");
            File.WriteAllBytes(Path.Combine(folder, picture.File), png.ToArray());

            using var small = Preview(drawn);
            using var smallPixels = small.PeekPixels();
            using var webp = smallPixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, 70))
                ?? throw new InvalidOperationException($"Skia can't encode the preview of {picture.File}.");
            File.WriteAllBytes(PreviewOf(folder, picture), webp.ToArray());
        }

        File.WriteAllText(Path.Combine(folder, ManifestName), Manifest());
    }

    /// <summary>Returns the names of the files that are missing or differ from what would be drawn today.</summary>
    public static IReadOnlyList<string> Differing(string folder)
    {
        var manifest = Path.Combine(folder, ManifestName);
        var isManifestRight = File.Exists(manifest) && File.ReadAllText(manifest) == Manifest();
        var pictures = Gallery.Pictures.Where(p => !IsDrawn(p, folder)).Select(p => p.File);
        return isManifestRight ? [.. pictures] : [ManifestName, .. pictures];
    }

    private static string PreviewOf(string folder, Picture picture) =>
        Path.Combine(folder, Previews, Path.ChangeExtension(picture.File, ".webp"));

    private static SKBitmap Preview(SKBitmap drawn) =>
        drawn.Resize(
            drawn.Info.WithSize(PreviewSize, PreviewSize),
            new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear))
        ?? throw new InvalidOperationException("Skia can't resize a picture.");

    private static string Manifest() =>
        JsonSerializer.Serialize(Gallery.Pictures.Select(p => new { p.File, p.Label, p.Title }), Json) + "\n";

    private static bool IsDrawn(Picture picture, string folder)
    {
        using var drawn = Sheet.Draw(picture.Draw);
        using var small = Preview(drawn);
        return Differences(drawn, Path.Combine(folder, picture.File)) is { Most: <= Tolerance }
            // WebP is lossy.
            && Differences(small, PreviewOf(folder, picture)) is { Mean: <= 4 };
    }

    /// <summary>
    /// Returns by how much the channels of a file's pixels differ; null if it is not a picture of the same size.
    /// </summary>
    private static (int Most, double Mean)? Differences(SKBitmap drawn, string path)
    {
        using var found = File.Exists(path) ? SKBitmap.Decode(path, drawn.Info) : null;
        if (found is null || found.Info.Size != drawn.Info.Size)
        {
            return null;
        }

        var expected = drawn.GetPixelSpan();
        var actual = found.GetPixelSpan();
        var (most, sum) = (0, 0L);
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(expected[i] - actual[i]);
            most = Math.Max(most, difference);
            sum += difference;
        }

        return (most, (double)sum / expected.Length);
    }
}
