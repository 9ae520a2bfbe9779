using Scenarios.Hostile;

namespace Scenarios;

/// <summary>Attacks on the service, as strangers may make them.</summary>
public static class HostileScenarios
{
    /// <summary>The attacks, each with a unique name.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("memory", "Bytes that are sent to be held, at a worker and at the web node", MemoryFloods.RunAsync),
        new("stalls", "Stalled uploads, silent connections, bodies that are refused unread", StalledUploads.RunAsync),
        new("idle", "Idle and one-byte-a-second connections to a worker and to the web node", IdleConnections.RunAsync),
        new("sizes", "Impossible picture sizes", InvalidSizes.RunAsync),
        new("rude", "Clients that never read, don't wait, or never end", OutOfOrderClients.RunAsync),
        new("images", "Bombs, cut pictures, other formats, polyglots, noise", UnexpectedFiles.RunAsync),
        new("costly", "Bursts of the most expensive pictures within the limits", ExpensiveBursts.RunAsync),
        new(
            "amplified",
            "Several copies of small files that are expensive to decode, beside an honest user",
            ExpensiveSmallFiles.RunAsync),
        new("mutants", "Pictures with changed bytes", MutatedPictures.RunAsync),
        new("liars", "A worker with invalid results", InvalidResults.RunAsync),
        new("rebinding", "A worker's name that later resolves to a forbidden address", ReboundName.RunAsync),
        new("tricks", "Requests that no browser sends, on every route", MalformedRequests.RunAsync),
        new("crash", "A native crash of a worker, under load and under ./run", CrashedWorker.RunAsync),
    ];
}
