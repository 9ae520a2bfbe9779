using System.Text.Json;

namespace Bench.Nodes;

/// <summary>A worker as its web node sees it.</summary>
/// <param name="Address">Host and port; null in the row of none.</param>
/// <param name="IsActive">It takes turns.</param>
/// <param name="Uses">Requests that it was given.</param>
/// <param name="HasAnswered">A user, in its last exchanges.</param>
/// <param name="Failures">Exchanges and checks that failed.</param>
/// <param name="LastError">The last of them, where there was one.</param>
public readonly record struct WorkerRow(string? Address, bool IsActive, long Uses, bool HasAnswered, long Failures, string? LastError)
{
    internal static WorkerRow Read(JsonElement row) => new(
        row.GetProperty("address").GetString(),
        row.GetProperty("state").GetString() == "active",
        row.GetProperty("uses").GetInt64(),
        row.GetProperty("median").ValueKind != JsonValueKind.Null,
        row.GetProperty("failures").GetInt64(),
        row.GetProperty("lastError").GetString());
}
