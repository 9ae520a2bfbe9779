namespace FileFormats;

/// <summary>Icons and cursors of Windows: two zeros, 1 or 2, and the number of pictures, all of them 16 bits.</summary>
internal static class IconFormats
{
    private static readonly FileFormat Ico = new("ICO", null, PictureFormats.SaveAsJpeg);
    private static readonly FileFormat Cur = new("CUR", null, PictureFormats.SaveAsJpeg);

    /// <summary>Returns null for any other file. Targa has zeros in place of the number of pictures.</summary>
    public static FileFormat? Identify(ReadOnlySpan<byte> head) => head switch
    {
        [0, 0, 1, 0, > 0, 0, ..] => Ico,
        [0, 0, 2, 0, > 0, 0, ..] => Cur,
        _ => null,
    };
}
