using System.Text.Json;

namespace Sbom;

/// <summary>
/// A software bill of materials in CycloneDX 1.5 JSON, without serial number and time, so that builds are reproducible.
/// </summary>
internal static class CycloneDx
{
    /// <summary>Writes the components <paramref name="libraries"/> of <paramref name="program"/>.</summary>
    public static void Write(Stream output, string program, string version, IReadOnlyList<Library> libraries)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("bomFormat", "CycloneDX");
        json.WriteString("specVersion", "1.5");
        json.WriteNumber("version", 1);
        json.WriteStartObject("metadata");
        json.WriteStartObject("component");
        json.WriteString("type", "application");
        json.WriteString("bom-ref", program);
        json.WriteString("name", program);
        json.WriteString("version", version);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("components");
        foreach (var library in libraries)
        {
            Write(json, library);
        }

        json.WriteEndArray();
        json.WriteStartArray("dependencies");
        json.WriteStartObject();
        json.WriteString("ref", program);
        json.WriteStartArray("dependsOn");
        foreach (var library in libraries)
        {
            json.WriteStringValue(Purl(library));
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Purl(Library library) => $"pkg:nuget/{library.Name}@{Uri.EscapeDataString(library.Version)}";

    private static void Write(Utf8JsonWriter json, Library library)
    {
        json.WriteStartObject();
        json.WriteString("type", "library");
        json.WriteString("bom-ref", Purl(library));
        json.WriteString("name", library.Name);
        json.WriteString("version", library.Version);
        if (library.Sha512 is { } hash)
        {
            json.WriteStartArray("hashes");
            json.WriteStartObject();
            json.WriteString("alg", "SHA-512");
            json.WriteString("content", Convert.ToHexStringLower(Convert.FromBase64String(hash)));
            json.WriteEndObject();
            json.WriteEndArray();
        }

        if (library.Licence is { } licence)
        {
            json.WriteStartArray("licenses");
            json.WriteStartObject();
            json.WriteString("expression", licence);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteString("purl", Purl(library));
        json.WriteEndObject();
    }
}
