namespace Worker.Imaging;

/// <summary>
/// How the stored picture lies in the shown one, after EXIF's tag 274: its rows are the shown one's columns when
/// <paramref name="Transposed"/>, its columns run from the far side when <paramref name="MirrorX"/>, its rows when
/// <paramref name="MirrorY"/>.
/// </summary>
public readonly record struct Orientation(bool Transposed, bool MirrorX, bool MirrorY)
{
    /// <summary>From EXIF's 1 … 8; anything else is as stored.</summary>
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
