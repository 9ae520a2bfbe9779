using System.Globalization;

namespace Recognition.Client;

/// <summary>The options of a request.</summary>
public sealed record ClassifyOptions
{
    /// <summary>The number of classes, 1 to 1,000; five by default.</summary>
    public int? Top { get; init; }

    /// <summary>The model, as <c>id</c> or <c>id@version</c>; the server's default model by default.</summary>
    public string? Model { get; init; }

    /// <summary>Whether to return where in the picture each class was recognized.</summary>
    public bool Explain { get; init; }

    /// <summary>The minimum probability of a class, 0 to 1.</summary>
    public double? Threshold { get; init; }

    /// <summary>The classes to return, by name or number; all by default.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The options as a query, with its question mark; empty if there are none.</summary>
    internal string Query()
    {
        List<(string Name, string Value)> options = [];
        if (Top is { } top)
        {
            options.Add(("top", top.ToString(CultureInfo.InvariantCulture)));
        }

        if (Model is { } model)
        {
            options.Add(("model", model));
        }

        if (Explain)
        {
            options.Add(("explain", "true"));
        }

        if (Threshold is { } threshold)
        {
            options.Add(("threshold", threshold.ToString(CultureInfo.InvariantCulture)));
        }

        options.AddRange(Labels.Select(label => ("labels", label)));
        return options.Count == 0
            ? ""
            : "?" + string.Join('&', options.Select(option => $"{option.Name}={Uri.EscapeDataString(option.Value)}"));
    }
}
