using System.Globalization;
using System.Runtime.InteropServices;
using NetVips;

namespace Worker.Imaging;

/// <summary>A picture of libvips's: its header is there, its pixels are made when they are asked for.</summary>
internal sealed partial class VipsImage : VipsHandle
{
    /// <summary>
    /// Reads the header of <paramref name="file"/>, to be decoded once, from top to bottom, and to fail where it ends too
    /// early. A JPEG is made <paramref name="shrink"/> times smaller: 2, 4 or 8; anything else is 1. Where
    /// <paramref name="isStrict"/>, the decoder's warnings are failures.
    /// </summary>
    /// <exception cref="VipsException">It can't be read.</exception>
    public static VipsImage Load(VipsBlob file, int shrink, bool isStrict = false)
    {
        using var load = new VipsCall(file.FindLoader());
        load.Set("buffer", file);
        load.Set("access", "sequential");
        load.Set("fail_on", isStrict ? "warning" : "truncated");
        if (shrink > 1)
        {
            load.Set("shrink", shrink.ToString(CultureInfo.InvariantCulture));
        }

        return load.Run();
    }

    /// <summary>Copies sRGB pixels of 8 bits, with or without alpha.</summary>
    /// <exception cref="VipsException">The memory does not suffice.</exception>
    public static VipsImage FromPixels(ReadOnlySpan<byte> pixels, int width, int height, int bands)
    {
        using var copy = CopyMemory(pixels, (nuint)pixels.Length, width, height, bands, (int)Enums.BandFormat.Uchar);
        return copy.IsInvalid ? throw new VipsException("unable to copy pixels") : copy.Apply("copy"u8, ("interpretation", "srgb"));
    }

    /// <summary>What the operation makes of this picture; it keeps this one alive.</summary>
    /// <exception cref="VipsException">It can't be applied.</exception>
    public VipsImage Apply(ReadOnlySpan<byte> operation, params ReadOnlySpan<(string Name, string Value)> arguments)
    {
        using var call = new VipsCall(operation);
        call.Set("in", this);
        foreach (var (name, value) in arguments)
        {
            call.Set(name, value);
        }

        return call.Run();
    }

    /// <summary>This one's pixels times the other's.</summary>
    /// <exception cref="VipsException">They can't be multiplied.</exception>
    public VipsImage Times(VipsImage other)
    {
        using var call = new VipsCall("multiply"u8);
        call.Set("left", this);
        call.Set("right", other);
        return call.Run();
    }

    /// <summary>What the header says in numbers.</summary>
    public VipsHeader ReadHeader() => new(
        Width(this), Height(this), Bands(this), (Enums.BandFormat)Format(this),
        (Enums.Interpretation)Interpretation(this), Orientation(this));

    /// <summary>Whether its last band says how much covers what lies below.</summary>
    public bool HasAlpha => HasAlphaBand(this) != 0;

    /// <summary>Whether the file says this of itself.</summary>
    public bool Contains(string field) => TypeOf(this, field) != 0;

    /// <summary>A number that the file says of itself.</summary>
    public int? Number(string field) => Contains(field) && Number(this, field, out var value) == 0 ? value : null;

    /// <summary>Whether the file says exactly this of itself.</summary>
    public unsafe bool Says(string field, ReadOnlySpan<byte> text) =>
        Contains(field) && Text(this, field, out var value) == 0
        && MemoryMarshal.CreateReadOnlySpanFromNullTerminated(value).SequenceEqual(text);

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_new_from_memory_copy")]
    private static partial VipsImage CopyMemory(
        ReadOnlySpan<byte> pixels, nuint size, int width, int height, int bands, int format);

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_get_width")]
    private static partial int Width(VipsImage image);

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_get_height")]
    private static partial int Height(VipsImage image);

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_get_bands")]
    private static partial int Bands(VipsImage image);

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_get_format")]
    private static partial int Format(VipsImage image);

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_get_interpretation")]
    private static partial int Interpretation(VipsImage image);

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_get_orientation")]
    private static partial int Orientation(VipsImage image);

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_hasalpha")]
    private static partial int HasAlphaBand(VipsImage image);

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_get_typeof", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nuint TypeOf(VipsImage image, string field);

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_get_int", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Number(VipsImage image, string field, out int value);

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_get_string", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Text(VipsImage image, string field, out byte* value);
}

/// <summary>A picture as stored, in pixels; its orientation is EXIF's, 1 … 8.</summary>
internal readonly record struct VipsHeader(
    int Width, int Height, int Bands, Enums.BandFormat Format, Enums.Interpretation Interpretation, int Orientation);
