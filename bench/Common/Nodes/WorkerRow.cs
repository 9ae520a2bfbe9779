using System.Text.Json;

namespace Bench.Nodes;

/// <summary>A worker as its web node sees it.</summary>
/// <param name="IsActive">It takes turns.</param>
/// <param name="Uses">Requests that it was given.</param>
/// <param name="Failures">Exchanges and checks that failed.</param>
/// <param name="LastError">The last of them, where there was one.</param>
public readonly record struct WorkerRow(bool IsActive, long Uses, long Failures, string? LastError)
{
    internal static WorkerRow Read(JsonElement row) => new(
        row.GetProperty("state").GetString() == "active",
        row.GetProperty("uses").GetInt64(),
        row.GetProperty("failures").GetInt64(),
        row.GetProperty("lastError").GetString());
}
