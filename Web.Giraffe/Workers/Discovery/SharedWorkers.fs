namespace Web.Giraffe

open System
open System.Globalization

/// An operator's last word on one worker.
[<Struct>]
type SharedEntry =
    {
        /// Milliseconds since 1970, and later than every stamp that its writer had seen; 0: the settings' word, which every
        /// operator's outweighs.
        Stamp: int64
        Listed: bool
    }

/// The worker list that several web nodes share.
type SharedWorkers =
    {
        Entries: Map<WorkerAddress, SharedEntry>
        /// Workers that say themselves that they are there, and since when: milliseconds since 1970.
        Announced: Map<WorkerAddress, int64>
    }

/// The rules of the shared list: whoever wrote last is right, so that nodes that were apart agree again whatever each was
/// told meanwhile.
[<RequireQualifiedAccess>]
module SharedWorkers =

    let empty: SharedWorkers =
        {
            Entries = Map.empty
            Announced = Map.empty
        }

    /// entry = stamp SP ( "added" / "removed" )
    let writeEntry (entry: SharedEntry) =
        entry.Stamp.ToString CultureInfo.InvariantCulture, (if entry.Listed then "added" else "removed")

    let private stamp (text: string) =
        match Int64.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, stamp -> Some stamp
        | _ -> None

    /// What is no entry is passed over: whoever can write into Redis must not break a web node.
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

    /// announcement = address SP since
    let tryAnnouncement (text: string) : (WorkerAddress * int64) option =
        match text.Split ' ' with
        | [| address; since |] ->
            match WorkerAddress.tryParse address, stamp since with
            | Ok address, Some since -> Some(address, since)
            | _ -> None
        | _ -> None

    /// What both say, and of it what the remote one lacks. Of two words with one stamp the remote's is right.
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

    /// A stamp that outweighs all there are.
    let nextStamp (now: DateTimeOffset) (entries: Map<WorkerAddress, SharedEntry>) =
        (now.ToUnixTimeMilliseconds(), entries)
        ||> Map.fold (fun latest _ entry -> max latest (entry.Stamp + 1L))

    /// The list: what operators and settings named, and then who announces itself, unless an operator has removed it since
    /// it began to.
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

    /// The settings' workers that an operator has removed.
    let keptOut (configured: WorkerAddress list) (shared: SharedWorkers) =
        configured
        |> List.filter (fun address ->
            match shared.Entries.TryFind address with
            | Some entry -> not entry.Listed
            | None -> false)
