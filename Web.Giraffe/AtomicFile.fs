namespace Web.Giraffe

open System
open System.IO

/// Writes files as a whole, and never through a symbolic link that somebody put in the folder.
[<RequireQualifiedAccess>]
module AtomicFile =
    let private ownerOnly = UnixFileMode.UserRead ||| UnixFileMode.UserWrite

    let private folderOf (path: string) =
        Path.GetDirectoryName path |> Option.ofObj |> Option.defaultValue "."

    /// `CreateNew` opens no file that exists, and follows no link.
    let private create (path: string) (mode: UnixFileMode option) (bytes: byte[]) : unit =
        let options =
            FileStreamOptions(Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None)

        match mode with
        | Some mode when not (OperatingSystem.IsWindows()) -> options.UnixCreateMode <- Nullable mode
        | _ -> ()

        use file = new FileStream(path, options)

        try
            file.Write(ReadOnlySpan bytes)
            file.Flush true
        with _ ->
            File.Delete path
            reraise ()

    /// Writes `path`, or replaces it; a link at `path` is replaced, and its target stays as it was.
    let replace (path: string) (bytes: byte[]) : unit =
        let path = Path.GetFullPath path
        let folder = folderOf path
        Directory.CreateDirectory folder |> ignore

        // Nobody can guess the name to prevent it.
        let temporary =
            Path.Combine(folder, $".{Path.GetFileName path}.{Path.GetRandomFileName()}.tmp")

        create temporary None bytes

        try
            File.Move(temporary, path, true)
        with _ ->
            File.Delete temporary
            reraise ()

    /// Writes `path` for its owner's eyes alone (mode 0600; on Windows the folder's permissions hold). Of several callers
    /// one succeeds; others may see the file before its bytes. Raises IOException where anything is at `path` already, a
    /// link included.
    let createPrivate (path: string) (bytes: byte[]) : unit =
        let path = Path.GetFullPath path
        Directory.CreateDirectory(folderOf path) |> ignore
        create path (Some ownerOnly) bytes
