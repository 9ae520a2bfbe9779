namespace Web.Giraffe

open System
open System.Collections.Generic
open System.IO
open System.Text.Json
open System.Threading
open Microsoft.Extensions.Logging
open Protocol.Core

/// The content of the worker list's file.
type SavedList =
    {
        /// The live list, in round-robin order.
        Workers: WorkerAddress list
        /// The workers in the settings at the time of saving; distinguishes a worker that an operator removed from a
        /// new one.
        Configured: WorkerAddress list
    }

type MergedList =
    {
        Workers: WorkerAddress list
        /// Workers in the settings both now and when saved that an operator removed.
        Suppressed: WorkerAddress list
    }

/// Reads, writes and merges the saved list.
[<RequireQualifiedAccess>]
module SavedList =

    /// Returns the list after a restart. The file's list applies, with the operators' changes. A worker that is new in
    /// the settings is added at the end; one that is no longer in the settings is removed.
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
            list.EnumerateArray()
            |> Result.traverse (fun item ->
                match item.ValueKind with
                | JsonValueKind.String ->
                    item.GetString()
                    |> WorkerAddress.tryParse
                    |> Result.mapError AddressError.describe
                | _ -> Error $"'{name}' contains a value that is not a string")
            |> Result.map List.ofArray
        | _ -> Error $"it has no list '{name}'"

    /// Parses the list, or returns what is wrong with the text.
    let tryRead (text: byte[]) : Result<SavedList, string> =
        try
            use document = JsonDocument.Parse(ReadOnlyMemory text)

            if document.RootElement.ValueKind <> JsonValueKind.Object then
                Error "it is not a JSON object"
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
            Error "it is not JSON"

/// A store for the worker list.
type IWorkerStore =
    /// Fills `list` from the store and the settings, and saves every later change.
    abstract Attach: list: WorkerPool * configured: WorkerAddress list -> unit

/// Stores the worker list in a file that survives a restart. Only one web node may write it.
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
        | :? UnauthorizedAccessException as ex ->
            WorkersLog.workerListUnsaved log path ex
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

    /// If the file can't be read or written, the error is logged and the service runs without it.
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
            WorkersLog.workerSuppressed log address path

        for address in merged.Workers do
            (list :> IWorkerList).Add address |> ignore

        // A worker that was removed after a failure counts as new at the next start.
        let forgotten = HashSet<WorkerAddress>()
        // Workers from DNS discovery are not saved: the name returns them again.
        let found = HashSet<WorkerAddress>()

        // Reads the list under the same lock as it writes, so that the last write has the newest list.
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
