namespace Web.Giraffe

open System
open System.Globalization

/// An operator's last decision about one worker.
[<Struct>]
type SharedEntry =
    {
        /// Milliseconds since 1970, and later than every stamp that its writer had seen. 0 marks a worker from the
        /// settings, which every operator's decision overrides.
        Stamp: int64
        Listed: bool
    }

/// The worker list that several web nodes share.
type SharedWorkers =
    {
        Entries: Map<WorkerAddress, SharedEntry>
        /// Self-registered workers and their registration time: milliseconds since 1970.
        Announced: Map<WorkerAddress, int64>
    }

/// The rules of the shared list: the last write wins, so that nodes converge again after a network partition.
[<RequireQualifiedAccess>]
module SharedWorkers =

    let empty: SharedWorkers =
        {
            Entries = Map.empty
            Announced = Map.empty
        }

    /// Formats an entry: stamp SP ( "added" / "removed" ).
    let writeEntry (entry: SharedEntry) =
        entry.Stamp.ToString CultureInfo.InvariantCulture, (if entry.Listed then "added" else "removed")

    let private stamp (text: string) =
        match Int64.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, stamp -> Some stamp
        | _ -> None

    /// Parses an entry. Invalid entries are skipped: a foreign write to Redis must not break a web node.
    let tryEntry (address: string) (text: string) : (WorkerAddress * SharedEntry) option =
        match WorkerAddress.tryParse address, text.Split ' ' with
        | Ok address, [| time; "added" | "removed" as word |] ->
            stamp time
            |> Option.map (fun stamp ->
                address,
                {
                    Stamp = stamp
                    Listed = (word = "added")
                })
        | _ -> None

    /// Parses an announcement: address SP since.
    let tryAnnouncement (text: string) : (WorkerAddress * int64) option =
        match text.Split ' ' with
        | [| address; since |] ->
            match WorkerAddress.tryParse address, stamp since with
            | Ok address, Some since -> Some(address, since)
            | _ -> None
        | _ -> None

    /// Merges both maps, and returns the entries that the remote one lacks. For equal stamps, the remote entry wins.
    let merge (local: Map<WorkerAddress, SharedEntry>) (remote: Map<WorkerAddress, SharedEntry>) =
        let newer =
            local
            |> Map.filter (fun address entry ->
                match remote.TryFind address with
                | Some there -> there.Stamp < entry.Stamp
                | None -> true)

        let merged =
            (remote, newer)
            ||> Map.fold (fun all address entry -> Map.add address entry all)

        struct (merged, newer)

    /// Returns a stamp later than all existing ones.
    let nextStamp (now: DateTimeOffset) (entries: Map<WorkerAddress, SharedEntry>) =
        (now.ToUnixTimeMilliseconds(), entries)
        ||> Map.fold (fun latest _ entry -> max latest (entry.Stamp + 1L))

    /// Returns the list: workers added by operators and settings, then self-registered ones, unless an operator removed
    /// them after they registered.
    let listed (shared: SharedWorkers) : WorkerAddress list =
        let named =
            [
                for KeyValue(address, entry) in shared.Entries do
                    if entry.Listed then
                        entry.Stamp, address
            ]

        let announced =
            [
                for KeyValue(address, since) in shared.Announced do
                    match shared.Entries.TryFind address with
                    | Some entry when entry.Listed || entry.Stamp >= since -> ()
                    | _ -> since, address
            ]

        List.map snd (List.sort named @ List.sort announced)

    /// Returns the workers in the settings that an operator has removed.
    let suppressed (configured: WorkerAddress list) (shared: SharedWorkers) =
        configured
        |> List.filter (fun address ->
            match shared.Entries.TryFind address with
            | Some entry -> not entry.Listed
            | None -> false)
