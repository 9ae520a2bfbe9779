using System.Reflection;
using System.Runtime.InteropServices;
using NetVips;

namespace Worker.Imaging;

/// <summary>libvips, set up once for the process, and the two of its functions that NetVips shows only with a copy.</summary>
internal static partial class Vips
{
    private const string Library = "vips";

    private static readonly Lazy<bool> Ready = new(Start);

    /// <summary>
    /// Only the accepted formats' loaders can run; no threads and no cache of libvips's own, since every core has a
    /// picture of its own.
    /// </summary>
    public static void EnsureReady() => _ = Ready.Value;

    /// <summary>The EXIF orientation, 1 … 8; 1 where there is none.</summary>
    public static int Orientation(Image image) => ImageOrientation(image);

    /// <summary>
    /// Decodes up to and including these rows; the caller frees the returned copy with <see cref="Free"/>. Zero when
    /// the picture is damaged.
    /// </summary>
    public static unsafe byte* Fetch(Region region, int left, int top, int width, int height, out nuint size) =>
        (byte*)RegionFetch(region, left, top, width, height, out size);

    /// <summary>Gives back what <see cref="Fetch"/> gave.</summary>
    [LibraryImport(Library, EntryPoint = "g_free")]
    public static unsafe partial void Free(byte* memory);

    /// <summary>Why the last call failed, as one line; forgets it.</summary>
    public static string TakeError()
    {
        var text = Marshal.PtrToStringUTF8(ErrorBuffer()) ?? "";
        ErrorClear();
        return OneLine(text);
    }

    /// <summary>libvips's messages come with line feeds.</summary>
    public static string OneLine(string message) => string.Join("; ", message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

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

        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        Cache.MaxMem = 0;
        Cache.MaxFiles = 0;
        NetVips.NetVips.BlockUntrusted = true;
        Operation.Block("VipsForeignLoad", true);
        foreach (var loader in (string[])["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif"])
        {
            Operation.Block(loader, false);
        }

        // What is wrong with a picture is said in its refusal.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => { });
        return true;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        var file = OperatingSystem.IsWindows() ? "libvips-42.dll" : OperatingSystem.IsMacOS() ? "libvips.42.dylib" : "libvips.so.42";
        return name == Library ? NativeLibrary.Load(file, typeof(Image).Assembly, path) : 0;
    }

    [LibraryImport(Library, EntryPoint = "vips_image_get_orientation")]
    private static partial int ImageOrientation(SafeHandle image);

    [LibraryImport(Library, EntryPoint = "vips_region_fetch")]
    private static partial nint RegionFetch(SafeHandle region, int left, int top, int width, int height, out nuint size);

    [LibraryImport(Library, EntryPoint = "vips_error_buffer")]
    private static partial nint ErrorBuffer();

    [LibraryImport(Library, EntryPoint = "vips_error_clear")]
    private static partial void ErrorClear();
}
