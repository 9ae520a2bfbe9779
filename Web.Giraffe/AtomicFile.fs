namespace Web.Giraffe

open System
open System.IO

/// Writes files as a whole: readers see the old content or the new, and a symbolic link that somebody put in the
/// folder is never written through.
[<RequireQualifiedAccess>]
module AtomicFile =
    let private ownerOnly = UnixFileMode.UserRead ||| UnixFileMode.UserWrite

    let private folderOf (path: string) =
        Path.GetDirectoryName path |> Option.ofObj |> Option.defaultValue "."

    /// `CreateNew` opens no file that exists, and follows no link; nobody can guess the name to prevent it.
    let private writeBeside (path: string) (mode: UnixFileMode option) (bytes: byte[]) : string =
        let temporary =
            Path.Combine(folderOf path, $".{Path.GetFileName path}.{Path.GetRandomFileName()}.tmp")

        let options =
            FileStreamOptions(Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None)

        match mode with
        | Some mode when not (OperatingSystem.IsWindows()) -> options.UnixCreateMode <- Nullable mode
        | _ -> ()

        use file = new FileStream(temporary, options)
        file.Write(ReadOnlySpan bytes)
        file.Flush true
        temporary

    let private write path mode bytes (overwrite: bool) =
        let path = Path.GetFullPath path
        Directory.CreateDirectory(folderOf path) |> ignore
        let temporary = writeBeside path mode bytes

        try
            File.Move(temporary, path, overwrite)
        with _ ->
            File.Delete temporary
            reraise ()

    /// Writes `path`, or replaces it; a link at `path` is replaced, and its target stays as it was.
    let replace (path: string) (bytes: byte[]) : unit = write path None bytes true

    /// Writes `path` for its owner's eyes alone (mode 0600; on Windows the folder's permissions hold).
    /// Raises IOException where anything is at `path` already, a link included.
    let createPrivate (path: string) (bytes: byte[]) : unit = write path (Some ownerOnly) bytes false
