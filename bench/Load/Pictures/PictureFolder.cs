namespace Load.Pictures;

/// <summary>Loads the pictures of a load.</summary>
public static class PictureFolder
{
    private static readonly string[] Endings = [".jpg", ".jpeg", ".png", ".webp", ".gif"];

    /// <summary>The repository's samples, beside the program.</summary>
    public static string Samples { get; } = Path.Combine(AppContext.BaseDirectory, "samples");

    /// <summary>
    /// Returns all pictures of a folder in order of their names, or the one picture at <paramref name="path"/>.
    /// </summary>
    /// <exception cref="LoadException">There is no picture, or one can't be read.</exception>
    public static IReadOnlyList<Picture> Read(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                return [Read(new FileInfo(path))];
            }

            if (!Directory.Exists(path))
            {
                throw new LoadException($"--images: there is no folder or file '{path}'.");
            }

            var files = new DirectoryInfo(path).EnumerateFiles().Where(IsPicture)
                .OrderBy(file => file.Name, StringComparer.Ordinal);
            Picture[] pictures = [.. files.Select(Read)];
            return pictures.Length > 0
                ? pictures
                : throw new LoadException($"--images: the folder '{path}' holds no {string.Join(", ", Endings)} file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadException($"--images: {e.Message}");
        }
    }

    private static bool IsPicture(FileInfo file) => Endings.Contains(file.Extension, StringComparer.OrdinalIgnoreCase);

    private static Picture Read(FileInfo file) => file.Length > 0
        ? new Picture(file.Name, File.ReadAllBytes(file.FullName))
        : throw new LoadException($"--images: '{file.FullName}' is empty.");
}
