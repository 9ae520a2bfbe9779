namespace Worker.Imaging;

/// <summary>
/// Reads <c>tiff:Orientation</c> from XMP, an attribute or an element, without an XML parser, as Pillow does.
/// </summary>
internal static class XmpOrientation
{
    private static ReadOnlySpan<byte> Name => "tiff:Orientation"u8;

    /// <summary>Returns the digit of the first one; null if there is none.</summary>
    public static int? Read(ReadOnlySpan<byte> xmp)
    {
        while (xmp.IndexOf(Name) is var at and >= 0)
        {
            xmp = xmp[(at + Name.Length)..];
            var value = xmp.StartsWith("=\""u8) ? xmp[2..] : xmp.StartsWith(">"u8) ? xmp[1..] : default;
            if (!value.IsEmpty && char.IsAsciiDigit((char)value[0]))
            {
                return value[0] - '0';
            }
        }

        return null;
    }
}
