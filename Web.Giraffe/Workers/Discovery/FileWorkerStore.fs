namespace Web.Giraffe

open System
open System.Collections.Generic
open System.IO
open System.Text.Json
open System.Threading
open Microsoft.Extensions.Logging

/// The worker list as its file holds it.
type SavedList =
    {
        /// The live list, in the order of the turns.
        Workers: WorkerAddress list
        /// What the settings named when it was saved; tells a worker that an operator removed from one that is new.
        Configured: WorkerAddress list
    }

type MergedList =
    {
        Workers: WorkerAddress list
        /// In the settings now and then, and removed by an operator in between.
        Suppressed: WorkerAddress list
    }

/// The text and the rules of the remembered list.
[<RequireQualifiedAccess>]
module SavedList =

    /// What the list is after a restart. The file's list stands, with what the operators added and removed; a
    /// worker that is new in the settings is added at the end, and one that left the settings leaves the list.
    let merge (saved: SavedList) (configured: WorkerAddress list) : MergedList =
        let isIn list address = List.contains address list

        let stays address =
            isIn configured address || not (isIn saved.Configured address)

        let isNew address =
            not (isIn saved.Workers address) && not (isIn saved.Configured address)

        {
            Workers = List.filter stays saved.Workers @ List.filter isNew configured
            Suppressed =
                configured
                |> List.filter (fun address -> isIn saved.Configured address && not (isIn saved.Workers address))
        }

    let write (saved: SavedList) : byte[] =
        let texts (addresses: WorkerAddress list) =
            addresses |> List.map string |> Array.ofList

        JsonSerializer.SerializeToUtf8Bytes(
            {|
                workers = texts saved.Workers
                configured = texts saved.Configured
            |},
            JsonSerializerOptions(WriteIndented = true)
        )

    let private addresses (document: JsonDocument) (name: string) =
        match document.RootElement.TryGetProperty name with
        | true, list when list.ValueKind = JsonValueKind.Array ->
            (list.EnumerateArray(), Ok [])
            ||> Seq.foldBack (fun item rest ->
                match rest, item.ValueKind with
                | Ok rest, JsonValueKind.String ->
                    item.GetString()
                    |> WorkerAddress.tryParse
                    |> Result.map (fun address -> address :: rest)
                    |> Result.mapError AddressError.describe
                | Ok _, _ -> Error $"'{name}' holds something that is no text"
                | failed, _ -> failed)
        | _ -> Error $"it has no list '{name}'"

    /// The list, or what is wrong with the text.
    let tryRead (text: byte[]) : Result<SavedList, string> =
        try
            use document = JsonDocument.Parse(ReadOnlyMemory text)

            if document.RootElement.ValueKind <> JsonValueKind.Object then
                Error "it is no JSON object"
            else
                match addresses document "workers", addresses document "configured" with
                | Ok workers, Ok configured ->
                    Ok
                        {
                            Workers = List.distinct workers
                            Configured = configured
                        }
                | Error reason, _
                | _, Error reason -> Error reason
        with :? JsonException ->
            Error "it is no JSON"

/// What remembers the worker list.
type IWorkerStore =
    /// Fills `list` with what was remembered and what the settings say, and remembers every change from now on.
    abstract Attach: list: WorkerPool * configured: WorkerAddress list -> unit

/// The file in which the worker list survives a restart. One web node writes it.
[<Sealed>]
type FileWorkerStore(path: string, time: TimeProvider, log: ILogger<FileWorkerStore>) =
    let path = Path.GetFullPath path
    let gate = obj ()

    let setAside reason =
        let stamp =
            time.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff'Z'", Globalization.CultureInfo.InvariantCulture)

        let aside = $"{path}.damaged-{stamp}"
        File.Move(path, aside, true)
        WorkersLog.workerListDamaged log path reason aside

    let save (saved: SavedList) =
        AtomicFile.replace path (SavedList.write saved)

    let orLog fallback action =
        try
            action ()
        with
        | :? IOException
        | :? UnauthorizedAccessException as broken ->
            WorkersLog.workerListUnsaved log path broken
            fallback

    let load () =
        match File.Exists path with
        | false -> None
        | true ->
            match SavedList.tryRead (File.ReadAllBytes path) with
            | Ok saved -> Some saved
            | Error reason ->
                setAside reason
                None

    /// A file that can't be read or written is logged, and the service runs without it.
    member _.Attach(list: WorkerPool, configured: WorkerAddress list) =
        let merged =
            match orLog None load with
            | Some saved ->
                WorkersLog.workerListRead log path saved.Workers.Length
                SavedList.merge saved configured
            | None ->
                {
                    Workers = configured
                    Suppressed = []
                }

        for address in merged.Suppressed do
            WorkersLog.workerKeptOut log address path

        for address in merged.Workers do
            (list :> IWorkerList).Add address |> ignore

        // A worker that a failure took off the list is as good as new at the next start.
        let forgotten = HashSet<WorkerAddress>()
        // Nor is one that a name gave remembered: the name will give it again.
        let found = HashSet<WorkerAddress>()

        // Reads the list under the same lock as it writes: whoever writes last writes the newest.
        let remember () =
            lock gate (fun () ->
                orLog () (fun () ->
                    save
                        {
                            Workers = list.Addresses |> List.filter (fun address -> not (found.Contains address))
                            Configured = configured |> List.filter (fun address -> not (forgotten.Contains address))
                        }))

        remember ()

        list.Edited.Add(fun edit ->
            let mark (marked: HashSet<WorkerAddress>) is =
                if is then
                    marked.Add edit.Address |> ignore
                else
                    marked.Remove edit.Address |> ignore

            lock gate (fun () ->
                mark forgotten (edit.Change = Removed && edit.By = EditedBy.Failure)
                mark found (edit.Change = Added && edit.By = EditedBy.Discovery))

            remember ())

    interface IWorkerStore with
        member registry.Attach(list, configured) = registry.Attach(list, configured)
