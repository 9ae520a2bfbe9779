namespace Web.Giraffe

open System
open System.Text.Json
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
