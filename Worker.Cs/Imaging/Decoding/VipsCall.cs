using System.Runtime.InteropServices;
using System.Text;
using NetVips;

namespace Worker.Imaging;

/// <summary>
/// One call of a libvips operation: its arguments one by one, then <see cref="Run"/>. By the functions that NetVips
/// itself calls, without the objects that it makes for every argument: they were a third of a picture's garbage.
/// </summary>
internal readonly ref partial struct VipsCall : IDisposable
{
    private const string Output = "out";

    private readonly ReadOnlySpan<byte> name;
    private readonly nint operation;

    /// <summary><paramref name="name"/> is the operation's, without libvips's closing 0, which must follow it.</summary>
    /// <exception cref="VipsException">There is no such operation.</exception>
    public VipsCall(ReadOnlySpan<byte> name)
    {
        this.name = name;
        operation = NewOperation(name);
        Require(operation != 0);
    }

    /// <summary>Anything but pictures and files, in the words of libvips's own command line.</summary>
    public void Set(string argument, string value) => Require(SetText(operation, argument, value) == 0);

    /// <summary>A picture, which the operation keeps alive.</summary>
    public void Set(string argument, VipsImage image)
    {
        Value value = default;
        Begin(ref value, TypeOfImage());
        SetObject(ref value, image);
        SetProperty(operation, argument, ref value);
        End(ref value);
    }

    /// <summary>A file's bytes, which the operation keeps.</summary>
    public void Set(string argument, VipsBlob bytes)
    {
        Value value = default;
        Begin(ref value, TypeOfBlob());
        SetBoxed(ref value, bytes);
        SetProperty(operation, argument, ref value);
        End(ref value);
    }

    /// <summary>The picture that comes of it; its pixels are made when they are asked for.</summary>
    /// <exception cref="VipsException">It fails, or is none that may run.</exception>
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
