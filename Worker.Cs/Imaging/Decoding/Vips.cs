using System.Reflection;
using System.Runtime.InteropServices;
using NetVips;

namespace Worker.Imaging;

/// <summary>
/// libvips, initialised once for the process by NetVips; images are decoded by libvips's own functions.
/// </summary>
internal static partial class Vips
{
    /// <summary>The name under which libvips is imported.</summary>
    public const string Library = "vips";

    private static readonly Lazy<bool> Ready = new(Start);

    /// <summary>
    /// Initialises libvips: only the supported formats' loaders, no threads and no cache, since every core works on an
    /// image of its own.
    /// </summary>
    public static void EnsureReady() => _ = Ready.Value;

    /// <summary>
    /// Returns the last error as one line and clears it. All threads share libvips's error buffer, so it may hold
    /// another thread's error, or none.
    /// </summary>
    public static string TakeError()
    {
        var text = OneLine(Marshal.PtrToStringUTF8(ErrorBuffer()) ?? "");
        ErrorClear();
        return text.Length == 0 ? "it can't be decoded to its end" : text;
    }

    /// <summary>Joins the lines of a libvips message.</summary>
    public static string OneLine(string message)
    {
        const StringSplitOptions Tidy = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        return string.Join("; ", message.Split('\n', Tidy));
    }

    /// <summary>Returns a black image of 64 x 64 for end-to-end checks.</summary>
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
        foreach (var format in (string[])["Jpeg", "Png", "Webp", "Nsgif", "Tiff", "Heif"])
        {
            Operation.Block("VipsForeignLoad" + format, false);
        }

        // The refusal reports what is wrong with an image.
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

    [LibraryImport(Library, EntryPoint = "vips_error_buffer")]
    private static partial nint ErrorBuffer();

    [LibraryImport(Library, EntryPoint = "vips_error_clear")]
    private static partial void ErrorClear();
}
