/// Which files `recognize` takes: from folders and patterns, and what is no file at all.
module Tests.Expecto.CommandLine.FilesTests

open System
open System.Diagnostics
open System.IO
open System.Net.Sockets
open Expecto
open Tests.Expecto

let private daisy = Recognize.sample "daisy"

/// A folder for the time of the test, with a copy of one picture under each name.
let private withFolder (names: string list) (test: string -> Threading.Tasks.Task<unit>) =
    task {
        let folder = Directory.CreateTempSubdirectory("recognize-").FullName

        try
            for name in names do
                let path = Path.Combine(folder, name)

                Directory.CreateDirectory(Unchecked.nonNull (Path.GetDirectoryName path))
                |> ignore

                File.Copy(daisy, path)

            do! test folder
        finally
            Directory.Delete(folder, true)
    }

let private shell (command: string) =
    use running = Process.Start("sh", [ "-c"; command ])
    running.WaitForExit()
    Expect.equal running.ExitCode 0 command

let private names (result: CommandResult) =
    result.Rows |> Array.map (fun row -> row[0]) |> List.ofArray

/// A pipe, a socket and links to a pipe and a device, all called like pictures.
let private special (folder: string) =
    let path name = Path.Combine(folder, name)
    let pipe = path "pipe.jpg"
    shell $"mkfifo '{pipe}'"

    let socket =
        new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)

    socket.Bind(UnixDomainSocketEndPoint(path "socket.jpg"))
    File.CreateSymbolicLink(path "link.jpg", pipe) |> ignore
    File.CreateSymbolicLink(path "endless.jpg", "/dev/zero") |> ignore

    socket,
    [
        for name in [ "endless.jpg"; "link.jpg"; "pipe.jpg"; "socket.jpg" ] -> path name
    ]

let private arguments =
    testCaseTask "a pipe, a socket and a device are refused, and nothing waits for them"
    <| fun () ->
        withFolder [] (fun folder ->
            task {
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
            })

let private inFolders =
    testCaseTask "special files in folders and patterns are skipped"
    <| fun () ->
        withFolder [ "a.jpg" ] (fun folder ->
            task {
                let socket, paths = special folder
                use _ = socket

                for argument in [ folder; Path.Combine(folder, "*.jpg"); Path.Combine(folder, "**/*") ] do
                    let! result = Recognize.run [ argument; "--top"; "1" ]
                    Expect.equal result.Code 0 result.Err
                    Expect.equal (names result) [ Path.Combine(folder, "a.jpg") ] argument
                    Expect.equal result.ErrLines [| $"{paths.Length} other files were skipped." |] argument
            })

let private substitution =
    testTask "a pipe of the shell's process substitution is read" {
        let command = $"'{Recognize.program}' --top 1 <(cat '{daisy}')"
        let! result = Recognize.start "bash" Repository.root [ "-c"; command ] [] [||]
        Expect.equal result.Code 0 result.Err
        Expect.equal (result.Rows |> Array.map (fun row -> row[2])) [| "daisy" |] "named"
    }

let private kinds =
    testCaseTask
        "a folder's pictures are files with a picture's extension, and files without an extension that begin like a picture"
    <| fun () ->
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

        withFolder (taken @ [ ".hidden.png"; ".cache/x.png"; "l.heic.bak" ]) (fun folder ->
            task {
                File.WriteAllText(Path.Combine(folder, "README"), "no picture")
                File.WriteAllText(Path.Combine(folder, "notes.txt"), "nor this")
                let! result = Recognize.run [ folder; "--top"; "1" ]
                Expect.equal result.Code 0 result.Err
                Expect.equal (names result) [ for name in taken -> Path.Combine(folder, name) ] "by name"
                Expect.equal result.ErrLines [| "3 other files were skipped." |] "how many"
                File.Delete(Path.Combine(folder, "README"))
                let! result = Recognize.run [ folder; "--json" ]
                Expect.stringContains result.Err "2 other files were skipped." "with JSON too"
            })

let private noPicture =
    testCaseTask "a folder without pictures is reported with the number of its files"
    <| fun () ->
        withFolder [] (fun folder ->
            task {
                File.WriteAllText(Path.Combine(folder, "notes.txt"), "no picture")
                let! result = Recognize.run [ folder ]
                Expect.equal result.Code 3 result.Err

                Expect.equal
                    result.ErrLines
                    [| "1 other file was skipped."; $"{folder}: no picture is in this folder." |]
                    "both"
            })

let private hidden =
    testCaseTask "a quoted pattern fits no hidden files, unless it has their dot"
    <| fun () ->
        withFolder
            [
                "a.png"
                ".b.png"
                ".cache/c.png"
                ".cache/.d.png"
                "deeper/.e/f.png"
                "deeper/g.png"
            ]
            (fun folder ->
                task {
                    for pattern, expected in
                        [
                            "*.png", [ "a.png" ]
                            "**/*.png", [ "a.png"; "deeper/g.png" ]
                            ".*.png", [ ".b.png" ]
                            ".cache/*.png", [ ".cache/c.png" ]
                            "*/*.png", [ "deeper/g.png" ]
                        ] do
                        let! result = Recognize.run [ Path.Combine(folder, pattern); "--top"; "1" ]
                        Expect.equal result.Code 0 $"{pattern}: {result.Err}"
                        Expect.equal (names result) [ for name in expected -> Path.Combine(folder, name) ] pattern
                })

let tests =
    testList "Files" [ arguments; inFolders; substitution; kinds; noPicture; hidden ]
