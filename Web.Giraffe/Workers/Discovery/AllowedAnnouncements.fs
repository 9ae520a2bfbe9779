namespace Web.Giraffe

open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Logging

/// Selects the announced workers in allowed networks. Logs each refused one once.
[<Sealed>]
type AllowedAnnouncements(allowed: AllowedNetworks, log: ILogger) =

    // The refused workers among the current announcements.
    let mutable refused: Set<struct (WorkerAddress * int64)> = Set.empty

    /// Returns the allowed workers with their registration times.
    member _.Filter(announced: Map<WorkerAddress, int64>, cancel: CancellationToken) : Task<Map<WorkerAddress, int64>> =
        task {
            let mutable admitted = Map.empty
            let mutable refusedNow = Set.empty

            for KeyValue(address, since) in announced do
                match! AllowedNetworks.resolve allowed address cancel with
                | Ok _ -> admitted <- admitted.Add(address, since)
                | Error refusal ->
                    refusedNow <- refusedNow.Add(struct (address, since))

                    if not (refused.Contains(struct (address, since))) then
                        RegistryLog.announcementRefused log address (AddressRefusal.describe refusal)

            refused <- refusedNow
            return admitted
        }
