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

        throw new DirectoryNotFoundException($"No Recognition.slnx above {AppContext.BaseDirectory}: name a folder.");
    }

    /// <summary>Draws every picture into the folder and writes the manifest; the output is always the same.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var picture in Gallery.Pictures)
        {
            using var drawn = Sheet.Draw(picture.Draw);
            using var pixels = drawn.PeekPixels();
            using var png = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.AllFilters, 9))
                ?? throw new InvalidOperationException($"Skia can't encode {picture.File}.");
            File.WriteAllBytes(Path.Combine(folder, picture.File), png.ToArray());
        }

        File.WriteAllText(Path.Combine(folder, ManifestName), Manifest());
    }

    /// <summary>Returns the names of the files that are missing or differ from what would be drawn today.</summary>
    public static IReadOnlyList<string> Differing(string folder)
    {
        var manifest = Path.Combine(folder, ManifestName);
        var isManifestRight = File.Exists(manifest) && File.ReadAllText(manifest) == Manifest();
        var pictures = Gallery.Pictures.Where(p => !IsDrawn(p, Path.Combine(folder, p.File))).Select(p => p.File);
        return isManifestRight ? [.. pictures] : [ManifestName, .. pictures];
    }

    private static string Manifest() =>
        JsonSerializer.Serialize(Gallery.Pictures.Select(p => new { p.File, p.Label, p.Title }), Json) + "\n";

    private static bool IsDrawn(Picture picture, string path)
    {
        using var drawn = Sheet.Draw(picture.Draw);
        using var found = File.Exists(path) ? SKBitmap.Decode(path, drawn.Info) : null;
        if (found is null || found.Info.Size != drawn.Info.Size)
        {
            return false;
        }

        var expected = drawn.GetPixelSpan();
        var actual = found.GetPixelSpan();
        for (var i = 0; i < expected.Length; i++)
        {
            if (Math.Abs(expected[i] - actual[i]) > Tolerance)
            {
                return false;
            }
        }

        return true;
    }
}
