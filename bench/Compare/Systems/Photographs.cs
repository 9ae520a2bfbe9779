using Load.Pictures;
using Scenarios.Nodes;

namespace Compare.Systems;

/// <summary>The measured photographs: 20, 84 and 661 kB.</summary>
internal static class Photographs
{
    /// <summary>The photographs, ascending by size.</summary>
    /// <exception cref="InvalidOperationException">The photographs are missing.</exception>
    public static IReadOnlyList<Picture> Read()
    {
        string[] names = ["cheetah1.jpg", "basketball.jpg", "dog.jpg"];
        var files = names.Select(name => Path.Combine(Tree.Photographs, name)).ToList();
        return files.Find(file => !File.Exists(file)) is { } missing
            ? throw new InvalidOperationException(
                $"The comparison needs the photographs beside the repository: {missing} is missing.")
            : [.. files.Select(file => new Picture(Path.GetFileName(file), File.ReadAllBytes(file)))];
    }

    /// <summary>Returns the size for tables.</summary>
    public static string Name(Picture picture) => $"{Math.Round(picture.Bytes.Length / 1000.0)} kB";
}
