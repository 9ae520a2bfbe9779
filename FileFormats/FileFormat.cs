namespace FileFormats;

/// <summary>A kind of file, identified by its content.</summary>
/// <param name="Name">The name that people know it by, without an article: <c>HEIC</c>, <c>MP4 video</c>.</param>
/// <param name="MediaType">The media type of a format that is classified; null for every other.</param>
/// <param name="Advice">What to do with a file that is not classified: a clause without a full stop.</param>
public sealed record FileFormat(string Name, string? MediaType, string Advice)
{
    /// <summary>Whether files of this format are classified.</summary>
    public bool IsSupported => MediaType is not null;

    /// <summary>One line of English: why such a file is refused, and what to do.</summary>
    public string Refusal => $"{Name} isn't supported: {Advice}.";
}
