namespace Recognize.Settings;

/// <summary>The output format.</summary>
internal enum OutputFormat
{
    /// <summary>Bars on a terminal, for people.</summary>
    Bars,

    /// <summary>One line for each class: file, probability and label, separated by tabs.</summary>
    TabSeparated,

    /// <summary>One JSON object for each picture, on its own line.</summary>
    Json,

    /// <summary>Comma-separated values: a header, and one line for each picture.</summary>
    Csv,
}

/// <summary>The validated command line.</summary>
/// <param name="Pictures">Files, folders, patterns with <c>*</c>, <c>-</c> for standard input; at least one.</param>
/// <param name="Server">The API's address, with a final slash; null to run the model in this process.</param>
/// <param name="Key">The API key, if the server requires one.</param>
/// <param name="Top">The number of classes, 1 … 1000.</param>
/// <param name="Format">The output format.</param>
/// <param name="Explain">Whether to show class activation maps.</param>
/// <param name="Parallel">Pictures in flight at once, 1 … 64.</param>
/// <param name="Model">The model's id; with a server also <c>ID@VERSION</c>, or null for the server's default.</param>
/// <param name="Models">Folder of the catalog and of downloaded files; null for the worker's default.</param>
/// <param name="Offline">Whether downloads are disabled.</param>
internal sealed record Request(
    IReadOnlyList<string> Pictures,
    Uri? Server,
    string? Key,
    int Top,
    OutputFormat Format,
    bool Explain,
    int Parallel,
    string? Model,
    string? Models,
    bool Offline);
