using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVips;

namespace Worker.Imaging;

/// <summary>A reference to a libvips object, released on disposal.</summary>
internal abstract partial class VipsHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Unref(handle);
        return true;
    }

    /// <summary>Releases one reference to a libvips object.</summary>
    [LibraryImport(Vips.Library, EntryPoint = "g_object_unref")]
    internal static partial void Unref(nint instance);
}

/// <summary>Rows of one image, decoded lazily.</summary>
internal sealed partial class VipsRegion : VipsHandle
{
    /// <summary>Creates a region, which keeps <paramref name="image"/> alive.</summary>
    public static VipsRegion Of(VipsImage image)
    {
        var region = New(image);
        return region.IsInvalid ? throw new VipsException("unable to make a region") : region;
    }

    /// <summary>
    /// Decodes up to and including these rows; the caller frees the returned copy with <see cref="Free"/>. Returns null
    /// if the image is damaged.
    /// </summary>
    public unsafe byte* Fetch(int left, int top, int width, int height, out nuint size) =>
        FetchRows(this, left, top, width, height, out size);

    /// <summary>Frees the memory that <see cref="Fetch"/> returned.</summary>
    [LibraryImport(Vips.Library, EntryPoint = "g_free")]
    public static unsafe partial void Free(byte* memory);

    [LibraryImport(Vips.Library, EntryPoint = "vips_region_new")]
    private static partial VipsRegion New(VipsImage image);

    [LibraryImport(Vips.Library, EntryPoint = "vips_region_fetch")]
    private static unsafe partial byte* FetchRows(
        VipsRegion region, int left, int top, int width, int height, out nuint size);
}

/// <summary>A file's bytes in native memory, alive while an image is decoded from it.</summary>
internal sealed partial class VipsBlob() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <summary>Creates a copy of <paramref name="bytes"/>.</summary>
    public static VipsBlob Of(ReadOnlySpan<byte> bytes) => Copy(bytes, (nuint)bytes.Length);

    /// <summary>Takes ownership of memory that <see cref="NativeMemory"/> allocated.</summary>
    internal static unsafe VipsBlob Own(byte* memory, int length) => New(&Free, memory, (nuint)length);

    /// <summary>Returns the name of the operation that loads the file; libvips's own text, never freed.</summary>
    /// <exception cref="VipsException">No allowed loader exists.</exception>
    public unsafe ReadOnlySpan<byte> FindLoader()
    {
        var bytes = Get(this, out var length);
        var loader = FindLoader(bytes, length);
        return loader is null
            ? throw new VipsException("unable to load from buffer")
            : MemoryMarshal.CreateReadOnlySpanFromNullTerminated(loader);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Unref(handle);
        return true;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe int Free(byte* memory, nint area)
    {
        NativeMemory.Free(memory);
        return 0;
    }

    [LibraryImport(Vips.Library, EntryPoint = "vips_blob_new")]
    private static unsafe partial VipsBlob New(delegate* unmanaged[Cdecl]<byte*, nint, int> free, byte* memory, nuint length);

    [LibraryImport(Vips.Library, EntryPoint = "vips_blob_copy")]
    private static partial VipsBlob Copy(ReadOnlySpan<byte> bytes, nuint length);

    [LibraryImport(Vips.Library, EntryPoint = "vips_blob_get")]
    private static unsafe partial byte* Get(VipsBlob blob, out nuint length);

    [LibraryImport(Vips.Library, EntryPoint = "vips_foreign_find_load_buffer")]
    private static unsafe partial byte* FindLoader(byte* bytes, nuint length);

    [LibraryImport(Vips.Library, EntryPoint = "vips_area_unref")]
    private static partial void Unref(nint area);
}
