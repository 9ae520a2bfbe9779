using System.Text.Json;

namespace Sbom;

/// <summary>
/// A software bill of materials in CycloneDX 1.6 JSON, without serial number and time, so that builds are reproducible.
/// The CycloneDX tool for .NET reads projects: it lists what is restored for every system, writes the time, and lists
/// neither the runtime nor the libraries within a package. This reads what was published.
/// </summary>
internal static class CycloneDx
{
    /// <summary>Writes the components of <paramref name="program"/>.</summary>
    public static void Write(Stream output, string program, string version, IReadOnlyList<Component> components)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("bomFormat", "CycloneDX");
        json.WriteString("specVersion", "1.6");
        json.WriteNumber("version", 1);
        json.WriteStartObject("metadata");
        json.WriteStartObject("component");
        json.WriteString("type", "application");
        json.WriteString("bom-ref", program);
        json.WriteString("name", program);
        json.WriteString("version", version);
        Write(json, new Licence.Expression("MIT"));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("components");
        foreach (var component in components)
        {
            Write(json, component);
        }

        json.WriteEndArray();
        json.WriteStartArray("dependencies");
        json.WriteStartObject();
        json.WriteString("ref", program);
        json.WriteStartArray("dependsOn");
        foreach (var component in components)
        {
            json.WriteStringValue(component.Purl);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Component component)
    {
        json.WriteStartObject();
        json.WriteString("type", "library");
        json.WriteString("bom-ref", component.Purl);
        json.WriteString("name", component.Name);
        json.WriteString("version", component.Version);
        if (component.Sha512 is { } hash)
        {
            json.WriteStartArray("hashes");
            json.WriteStartObject();
            json.WriteString("alg", "SHA-512");
            json.WriteString("content", hash);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        if (component.Licence is { } licence)
        {
            Write(json, licence);
        }

        json.WriteString("purl", component.Purl);
        if (component.Parts.Count > 0)
        {
            json.WriteStartArray("components");
            foreach (var part in component.Parts)
            {
                Write(json, part);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Licence licence)
    {
        json.WriteStartArray("licenses");
        json.WriteStartObject();
        switch (licence)
        {
            case Licence.Expression { Value: var expression }:
                json.WriteString("expression", expression);
                break;
            case Licence.Named { Name: var name, Text: var text }:
                json.WriteStartObject("license");
                json.WriteString("name", name);
                if (text is not null)
                {
                    json.WriteStartObject("text");
                    json.WriteString("contentType", "text/plain");
                    json.WriteString("content", text);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
                break;
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }
}
