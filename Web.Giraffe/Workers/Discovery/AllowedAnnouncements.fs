namespace Web.Giraffe

open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Logging

/// Selects the announced workers in allowed networks. Logs each rejected one once.
[<Sealed>]
type AllowedAnnouncements(allowed: AllowedNetworks, log: ILogger) =

    // The rejected workers among the current announcements.
    let mutable rejected: Set<struct (WorkerAddress * int64)> = Set.empty

    /// Returns the allowed workers with their registration times.
    member _.Filter(announced: Map<WorkerAddress, int64>, cancel: CancellationToken) : Task<Map<WorkerAddress, int64>> =
        task {
            let mutable admitted = Map.empty
            let mutable rejectedNow = Set.empty

            for KeyValue(address, since) in announced do
                match! AllowedNetworks.resolve allowed address cancel with
                | Ok _ -> admitted <- admitted.Add(address, since)
                | Error refusal ->
                    rejectedNow <- rejectedNow.Add(struct (address, since))

                    if not (rejected.Contains(struct (address, since))) then
                        RegistryLog.announcementRejected log address (AddressRefusal.describe refusal)

            rejected <- rejectedNow
            return admitted
        }
