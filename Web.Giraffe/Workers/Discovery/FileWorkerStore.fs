namespace Web.Giraffe

open System
open System.Collections.Generic
open System.IO
open Microsoft.Extensions.Logging

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

    interface IWorkerStore with
        /// If the file can't be read or written, the error is logged and the service runs without it.
        member _.Attach(list, configured) =
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
                    let saved: SavedList =
                        {
                            Workers = list.Addresses |> List.filter (found.Contains >> not)
                            Configured = configured |> List.filter (forgotten.Contains >> not)
                        }

                    orLog () (fun () -> AtomicFile.replace path (SavedList.write saved)))

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
