using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sbom;

/// <summary>
/// A software bill of materials in CycloneDX 1.6 JSON, without serial number and time, so that builds are reproducible.
/// The CycloneDX tool for .NET reads projects: it lists what is restored for every system, writes the time, and lists
/// neither the runtime nor the libraries within a package. This reads what was published.
/// </summary>
internal static class CycloneDx
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Returns the document that lists the components of <paramref name="program"/>.</summary>
    public static string Document(string program, string version, IReadOnlyList<Component> components)
    {
        var document = new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["component"] = new JsonObject
                {
                    ["type"] = "application",
                    ["bom-ref"] = program,
                    ["name"] = program,
                    ["version"] = version,
                    ["licenses"] = Licences(new Licence.Expression("MIT")),
                },
            },
            ["components"] = List(components),
            ["dependencies"] = new JsonArray(new JsonObject
            {
                ["ref"] = program,
                ["dependsOn"] = new JsonArray([.. components.Select(component => JsonValue.Create(component.Purl))]),
            }),
        };
        return document.ToJsonString(Json);
    }

    private static JsonArray List(IReadOnlyList<Component> components) => [.. components.Select(Item)];

    private static JsonObject Item(Component component)
    {
        var item = new JsonObject
        {
            ["type"] = "library",
            ["bom-ref"] = component.Purl,
            ["name"] = component.Name,
            ["version"] = component.Version,
        };
        if (component.Sha512 is { } hash)
        {
            item["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = hash });
        }

        if (component.Licence is { } licence)
        {
            item["licenses"] = Licences(licence);
        }

        item["purl"] = component.Purl;
        if (component.Parts.Count > 0)
        {
            item["components"] = List(component.Parts);
        }

        return item;
    }

    private static JsonArray Licences(Licence licence) => new(licence switch
    {
        Licence.Expression { Value: var expression } => new JsonObject { ["expression"] = expression },
        Licence.Named { Name: var name, Text: null } => License(new() { ["name"] = name }),
        Licence.Named { Name: var name, Text: var text } => License(new()
        {
            ["name"] = name,
            ["text"] = new JsonObject { ["contentType"] = "text/plain", ["content"] = text },
        }),
        _ => throw new ArgumentOutOfRangeException(nameof(licence)),
    });

    private static JsonObject License(JsonObject license) => new() { ["license"] = license };
}
