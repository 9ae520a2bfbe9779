namespace Web.Giraffe

open System
open System.IO

/// Writes files atomically, and never through a symbolic link in the folder.
[<RequireQualifiedAccess>]
module AtomicFile =
    let private ownerOnly = UnixFileMode.UserRead ||| UnixFileMode.UserWrite

    let private folderOf (path: string) =
        Path.GetDirectoryName path |> Option.ofObj |> Option.defaultValue "."

    /// Creates a new file. `CreateNew` opens no existing file and follows no link.
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

    /// Writes or replaces `path`. A link at `path` is replaced; its target is unchanged.
    let replace (path: string) (bytes: byte[]) : unit =
        let path = Path.GetFullPath path
        let folder = folderOf path
        Directory.CreateDirectory folder |> ignore

        // The random name can't be guessed, so nobody can block it.
        let temporary =
            Path.Combine(folder, $".{Path.GetFileName path}.{Path.GetRandomFileName()}.tmp")

        create temporary None bytes

        try
            File.Move(temporary, path, true)
        with _ ->
            File.Delete temporary
            reraise ()

    /// Creates `path` for its owner only (mode 0600; on Windows the folder's permissions apply). Of several concurrent
    /// callers one succeeds; others may see the file before its content. Raises IOException if anything exists at
    /// `path`, a link included.
    let createPrivate (path: string) (bytes: byte[]) : unit =
        let path = Path.GetFullPath path
        Directory.CreateDirectory(folderOf path) |> ignore
        create path (Some ownerOnly) bytes
