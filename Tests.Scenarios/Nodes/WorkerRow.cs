using System.Text.Json;

namespace Scenarios.Nodes;

/// <summary>A worker as seen by its web node.</summary>
/// <param name="Address">Host and port; null if there is no worker.</param>
/// <param name="IsActive">Whether it receives requests.</param>
/// <param name="Uses">The number of requests sent to it.</param>
/// <param name="HasAnswered">Whether it answered a user in its last exchanges.</param>
/// <param name="Failures">The number of failed exchanges and checks.</param>
/// <param name="LastError">The last failure, if any.</param>
public readonly record struct WorkerRow(
    string? Address, bool IsActive, long Uses, bool HasAnswered, long Failures, string? LastError)
{
    internal static WorkerRow Read(JsonElement row) => new(
        row.GetProperty("address").GetString(),
        row.GetProperty("state").GetString() == "active",
        row.GetProperty("uses").GetInt64(),
        row.GetProperty("median").ValueKind != JsonValueKind.Null,
        row.GetProperty("failures").GetInt64(),
        row.GetProperty("lastError").GetString());
}
