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

/// The API keys of `Api:Keys` (a list, or one comma-separated text) and of the file `Api:KeysFile`. They can change
/// while the node runs: when the configuration is reloaded, as after a change of `appsettings.json`; within a second
/// for the file. Only digests are stored. Configured keys are never replaced by none: while the file is incomplete or
/// invalid, the old keys stay in force, and the file is read again until it is valid.
[<Sealed>]
type ApiKeys(configuration: IConfiguration, file: string option, time: TimeProvider, logger: ILogger) =
    let lookEvery = TimeSpan.FromSeconds 1.0
    let isRequired = file.IsSome || configuration.GetSection("Api:Keys").Exists()
    let mutable digests: byte[][] = [||]
    // The time and size of the file when it was last valid.
    let mutable stamp = struct (DateTime.MinValue, -1L)
    let mutable problem: string option = None
    let mutable looked = time.GetTimestamp()
    let reading = Lock()

    let digest (key: string) =
        SHA256.HashData(Encoding.UTF8.GetBytes key)

    let stampOf (path: string) =
        let info = FileInfo path
        struct (info.LastWriteTimeUtc, (if info.Exists then info.Length else -1L))

    let keep (reason: string) =
        if problem <> Some reason then
            HttpLog.keysKept logger reason

        problem <- Some reason

    let take (keys: string list) =
        match List.distinct keys with
        | [] when digests.Length > 0 || isRequired -> keep "there are no keys"
        | keys ->
            problem <- None

            if keys |> List.exists (fun key -> key.Length < 16) then
                HttpLog.weakKey logger

            let made = keys |> List.map digest |> Array.ofList
            let changed = digests.Length > 0 || made.Length > 0
            digests <- made

            if changed then
                HttpLog.keysRead logger made.Length

    let read () =
        match file with
        | None -> take (ApiKeys.configured configuration)
        | Some path ->
            let before = stampOf path

            match KeyFile.read path with
            | Ok keys ->
                stamp <- before
                take (ApiKeys.configured configuration @ keys)
            | Error reason -> keep $"{path} {reason}"

    let readLocked () = lock reading read

    do readLocked ()

    let reloads =
        ChangeToken.OnChange((fun () -> configuration.GetReloadToken()), readLocked)

    // Container hosts replace a file through a symbolic link, which raises no change event.
    let look () =
        match file with
        | Some path when time.GetElapsedTime looked >= lookEvery ->
            lock reading (fun () ->
                if time.GetElapsedTime looked >= lookEvery then
                    looked <- time.GetTimestamp()

                    if stampOf path <> stamp then
                        read ())
        | _ -> ()

    let find (isRight: byte[] -> bool) =
        look ()
        let mutable found = None

        // Takes the same time for any key, or none.
        for digest in digests do
            if isRight digest then
                found <- Some digest

        found |> Option.map Convert.ToHexString

    /// The purpose of a session token.
    static member private Session = "session of the page"

    /// Returns the keys of `Api:Keys`.
    static member configured(configuration: IConfiguration) : string list =
        let section = configuration.GetSection "Api:Keys"

        [
            match section.Value with
            | null -> ()
            | text -> yield! text.Split ','

            for child in section.GetChildren() do
                string child.Value
        ]
        |> List.map _.Trim()
        |> List.filter (fun key -> key <> "")

    /// Returns whether a key is required.
    member _.AreSet =
        look ()
        isRequired || digests.Length > 0

    /// Returns an identifier for the key that does not reveal it, or none for a wrong key.
    member _.Find(given: string) : string option =
        let given = digest given
        find (fun digest -> CryptographicOperations.FixedTimeEquals(digest, given))

    /// Issues a token that represents this key until `expires`, or until the key becomes invalid.
    member _.IssueSession(key: string, expires: DateTimeOffset) : string =
        SignedToken.issue (digest key) ApiKeys.Session expires

    /// Returns the identifier of the key that a session token represents.
    member _.FindSession(token: string) : string option =
        let now = time.GetUtcNow()
        find (fun digest -> SignedToken.isValid digest ApiKeys.Session now token)

    interface IDisposable with
        member _.Dispose() = reloads.Dispose()
