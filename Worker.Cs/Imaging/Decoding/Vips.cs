using NetVips;

namespace Worker.Imaging;

/// <summary>libvips, set up once for the process.</summary>
internal static class Vips
{
    private static readonly Lazy<bool> Ready = new(Start);

    /// <summary>
    /// Initializes libvips: only the supported formats' loaders, no threads and no cache, since every core works on an
    /// image of its own.
    /// </summary>
    public static void EnsureReady() => _ = Ready.Value;

    /// <summary>
    /// Returns the refusal of an image that libvips can't decode. All threads share libvips's error buffer, so the
    /// detail may hold another thread's error, or none.
    /// </summary>
    public static ImageRefusal Damaged(VipsException error)
    {
        const StringSplitOptions Tidy = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        return new ImageRefusal(RefusalReason.Damaged, string.Join("; ", error.Message.Split('\n', Tidy)));
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
}
