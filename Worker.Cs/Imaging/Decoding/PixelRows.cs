using System.Reflection;
using System.Runtime.InteropServices;
using NetVips;

namespace Worker.Imaging;

/// <summary>
/// Decoded rows in native memory, 3 bytes a pixel. <see cref="Region.Fetch"/> copies them to a new array: for a PNG of
/// 12 megapixels that took 12 % more processor time and a third more memory. Everything else uses NetVips.
/// </summary>
internal readonly unsafe partial struct PixelRows : IDisposable
{
    private const string Library = "vips";

    private readonly byte* memory;
    private readonly int rowLength;

    static PixelRows() => NativeLibrary.SetDllImportResolver(typeof(PixelRows).Assembly, Resolve);

    /// <summary>Decodes up to and including these rows of <paramref name="region"/>.</summary>
    /// <exception cref="VipsException">The image is damaged.</exception>
    public PixelRows(Region region, int left, int top, int width, int height)
    {
        rowLength = width * Resampling.Channels;
        memory = Fetch(region, left, top, width, height, out var size);
        if (memory is null || size != (nuint)rowLength * (nuint)height)
        {
            Free(memory);
            throw new VipsException("unable to fetch from region");
        }
    }

    /// <summary>Returns one row.</summary>
    public ReadOnlySpan<byte> this[int index] => new(memory + ((long)index * rowLength), rowLength);

    /// <inheritdoc/>
    public void Dispose() => Free(memory);

    // The names by which NetVips has loaded the library.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        var file = OperatingSystem.IsWindows() ? "libvips-42.dll"
            : OperatingSystem.IsMacOS() ? "libvips.42.dylib"
            : "libvips.so.42";
        return name == Library ? NativeLibrary.Load(file, typeof(Image).Assembly, path) : 0;
    }

    [LibraryImport(Library, EntryPoint = "vips_region_fetch")]
    private static partial byte* Fetch(Region region, int left, int top, int width, int height, out nuint size);

    [LibraryImport(Library, EntryPoint = "g_free")]
    private static partial void Free(byte* memory);
}
