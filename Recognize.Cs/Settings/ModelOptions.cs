using System.CommandLine;
using Worker.Models;
using Worker.Settings;

namespace Recognize.Settings;

/// <summary>The options that say where models are, for every command that loads one.</summary>
internal static class ModelOptions
{
    /// <summary>Creates <c>--models</c>.</summary>
    public static Option<string?> Folder() => new("--models")
    {
        Description = WorkerOptions.Help(nameof(WorkerOptions.Models)),
        HelpName = "FOLDER",
    };

    /// <summary>Creates <c>--offline</c>.</summary>
    public static Option<bool> Offline() => new("--offline")
    {
        Description = WorkerOptions.Help(nameof(WorkerOptions.Offline)),
    };

    /// <summary>Returns the catalog's folder: the given one, or else the default.</summary>
    public static string FolderOrDefault(string? models) =>
        models is { Length: > 0 } ? Path.GetFullPath(models) : ModelCatalog.DefaultDirectory();

    /// <summary>
    /// Returns the model locations: a catalog (the default for null) and the environment's mirrors.
    /// </summary>
    public static ModelPaths Paths(string? models, bool offline) => new(
        FolderOrDefault(models),
        (Environment.GetEnvironmentVariable(WorkerOptions.MirrorVariable) ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        offline);
}
