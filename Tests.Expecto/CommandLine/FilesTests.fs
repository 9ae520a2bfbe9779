/// Which files `recognize` takes: from folders and patterns, and what is no file at all.
module Tests.Expecto.CommandLine.FilesTests

open System.Diagnostics
open System.IO
open System.Net.Sockets
open Expecto
open Tests.Expecto

let private daisy = Recognize.sample "daisy"

/// Puts a copy of one picture under each name into a folder.
let private copies (folder: TemporaryFolder) names =
    for name in names do
        let path = folder.Of name

        Directory.CreateDirectory(nonNull (Path.GetDirectoryName path)) |> ignore
        File.Copy(daisy, path)

let private shell (command: string) =
    use running = Process.Start("sh", [ "-c"; command ])
    running.WaitForExit()
    Expect.equal running.ExitCode 0 command

let private names (result: CommandResult) =
    result.Rows |> Array.map (fun row -> row[0]) |> List.ofArray

/// A pipe, a socket and links to a pipe and a device, all called like pictures.
let private special (folder: TemporaryFolder) =
    let pipe = folder.Of "pipe.jpg"
    shell $"mkfifo '{pipe}'"

    let socket =
        new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)

    socket.Bind(UnixDomainSocketEndPoint(folder.Of "socket.jpg"))
    File.CreateSymbolicLink(folder.Of "link.jpg", pipe) |> ignore
    File.CreateSymbolicLink(folder.Of "endless.jpg", "/dev/zero") |> ignore
    socket, List.map folder.Of [ "endless.jpg"; "link.jpg"; "pipe.jpg"; "socket.jpg" ]

let private arguments =
    testTask "a pipe, a socket and a device are refused, and nothing waits for them" {
        use folder = new TemporaryFolder()
        let socket, paths = special folder
        use _ = socket
        let paths = paths @ [ "/dev/zero"; "/dev/null" ]
        let! result = Recognize.run (paths @ [ daisy; "--top"; "1" ])
        Expect.equal result.Code 3 result.Err
        Expect.equal (names result) [ daisy ] "the picture"

        for path in paths do
            Expect.stringContains result.Err $"{path}: is a pipe, a socket or a device" "why"

        let! result = Recognize.run [ "/dev/zero"; "--json" ]
        Expect.stringContains result.Out "is a pipe, a socket or a device" "in JSON"
    }

let private inFolders =
    testTask "special files in folders and patterns are skipped" {
        use folder = new TemporaryFolder()
        copies folder [ "a.jpg" ]
        let socket, paths = special folder
        use _ = socket

        for argument in [ folder.Path; folder.Of "*.jpg"; folder.Of "**/*" ] do
            let! result = Recognize.run [ argument; "--top"; "1" ]
            Expect.equal result.Code 0 result.Err
            Expect.equal (names result) [ folder.Of "a.jpg" ] argument
            Expect.equal result.ErrLines [| $"{paths.Length} other files were skipped." |] argument
    }

let private substitution =
    testTask "a pipe of the shell's process substitution is read" {
        let command = $"'{Recognize.program}' --top 1 <(cat '{daisy}')"
        let! result = Recognize.start "bash" Repository.root [ "-c"; command ] [] [||]
        Expect.equal result.Code 0 result.Err
        Expect.equal (result.Rows |> Array.map (fun row -> row[2])) [| "daisy" |] "classified"
    }

let private kinds =
    testTask
        "a folder's pictures are files with a picture's extension, and files without an extension that begin like a picture" {
        let taken =
            [
                "a.jfif"
                "b.JPE"
                "c.jpeg"
                "d.PNG"
                "deeper/e.gif"
                "f"
                "g.webp"
                "h.avif"
                "i.tif"
                "j.tiff"
                "k.bmp"
            ]

        use folder = new TemporaryFolder()
        copies folder (taken @ [ ".hidden.png"; ".cache/x.png"; "l.heic.bak" ])
        File.WriteAllText(folder.Of "README", "no picture")
        File.WriteAllText(folder.Of "notes.txt", "nor this")
        let! result = Recognize.run [ folder.Path; "--top"; "1" ]
        Expect.equal result.Code 0 result.Err
        Expect.equal (names result) (List.map folder.Of taken) "by name"
        Expect.equal result.ErrLines [| "3 other files were skipped." |] "how many"
        File.Delete(folder.Of "README")
        let! result = Recognize.run [ folder.Path; "--json" ]
        Expect.stringContains result.Err "2 other files were skipped." "with JSON too"
    }

let private noPicture =
    testTask "a folder without pictures is reported with the number of its files" {
        use folder = new TemporaryFolder()
        File.WriteAllText(folder.Of "notes.txt", "no picture")
        let! result = Recognize.run [ folder.Path ]
        Expect.equal result.Code 3 result.Err

        Expect.equal
            result.ErrLines
            [|
                "1 other file was skipped."
                $"{folder.Path}: no picture is in this folder."
            |]
            "both"
    }

let private hidden =
    testTask "a quoted pattern fits no hidden files, unless it has their dot" {
        use folder = new TemporaryFolder()

        copies
            folder
            [
                "a.png"
                ".b.png"
                ".cache/c.png"
                ".cache/.d.png"
                "deeper/.e/f.png"
                "deeper/g.png"
            ]

        for pattern, expected in
            [
                "*.png", [ "a.png" ]
                "**/*.png", [ "a.png"; "deeper/g.png" ]
                ".*.png", [ ".b.png" ]
                ".cache/*.png", [ ".cache/c.png" ]
                "*/*.png", [ "deeper/g.png" ]
            ] do
            let! result = Recognize.run [ folder.Of pattern; "--top"; "1" ]
            Expect.equal result.Code 0 $"{pattern}: {result.Err}"
            Expect.equal (names result) (List.map folder.Of expected) pattern
    }

let tests =
    testList "Files" [ arguments; inFolders; substitution; kinds; noPicture; hidden ]
