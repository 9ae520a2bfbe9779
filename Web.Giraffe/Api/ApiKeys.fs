namespace Web.Giraffe.Api

open System
open System.IO
open System.Security.Cryptography
open System.Text
open System.Threading
open Microsoft.Extensions.Configuration
open Microsoft.Extensions.Logging
open Microsoft.Extensions.Primitives
open Web.Giraffe

/// The keys of `Api:Keys` (a list, or one text with commas) and of the file `Api:KeysFile`. They are exchanged while the
/// node runs: the configuration when it is loaded again, as `appsettings.json` is after a change; the file within a
/// second. Only digests are held. Once there are keys, there are never none: a file that is being written, or was
/// broken, must not open the door.
[<Sealed>]
type ApiKeys(configuration: IConfiguration, file: string option, time: TimeProvider, logger: ILogger) =
    let lookEvery = TimeSpan.FromSeconds 1.0
    let mutable digests: byte[][] = [||]
    let mutable stamp = struct (DateTime.MinValue, -1L)
    let mutable looked = time.GetTimestamp()
    let reading = Lock()

    let digest (key: string) =
        SHA256.HashData(Encoding.UTF8.GetBytes key)

    let configured () =
        let section = configuration.GetSection "Api:Keys"

        [
            match section.Value with
            | null -> ()
            | text -> yield! text.Split ','

            for child in section.GetChildren() do
                string child.Value
        ]

    let ofFile (path: string) =
        File.ReadAllLines path
        |> List.ofArray
        |> List.filter (fun line -> not (line.TrimStart().StartsWith '#'))

    let stampOf (path: string) =
        let info = FileInfo path
        struct (info.LastWriteTimeUtc, (if info.Exists then info.Length else -1L))

    let read () =
        try
            file |> Option.iter (fun path -> stamp <- stampOf path)

            let keys =
                configured () @ (file |> Option.map ofFile |> Option.defaultValue [])
                |> List.map _.Trim()
                |> List.filter (fun key -> key <> "")
                |> List.distinct

            if keys.IsEmpty && digests.Length > 0 then
                FaceLog.keysKept logger "there are none any more"
            else
                if keys |> List.exists (fun key -> key.Length < 16) then
                    FaceLog.weakKey logger

                let made = keys |> List.map digest |> Array.ofList
                let changed = digests.Length > 0 || made.Length > 0
                digests <- made

                if changed then
                    FaceLog.keysRead logger made.Length
        with
        | :? IOException as error -> FaceLog.keysKept logger error.Message
        | :? UnauthorizedAccessException as error -> FaceLog.keysKept logger error.Message

    let readLocked () = lock reading read

    do readLocked ()

    let reloads =
        ChangeToken.OnChange((fun () -> configuration.GetReloadToken()), readLocked)

    // A file that is put in another's place by a link, as container hosts do it, is no event that could be waited for.
    let look () =
        match file with
        | Some path when time.GetElapsedTime looked >= lookEvery ->
            lock reading (fun () ->
                if time.GetElapsedTime looked >= lookEvery then
                    looked <- time.GetTimestamp()

                    if stampOf path <> stamp then
                        read ())
        | _ -> ()

    member _.AreSet =
        look ()
        digests.Length > 0

    /// Whose key it is: a name for the key that does not tell it. Takes as long whichever key it is, or none.
    member _.Find(given: string) : string option =
        look ()
        let given = digest given
        let mutable found = false

        for digest in digests do
            found <- CryptographicOperations.FixedTimeEquals(digest, given) || found

        if found then Some(Convert.ToHexString given) else None

    interface IDisposable with
        member _.Dispose() = reloads.Dispose()
