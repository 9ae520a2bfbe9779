namespace Worker.Imaging;

/// <summary>
/// The EXIF orientation (tag 274): stored rows are displayed as columns if <paramref name="Transposed"/>; stored
/// columns are reversed if <paramref name="MirrorX"/>, stored rows if <paramref name="MirrorY"/>.
/// </summary>
public readonly record struct Orientation(bool Transposed, bool MirrorX, bool MirrorY)
{
    /// <summary>Converts EXIF's 1 … 8; any other value means as stored.</summary>
    public static Orientation FromExif(int value) => value switch
    {
        2 => new(false, true, false),
        3 => new(false, true, true),
        4 => new(false, false, true),
        5 => new(true, false, false),
        6 => new(true, false, true),
        7 => new(true, true, true),
        8 => new(true, true, false),
        _ => default,
    };
}
