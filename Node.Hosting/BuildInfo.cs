using System.Reflection;

namespace Node.Hosting;

/// <summary>The version and the commit from which the running program was built.</summary>
/// <param name="Version">A semantic version, such as <c>1.2.3</c>.</param>
/// <param name="Commit">The full hash of the Git commit; <c>unknown</c> if it was not built from a repository.</param>
public sealed record BuildInfo(string Version, string Commit)
{
    /// <summary>The build of this program: all its assemblies are of one.</summary>
    public static BuildInfo Current { get; } = Parse(Informational ?? "0.0.0");

    private static string? Informational => typeof(BuildInfo).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    /// <summary>Parses an informational version: <c>version [ "+" commit ]</c>.</summary>
    public static BuildInfo Parse(string informational) =>
        informational.Split('+', 2) is [var version, { Length: > 0 } commit]
            ? new BuildInfo(version, commit)
            : new BuildInfo(informational.TrimEnd('+'), "unknown");

    /// <summary>The version followed by the commit, as <c>--version</c> prints it.</summary>
    public override string ToString() => $"{Version}+{Commit}";
}
