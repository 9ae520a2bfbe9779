namespace Web.Giraffe

open System
open Microsoft.Extensions.Logging

/// Decides about workers whose announcement has expired although they did not leave. Such a worker may have lost only
/// its own link to Redis: it stays as long as it passes the health checks. `freshness` is how long an answer proves that
/// a worker is healthy; without health checks, no expired worker stays.
[<Sealed>]
type ExpiredAnnouncements(freshness: TimeSpan option, redis: string, log: ILogger) =
    // The expired workers that stay.
    let mutable kept: Set<WorkerAddress> = Set.empty

    let answers (report: WorkerReport[]) address =
        match freshness with
        | None -> false
        | Some interval ->
            report
            |> Array.exists (fun worker ->
                worker.Address = address
                && (worker.State = WorkerStatus.Drained
                    || (worker.State = Active
                        && worker.Answered |> Option.exists (fun age -> age <= interval))))

    /// Returns the workers of `before` that stay in spite of their expired announcement. All maps hold the workers'
    /// registration times. Logs each change once.
    member _.Keep
        (
            report: WorkerReport[],
            before: Map<WorkerAddress, int64>,
            announced: Map<WorkerAddress, int64>,
            expired: Map<WorkerAddress, int64>
        ) : Map<WorkerAddress, int64> =
        // An earlier incarnation of the same worker may have expired as well.
        let known =
            before
            |> Map.filter (fun address since ->
                expired.TryFind address = Some since && not (announced.ContainsKey address))

        let stay = known |> Map.filter (fun address _ -> answers report address)
        let now = Set.ofSeq stay.Keys

        for address in now - kept do
            RegistryLog.announcementExpired log address redis

        for address in kept - now do
            if announced.ContainsKey address then
                RegistryLog.announcedAgain log address redis

        for address in known.Keys do
            if not (now.Contains address) then
                RegistryLog.expiredRemoved log address

        kept <- now
        stay
