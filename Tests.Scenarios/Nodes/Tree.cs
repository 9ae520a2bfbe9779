namespace Scenarios.Nodes;

/// <summary>Paths in and beside the repository.</summary>
public static class Tree
{
    /// <summary>The folder with paket.dependencies, found upwards from this program's own.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of the pictures that the repository draws, and their list.</summary>
    public static string Samples { get; } = Path.Combine(Root, "samples");

    /// <summary>Returns the path of one of <see cref="Samples"/>, by file name.</summary>
    public static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(Samples, name));

    /// <summary>The folder of photographs with reference answers, beside the repository; may be absent.</summary>
    public static string Photographs { get; } = Path.GetFullPath(Path.Combine(Root, "..", "shared", "images"));

    /// <summary>
    /// The folder of the model for the workers: <c>MODEL_MIRROR</c>, or the folder beside the repository.
    /// </summary>
    public static string ModelMirror { get; } =
        Environment.GetEnvironmentVariable("MODEL_MIRROR") is { Length: > 0 } mirror
            ? mirror
            : Path.GetFullPath(Path.Combine(Root, "..", "shared", "models"));

    /// <summary>Returns the program of a project from the same build, by its folder in the repository.</summary>
    public static string Program(string project)
    {
        var mine = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Root, project, "bin", mine.Parent!.Name, mine.Name, Path.GetFileName(project));
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "paket.dependencies")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            "This program runs inside the repository: no folder above it holds paket.dependencies.");
    }
}
