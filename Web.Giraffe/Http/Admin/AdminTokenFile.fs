namespace Web.Giraffe

open System
open System.Buffers.Text
open System.IO
open System.Security.Cryptography
open System.Text
open System.Threading
open Microsoft.Extensions.Logging

/// The source of the administrator token.
type AdminTokenOrigin =
    /// `Admin:Token`, or no token is needed.
    | Configuration
    | TokenFile of path: string
    | NewTokenFile of path: string
    /// The file could not be written: no one has the token, and administration is closed.
    | NoTokenFile of path: string * reason: string

/// The file with the administrator token. Created at the first start if no token is configured.
[<RequireQualifiedAccess>]
module AdminTokenFile =
    [<Literal>]
    let private MaxBytes = 4096

    /// Returns 256 random bits in base64url.
    let newToken () : string =
        Base64Url.EncodeToString(RandomNumberGenerator.GetBytes 32)

    let private othersMay =
        UnixFileMode.GroupRead
        ||| UnixFileMode.GroupWrite
        ||| UnixFileMode.OtherRead
        ||| UnixFileMode.OtherWrite

    let private failed (path: string) reason =
        Error $"Admin:TokenFile: {path} {reason}."

    let private parse (path: string) (bytes: byte[]) =
        let token = (Encoding.UTF8.GetString bytes).Trim()

        if token = "" then
            failed path "is empty: delete it to have a new token made, or write a token into it"
        elif bytes.Length > MaxBytes || token |> Seq.exists Char.IsControl then
            failed path "holds more than one line: write the token alone into it"
        else
            Ok token

    /// Checks the file's permissions. A configured file may be a link, as Kubernetes mounts secrets, with any
    /// permissions. In a folder that the node chose, a link or an open file may be an attacker's.
    let private isSafe (path: string) (isConfigured: bool) =
        if isConfigured then
            Ok()
        elif not (isNull (FileInfo path).LinkTarget) then
            failed path "is a symbolic link: delete it, or name the token's file with this option"
        elif
            not (OperatingSystem.IsWindows())
            && File.GetUnixFileMode path &&& othersMay <> UnixFileMode.None
        then
            failed path "can be read or written by others: delete it, or set its mode to 0600"
        else
            Ok()

    /// Returns the token in the file, or writes a new one.
    let readOrCreate (path: string) (isConfigured: bool) : Result<string * AdminTokenOrigin, string> =
        let path = Path.GetFullPath path

        let read () =
            isSafe path isConfigured
            |> Result.bind (fun () ->
                use file = File.OpenRead path
                let bytes = Array.zeroCreate (MaxBytes + 1)
                let count = file.ReadAtLeast(Span bytes, bytes.Length, false)
                parse path (Array.truncate count bytes))
            |> Result.map (fun token -> token, TokenFile path)

        // Another node that starts at the same time may have created the file but not written it yet.
        let rec readWritten attempts =
            let found =
                try
                    if attempts > 0 && (FileInfo path).Length = 0L then
                        None
                    else
                        Some(read ())
                with :? IOException when attempts > 0 ->
                    None

            match found with
            | Some found -> found
            | None ->
                Thread.Sleep 20
                readWritten (attempts - 1)

        let exists () =
            File.Exists path
            || Directory.Exists path
            || not (isNull (FileInfo path).LinkTarget)

        let create () =
            let token = newToken ()

            try
                AtomicFile.createPrivate path (Encoding.ASCII.GetBytes(token + "\n"))
                Ok(token, NewTokenFile path)
            with
            | :? IOException when File.Exists path -> readWritten 50
            | :? IOException
            | :? UnauthorizedAccessException as error when not isConfigured ->
                Ok(token, NoTokenFile(path, error.Message))

        try
            if exists () then readWritten 50 else create ()
        with
        | :? IOException
        | :? UnauthorizedAccessException as error -> failed path $"can't be used: {error.Message.TrimEnd '.'}"

    /// Returns the administrator access and the source of the token.
    let access (settings: WebSettings) : Result<AdminAccess * AdminTokenOrigin, string> =
        let found (token: string option, origin) =
            {
                Token = token
                TrustLoopback = settings.TrustLoopback
            },
            origin

        match settings.AdminToken, settings.AdminTokenFile with
        | Some token, _ -> Ok(found (Some token, Configuration))
        | None, Some path ->
            readOrCreate path true
            |> Result.map (fun (token, origin) -> found (Some token, origin))
        | None, None when settings.TrustLoopback -> Ok(found (None, Configuration))
        | None, None ->
            readOrCreate settings.DefaultTokenFile false
            |> Result.map (fun (token, origin) -> found (Some token, origin))

    /// Logs how to use the token, but never the token itself.
    let log (logger: ILogger) (origin: AdminTokenOrigin) (port: int) : unit =
        let url = $"http://localhost:{port}/workers"

        match origin with
        | Configuration -> ()
        | TokenFile path -> HttpLog.tokenFile logger path url
        | NewTokenFile path -> HttpLog.newTokenFile logger path url
        | NoTokenFile(path, reason) -> HttpLog.noTokenFile logger path reason
