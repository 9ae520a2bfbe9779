using System.Runtime.InteropServices;
using System.Text;
using NetVips;

namespace Worker.Imaging;

/// <summary>
/// One call of a libvips operation: its arguments, then <see cref="Run"/>. It calls the native functions directly and
/// avoids NetVips's objects for each argument, which were a third of an image's garbage.
/// </summary>
internal readonly ref partial struct VipsCall : IDisposable
{
    private const string Output = "out";

    private readonly ReadOnlySpan<byte> name;
    private readonly nint operation;

    /// <summary>Creates the call; a 0 byte for libvips must follow the operation's <paramref name="name"/>.</summary>
    /// <exception cref="VipsException">The operation does not exist.</exception>
    public VipsCall(ReadOnlySpan<byte> name)
    {
        this.name = name;
        operation = NewOperation(name);
        Require(operation != 0);
    }

    /// <summary>Sets any argument but images and files, in the syntax of libvips's command line.</summary>
    public void Set(string argument, string value) => Require(SetText(operation, argument, value) == 0);

    /// <summary>Sets an image, which the operation keeps alive.</summary>
    public void Set(string argument, VipsImage image)
    {
        Value value = default;
        Begin(ref value, TypeOfImage());
        SetObject(ref value, image);
        SetProperty(operation, argument, ref value);
        End(ref value);
    }

    /// <summary>Sets a file's bytes, which the operation keeps alive.</summary>
    public void Set(string argument, VipsBlob bytes)
    {
        Value value = default;
        Begin(ref value, TypeOfBlob());
        SetBoxed(ref value, bytes);
        SetProperty(operation, argument, ref value);
        End(ref value);
    }

    /// <summary>Runs the operation and returns its image, whose pixels are computed lazily.</summary>
    /// <exception cref="VipsException">The operation fails or is not allowed.</exception>
    public VipsImage Run()
    {
        var built = Build(operation);
        if (built == 0)
        {
            ReleaseOutputs(operation);
            Require(false);
        }

        Value value = default;
        Begin(ref value, TypeOfImage());
        GetProperty(built, Output, ref value);
        var image = TakeObject(ref value);
        End(ref value);
        ReleaseOutputs(built);
        VipsHandle.Unref(built);
        return image;
    }

    /// <inheritdoc/>
    public void Dispose() => VipsHandle.Unref(operation);

    private void Require(bool went)
    {
        if (!went)
        {
            throw new VipsException($"unable to call {Encoding.UTF8.GetString(name)}");
        }
    }

    /// <summary>GLib's GValue.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Value
    {
        public nuint Type;
        public long First;
        public long Second;
    }

    [LibraryImport(Vips.Library, EntryPoint = "vips_image_get_type")]
    private static partial nuint TypeOfImage();

    [LibraryImport(Vips.Library, EntryPoint = "vips_blob_get_type")]
    private static partial nuint TypeOfBlob();

    [LibraryImport(Vips.Library, EntryPoint = "vips_operation_new")]
    private static partial nint NewOperation(ReadOnlySpan<byte> name);

    [LibraryImport(Vips.Library, EntryPoint = "vips_object_set_argument_from_string", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetText(nint operation, string argument, string value);

    [LibraryImport(Vips.Library, EntryPoint = "vips_cache_operation_build")]
    private static partial nint Build(nint operation);

    [LibraryImport(Vips.Library, EntryPoint = "vips_object_unref_outputs")]
    private static partial void ReleaseOutputs(nint operation);

    [LibraryImport(Vips.Library, EntryPoint = "g_object_set_property", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void SetProperty(nint operation, string argument, ref Value value);

    [LibraryImport(Vips.Library, EntryPoint = "g_object_get_property", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void GetProperty(nint operation, string argument, ref Value value);

    [LibraryImport(Vips.Library, EntryPoint = "g_value_init")]
    private static partial nint Begin(ref Value value, nuint type);

    [LibraryImport(Vips.Library, EntryPoint = "g_value_unset")]
    private static partial void End(ref Value value);

    [LibraryImport(Vips.Library, EntryPoint = "g_value_set_object")]
    private static partial void SetObject(ref Value value, VipsImage image);

    [LibraryImport(Vips.Library, EntryPoint = "g_value_set_boxed")]
    private static partial void SetBoxed(ref Value value, VipsBlob bytes);

    [LibraryImport(Vips.Library, EntryPoint = "g_value_dup_object")]
    private static partial VipsImage TakeObject(ref Value value);
}
