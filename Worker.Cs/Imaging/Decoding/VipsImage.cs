using System.Globalization;
using System.Runtime.InteropServices;
using NetVips;

namespace Worker.Imaging;

/// <summary>A libvips image: its header is read, its pixels are computed lazily.</summary>
internal sealed partial class VipsImage : VipsHandle
{
    /// <summary>
    /// Reads the header of <paramref name="file"/> for one decode from top to bottom that fails if the file is
    /// truncated. A JPEG is reduced by a <paramref name="shrink"/> of 2, 4 or 8; other values mean 1. If
    /// <paramref name="isStrict"/>, decoder warnings are errors.
    /// </summary>
    /// <exception cref="VipsException">The file can't be read.</exception>
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
    /// <exception cref="VipsException">There is not enough memory.</exception>
    public static VipsImage FromPixels(ReadOnlySpan<byte> pixels, int width, int height, int bands)
    {
        using var copy = CopyMemory(pixels, (nuint)pixels.Length, width, height, bands, (int)Enums.BandFormat.Uchar);
        return copy.IsInvalid ? throw new VipsException("unable to copy pixels") : copy.Apply("copy"u8, ("interpretation", "srgb"));
    }

    /// <summary>Applies the operation to this image and returns the result, which keeps this image alive.</summary>
    /// <exception cref="VipsException">The operation can't be applied.</exception>
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

    /// <summary>Multiplies this image's pixels by the other's.</summary>
    /// <exception cref="VipsException">The images can't be multiplied.</exception>
    public VipsImage Times(VipsImage other)
    {
        using var call = new VipsCall("multiply"u8);
        call.Set("left", this);
        call.Set("right", other);
        return call.Run();
    }

    /// <summary>Reads the numbers in the header.</summary>
    public VipsHeader ReadHeader() => new(
        Width(this), Height(this), Bands(this), (Enums.BandFormat)Format(this),
        (Enums.Interpretation)Interpretation(this), Orientation(this));

    /// <summary>Whether the last band is alpha.</summary>
    public bool HasAlpha => HasAlphaBand(this) != 0;

    /// <summary>Returns whether the file's metadata has the field.</summary>
    public bool Contains(string field) => TypeOf(this, field) != 0;

    /// <summary>Returns a number from the file's metadata; null if there is none.</summary>
    public int? Number(string field) => Contains(field) && Number(this, field, out var value) == 0 ? value : null;

    /// <summary>Returns whether a field of the file's metadata has exactly this text.</summary>
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

/// <summary>The header of an image as stored, in pixels; the orientation is EXIF's, 1 … 8.</summary>
internal readonly record struct VipsHeader(
    int Width, int Height, int Bands, Enums.BandFormat Format, Enums.Interpretation Interpretation, int Orientation);
