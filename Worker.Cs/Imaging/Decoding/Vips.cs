using System.Reflection;
using System.Runtime.InteropServices;
using NetVips;

namespace Worker.Imaging;

/// <summary>
/// libvips, set up once for the process by NetVips; pictures are opened and decoded by libvips's own functions.
/// </summary>
internal static partial class Vips
{
    /// <summary>The name under which libvips is imported.</summary>
    public const string Library = "vips";

    private static readonly Lazy<bool> Ready = new(Start);

    /// <summary>
    /// Only the accepted formats' loaders can run; no threads and no cache of libvips's own, since every core has a
    /// picture of its own.
    /// </summary>
    public static void EnsureReady() => _ = Ready.Value;

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
        foreach (var format in (string[])["Jpeg", "Png", "Webp", "Nsgif", "Tiff", "Heif"])
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

    [LibraryImport(Library, EntryPoint = "vips_error_buffer")]
    private static partial nint ErrorBuffer();

    [LibraryImport(Library, EntryPoint = "vips_error_clear")]
    private static partial void ErrorClear();
}
