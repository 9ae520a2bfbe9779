namespace Recognize.Settings;

/// <summary>How the answers are shown.</summary>
internal enum Form
{
    /// <summary>For people: bars on a terminal.</summary>
    Bars,

    /// <summary>A line for each class: file, probability and label, with tabs between them.</summary>
    Plain,

    /// <summary>A JSON object for each picture, on a line of its own.</summary>
    Json,

    /// <summary>Comma-separated values: a header, and a line for each picture.</summary>
    Csv,
}

/// <summary>Everything that the command line can say, checked.</summary>
/// <param name="Pictures">Files, folders, patterns with <c>*</c>, and <c>-</c> for standard input; at least one.</param>
/// <param name="Server">Where the API is, ending in a slash; null: the model runs in this process.</param>
/// <param name="Key">For a server that wants one.</param>
/// <param name="Top">How many classes, 1 … 1000.</param>
/// <param name="Form">How they are shown.</param>
/// <param name="Explain">Where in the picture each class was seen, too.</param>
/// <param name="Parallel">Pictures in work at once, 1 … 64.</param>
/// <param name="Model">The manifest's name, without a server.</param>
/// <param name="Models">Folder of the catalog and of fetched files; null: where a worker has it.</param>
/// <param name="Offline">Never fetch the model's files.</param>
internal sealed record Request(
    IReadOnlyList<string> Pictures,
    Uri? Server,
    string? Key,
    int Top,
    Form Form,
    bool Explain,
    int Parallel,
    string Model,
    string? Models,
    bool Offline);
