namespace Bench.Nodes;

/// <summary>Where things lie in and beside the repository.</summary>
public static class Tree
{
    /// <summary>The folder that holds paket.dependencies, upwards from this program's own.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The pictures that the repository draws itself, and their list.</summary>
    public static string Samples { get; } = Path.Combine(Root, "samples");

    /// <summary>One of <see cref="Samples"/>, by its file's name.</summary>
    public static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(Samples, name));

    /// <summary>Photographs with reference answers, beside the repository; may be absent.</summary>
    public static string Photographs { get; } = Path.GetFullPath(Path.Combine(Root, "..", "shared", "images"));

    /// <summary>Where the workers find the model: <c>MODEL_MIRROR</c>, or the folder beside the repository.</summary>
    public static string ModelMirror { get; } =
        Environment.GetEnvironmentVariable("MODEL_MIRROR") is { Length: > 0 } mirror
            ? mirror
            : Path.GetFullPath(Path.Combine(Root, "..", "shared", "models"));

    /// <summary>The program of a project, as the same build made it; by its folder in the repository.</summary>
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

        throw new InvalidOperationException("This program runs inside the repository: no folder above it holds paket.dependencies.");
    }
}
