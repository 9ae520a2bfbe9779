using System.Text;
using NetVips;

namespace Scenarios.Pictures;

/// <summary>Files that are no pictures, or that are unexpectedly expensive to decode.</summary>
internal static class ExpensivePictures
{
    /// <summary>Returns files that must be refused.</summary>
    public static IEnumerable<(string Name, byte[] File)> Refused(int seed, int noises)
    {
        yield return (
            "PNG of 50,000 x 50,000 in 10 KB",
            Padded(
                PngWriter.File(
                    PngWriter.Header(50_000, 50_000),
                    PngWriter.Chunk("IDAT", PngWriter.Zeros(5_000_000)),
                    PngWriter.End)));
        yield return ("PNG of 14,000 x 14,000, interlaced", PngWriter.Black(14_000, 14_000, interlaced: true));
        yield return (
            "PNG of 10,000 x 10,000, RGBA of 16 bits", PngWriter.Black(10_000, 10_000, colourType: 6, depth: 16));
        yield return ("GIF of 15,000 x 15,000", GifWriter.Frames(2, 15_000, 15_000));
        using (var black = Image.Black(8000, 8000, bands: 3))
        using (var tagged = black.Copy(interpretation: Enums.Interpretation.Srgb))
        {
            yield return ("WebP of 8,000 x 8,000", tagged.WebpsaveBuffer(lossless: true));
        }

        var whole = new[] { (2, 2), (2, 2), (2, 2) };
        yield return ("progressive JPEG of 12,000 x 12,000", new JpegWriter(12_000, 12_000, whole).Progressive(0));
        yield return (
            "progressive JPEG of 4,096 x 4,096 and 2,649 scans", new JpegWriter(4096, 4096, whole).Progressive(13));
        yield return (
            "progressive JPEG of 1,448 x 1,448 and 2,649 scans", new JpegWriter(1448, 1448, whole).Progressive(13));
        yield return ("lossless JPEG", new JpegWriter(64, 64, whole) { Frame = 0xC3 }.Sequential(interleaved: true));
        yield return (
            "JPEG of 12 bits",
            new JpegWriter(64, 64, whole) { Frame = 0xC1, Precision = 12 }.Sequential(interleaved: true));
        yield return (
            "WebP of 16,383 x 16,383 in 34 bytes",
            WebPWriter.File(WebPWriter.Chunk("VP8L", WebPWriter.Lossless(16_383, 16_383, 1, 2, 3))));
        yield return (
            "SVG",
            Encoding.UTF8.GetBytes(
                "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" "
                    + "height=\"9\"><script>alert(1)</script><image href=\"file:///etc/passwd\"/></svg>"));
        yield return (
            "PDF",
            Encoding.ASCII.GetBytes(
                "%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"
                    + "trailer<</Root 1 0 R>>"));
        yield return ("EPS", "%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd)(r)file"u8.ToArray());
        yield return (
            "polyglot of JPEG's start and PDF", [0xFF, 0xD8, 0xFF, 0xE0, .. "%PDF-1.7 <script>alert(1)</script>"u8]);
        yield return ("polyglot of GIF and JavaScript", "GIF89a/*\0\0*/=1;alert('<script>')//;"u8.ToArray());
        yield return ("polyglot of PNG's start and SVG", [.. PngWriter.File(), .. "<svg onload=alert(1)>"u8]);
        yield return (
            "polyglot of WebP's start and HTML", "RIFF\x40\0\0\0WEBP<html><script>alert(1)</script>"u8.ToArray());
        var random = new Random(seed);
        foreach (var (name, head) in Heads)
        {
            for (var i = 0; i < noises; i++)
            {
                var noise = new byte[random.Next(1, 65_536)];
                random.NextBytes(noise);
                yield return ($"noise behind the start of a {name}", [.. head, .. noise]);
            }
        }
    }

    /// <summary>Returns a JPEG cut at every <paramref name="step"/> hundredths of its bytes.</summary>
    public static IEnumerable<(string Name, byte[] File)> Cut(int step)
    {
        using var image = SamplePictures.Sample(640);
        var whole = SamplePictures.Jpeg(image);
        return Enumerable.Range(1, 99).Where(percent => percent % step == 0).Select(
            percent => ($"JPEG cut at {percent} %", whole[..(whole.Length * percent / 100)]));
    }

    /// <summary>Returns valid pictures that must be answered without the cost they are built to cause.</summary>
    public static IEnumerable<(string Name, byte[] File)> Answered()
    {
        var text = PngWriter.Zeros(50_000_000);
        var texts = Enumerable.Range(0, 9).Select(
            i => PngWriter.Chunk("zTXt", [(byte)('a' + i), 0, 0, .. text])).SelectMany(chunk => chunk).ToArray();
        yield return (
            "PNG with nine texts of 50 MB in 437 KB",
            PngWriter.File(
                PngWriter.Header(64, 64), texts, PngWriter.Chunk("IDAT", PngWriter.Zeros(64 * 193)), PngWriter.End));
        yield return (
            "PNG with a colour profile of 50 MB",
            PngWriter.File(
                PngWriter.Header(64, 64),
                PngWriter.Chunk("iCCP", [(byte)'a', 0, 0, .. text]),
                PngWriter.Chunk("IDAT", PngWriter.Zeros(64 * 193)),
                PngWriter.End));
        yield return ("GIF of 100,000 frames", GifWriter.Frames(100_000, 1, 1));
        yield return ("WebP of 100,000 frames", WebPWriter.Frames(100_000));
        using var image = SamplePictures.Sample(640);
        yield return (
            "JPEG with markup behind its end", [.. SamplePictures.Jpeg(image), .. "<script>alert(1)</script>"u8]);
    }

    /// <summary>Returns pictures at the pixel limit for decoding row by row.</summary>
    public static IEnumerable<(string Name, byte[] File)> Largest()
    {
        yield return ("PNG of 10,000 x 10,000", PngWriter.Black(10_000, 10_000));
        yield return ("PNG of 6,100 x 6,100, RGBA of 16 bits", PngWriter.Black(6_100, 6_100, colourType: 6, depth: 16));
        using var black = Image.Black(10_000, 10_000, bands: 3);
        using var tagged = black.Copy(interpretation: Enums.Interpretation.Srgb);
        yield return ("JPEG of 10,000 x 10,000", SamplePictures.Jpeg(tagged));
    }

    /// <summary>Returns pictures that are decoded as a whole, within the memory limit.</summary>
    public static IEnumerable<(string Name, byte[] File)> Whole()
    {
        yield return ("PNG of 10,000 x 10,000, interlaced", PngWriter.Black(10_000, 10_000, interlaced: true));
        yield return ("GIF of 10,000 x 10,000", GifWriter.Frames(2, 10_000, 10_000));
        using var black = Image.Black(8000, 8000, bands: 3);
        using var tagged = black.Copy(interpretation: Enums.Interpretation.Srgb);
        yield return (
            "JPEG of 8,000 x 8,000, progressive", SamplePictures.Jpeg(tagged, progressive: true, wholeColours: true));
    }

    /// <summary>
    /// Returns a progressive JPEG that repeats its last scan; each repetition costs a pass over the whole picture.
    /// </summary>
    public static byte[] Scans(int count)
    {
        using var black = Image.Black(2800, 2800, bands: 3);
        using var tagged = black.Copy(interpretation: Enums.Interpretation.Srgb);
        var file = SamplePictures.Jpeg(tagged, progressive: true);
        var last = file.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        var scan = file[last..^2];
        return [.. file[..^2], .. Enumerable.Repeat(scan, count).SelectMany(one => one), 0xFF, 0xD9];
    }

    private static (string Name, byte[] Head)[] Heads =>
    [
        ("JPEG", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
        ("PNG", PngWriter.File(PngWriter.Header(64, 64))),
        ("WebP", [.. "RIFF\0\0\x01\0WEBPVP8 "u8]),
        ("GIF", [.. "GIF89a\x40\0\x40\0\0\0\0"u8]),
    ];

    private static byte[] Padded(byte[] file) => [.. file, .. new byte[Math.Max(0, 10_000 - file.Length)]];
}
