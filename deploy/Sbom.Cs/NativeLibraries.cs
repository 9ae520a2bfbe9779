using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sbom;

/// <summary>
/// The libraries in libvips' native package. They are linked into one file, and the package lists them in
/// <c>versions.json</c> and their licences in a table of <c>THIRD-PARTY-NOTICES.md</c>.
/// </summary>
internal static partial class NativeLibraries
{
    private const string Versions = "versions.json";

    /// <summary>
    /// Licences of the table that have an SPDX identifier. The table's LGPLv3 is a version "or later".
    /// </summary>
    private static readonly Dictionary<string, string> Spdx = new(StringComparer.Ordinal)
    {
        ["BSD 2-Clause"] = "BSD-2-Clause",
        ["BSD 3-Clause"] = "BSD-3-Clause",
        ["LGPLv3"] = "LGPL-3.0-or-later",
        ["MIT License"] = "MIT",
        ["Mozilla Public License 1.1"] = "MPL-1.1",
        ["New BSD License"] = "BSD-3-Clause",
    };

    /// <summary>Returns the libraries of a package; none if it does not list any.</summary>
    public static IReadOnlyList<Component> Of(string folder)
    {
        var versions = Path.Combine(folder, Versions);
        if (!File.Exists(versions))
        {
            return [];
        }

        var licences = Licences(File.ReadLines(Path.Combine(folder, "THIRD-PARTY-NOTICES.md")));
        using var json = JsonDocument.Parse(File.ReadAllText(versions));
        return
        [
            .. json.RootElement.EnumerateObject().Select(library =>
            {
                var version = library.Value.GetString()!;
                return new Component(
                    library.Name,
                    version,
                    $"pkg:generic/{library.Name}@{Uri.EscapeDataString(version)}",
                    null,
                    licences[Title(library.Name, licences)],
                    null);
            }),
        ];
    }

    // The table has the projects' full names: libpng for png.
    private static string Title(string name, Dictionary<string, Licence> licences) =>
        name == "uhdr" ? "libultrahdr"
        : licences.ContainsKey(name) ? name
        : licences.ContainsKey($"lib{name}") ? $"lib{name}"
        : throw new InvalidDataException($"THIRD-PARTY-NOTICES.md has no licence of {name}.");

    private static Dictionary<string, Licence> Licences(IEnumerable<string> lines) => lines
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .Where(cells => cells is ["", { Length: > 0 }, { Length: > 0 }, ""])
        .ToDictionary(cells => cells[1], cells => Of(Link().Replace(cells[2], "$1"), cells[2]), StringComparer.Ordinal);

    private static Licence Of(string name, string source) =>
        Spdx.TryGetValue(name, out var id)
            ? new Licence.Expression(id)
            : new Licence.Named(name, name == source ? null : source);

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex Link();
}
