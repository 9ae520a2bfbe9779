namespace FileFormats;

/// <summary>
/// The error messages for a refused picture if only the reason is known: what is wrong, and what to do. Each is one
/// line of English.
/// </summary>
public static class RefusalText
{
    /// <summary>The message for an unknown format.</summary>
    public static string UnknownFormat { get; } =
        $"The file is not a {PictureFormats.Names} picture, and its type is unknown. "
        + "Save the picture as JPEG, then try again.";

    /// <summary>The message for a format that the worker does not decode.</summary>
    public const string Unsupported =
        "The worker doesn't support this kind of file. Save the picture as JPEG, then try again.";

    /// <summary>The message for more pixels, or more memory for decoding them, than the worker allows.</summary>
    public const string TooLarge =
        "The picture has more pixels than the worker decodes. Make it smaller, then try again.";

    /// <summary>The message for a decoding time above the worker's limit.</summary>
    public const string TooCostly =
        "Decoding the picture takes longer than the worker allows. "
        + "Save it as an ordinary JPEG, or make it smaller, then try again.";

    /// <summary>The message for missing or undecodable pixels.</summary>
    public const string Damaged =
        "The picture is damaged or cut short: not every pixel of it can be decoded. "
        + "Open it in an image editor and save it again, or use another copy.";

    /// <summary>The message for a refusal in the plain exchange, which carries no reason.</summary>
    public const string Undecodable =
        "The worker couldn't decode the picture and gave no reason. Save it as an ordinary JPEG, then try again.";
}
