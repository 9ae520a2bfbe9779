namespace FileFormats;

/// <summary>A kind of file, identified by its content.</summary>
/// <param name="Name">The common name, without an article: <c>HEIC</c>, <c>MP4 video</c>.</param>
/// <param name="MediaType">The media type of a format that is classified; null for every other.</param>
/// <param name="Advice">The advice for a file that is not classified: a clause without a full stop.</param>
public sealed record FileFormat(string Name, string? MediaType, string Advice)
{
    /// <summary>Whether files of this format are classified.</summary>
    public bool IsSupported => MediaType is not null;

    /// <summary>The error message for an unsupported file and what to do: one line of English.</summary>
    public string Refusal => $"{Name} isn't supported: {Advice}.";
}
