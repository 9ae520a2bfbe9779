using System.Reflection;
using System.Runtime.InteropServices;
using NetVips;

namespace Worker.Imaging;

/// <summary>
/// libvips, set up once for the process, and those of its functions that NetVips shows only with copies.
/// </summary>
internal static partial class Vips
{
    private const string Library = "vips";

    private static readonly Lazy<bool> Ready = new(Start);

    /// <summary>
    /// Only the accepted formats' loaders can run; no threads and no cache of libvips's own, since every core has a
    /// picture of its own.
    /// </summary>
    public static void EnsureReady() => _ = Ready.Value;

    /// <summary>
    /// What the header says, without the copies that NetVips's properties make. Orientation is EXIF's, 1 … 8.
    /// </summary>
    public static Header Read(Image image) => new(
        ImageWidth(image), ImageHeight(image), ImageBands(image), (Enums.BandFormat)ImageFormat(image),
        (Enums.Interpretation)ImageInterpretation(image), ImageOrientation(image));

    /// <summary>
    /// Decodes up to and including these rows; the caller frees the returned copy with <see cref="Free"/>. Zero when
    /// the picture is damaged.
    /// </summary>
    public static unsafe byte* Fetch(Region region, int left, int top, int width, int height, out nuint size) =>
        (byte*)RegionFetch(region, left, top, width, height, out size);

    /// <summary>Gives back what <see cref="Fetch"/> gave.</summary>
    [LibraryImport(Library, EntryPoint = "g_free")]
    public static unsafe partial void Free(byte* memory);

    /// <summary>
    /// Why the last call failed, as one line; forgets it. Threads share the place where libvips keeps it, so another's
    /// reason may be there, or none.
    /// </summary>
    public static string TakeError()
    {
        var text = OneLine(Marshal.PtrToStringUTF8(ErrorBuffer()) ?? "");
        ErrorClear();
        return text.Length == 0 ? "it can't be decoded to its end" : text;
    }

    /// <summary>libvips's messages come with line feeds.</summary>
    public static string OneLine(string message)
    {
        const StringSplitOptions Tidy = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        return string.Join("; ", message.Split('\n', Tidy));
    }

    /// <summary>A picture for trying the whole path with: black, 64 x 64.</summary>
    public static byte[] BlankJpeg()
    {
        EnsureReady();
        using var black = Image.Black(64, 64, bands: 3);
        using var tagged = black.Copy(interpretation: Enums.Interpretation.Srgb);
        return tagged.JpegsaveBuffer();
    }

    private static bool Start()
    {
        NativeLibrary.SetDllImportResolver(typeof(Vips).Assembly, Resolve);
        if (!ModuleInitializer.VipsInitialized)
        {
            throw new DllNotFoundException("libvips can't be loaded", ModuleInitializer.Exception);
        }

        AllocatorLimits.Set();
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        Cache.MaxMem = 0;
        Cache.MaxFiles = 0;
        NetVips.NetVips.BlockUntrusted = true;
        Operation.Block("VipsForeignLoad", true);
        foreach (var format in (string[])["Jpeg", "Png", "Webp", "Nsgif"])
        {
            Operation.Block("VipsForeignLoad" + format, false);
        }

        // What is wrong with a picture is said in its refusal.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => { });
        return true;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        var file = OperatingSystem.IsWindows() ? "libvips-42.dll"
            : OperatingSystem.IsMacOS() ? "libvips.42.dylib"
            : "libvips.so.42";
        return name == Library ? NativeLibrary.Load(file, typeof(Image).Assembly, path) : 0;
    }

    [LibraryImport(Library, EntryPoint = "vips_image_get_width")]
    private static partial int ImageWidth(SafeHandle image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_height")]
    private static partial int ImageHeight(SafeHandle image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_bands")]
    private static partial int ImageBands(SafeHandle image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_format")]
    private static partial int ImageFormat(SafeHandle image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_interpretation")]
    private static partial int ImageInterpretation(SafeHandle image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_orientation")]
    private static partial int ImageOrientation(SafeHandle image);

    [LibraryImport(Library, EntryPoint = "vips_region_fetch")]
    private static partial nint RegionFetch(
        SafeHandle region, int left, int top, int width, int height, out nuint size);

    [LibraryImport(Library, EntryPoint = "vips_error_buffer")]
    private static partial nint ErrorBuffer();

    [LibraryImport(Library, EntryPoint = "vips_error_clear")]
    private static partial void ErrorClear();

    public readonly record struct Header(
        int Width,
        int Height,
        int Bands,
        Enums.BandFormat Format,
        Enums.Interpretation Interpretation,
        int Orientation);
}
