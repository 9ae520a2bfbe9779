/// The script deploy/first-hour, run from the archives on a machine without .NET.
module Tests.Expecto.Deployment.FirstHourTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto

/// The programs that the script says it needs, and the shell's own. There is no dotnet among them.
let private programs =
    "bash cat chmod cp curl date env find grep gzip id kill ln mkdir mktemp mv nginx openssl prometheus promtool readlink rm sed seq sha256sum sleep sort tail tar touch tr uniq wc"

/// A folder with links to these programs alone, for PATH.
let private path () =
    let folder = Programs.folder "first-hour-path"

    for program in programs.Split ' ' do
        let found =
            (Environment.GetEnvironmentVariable "PATH" |> string).Split Path.PathSeparator
            |> Seq.append [ "/usr/sbin"; "/usr/bin"; "/bin" ]
            |> Seq.map (fun folder -> Path.Combine(folder, program))
            |> Seq.tryFind File.Exists

        match found with
        | Some file -> File.CreateSymbolicLink(Path.Combine(folder, program), file) |> ignore
        | None -> failtest $"{program} is missing"

    folder

/// Starts the script, which puts everything into this folder.
let private start (home: string) =
    let script = Path.Combine(Release.unpacked "web", "deploy", "first-hour")

    let first = Scenarios.Nodes.Ports.FreeRange 12

    Node.Start(
        "first-hour",
        script,
        [ Release.folder; "--port"; string first; "--keep"; home ],
        [
            "PATH", path ()
            "HOME", home
            "DOTNET_ROOT", ""
            "DOTNET_HOST_PATH", ""
            "MODEL_MIRROR", Repository.modelMirror
        ]
    )

let private firstHour =
    testTask "from the archives to an upgrade of every node under load, without a failed request" {
        do! Release.build ()
        let home = Programs.folder "first-hour"
        use node = start home
        let! code = node.EndedAsync(TimeSpan.FromMinutes 6.0)

        let logs () =
            [
                for log in Directory.GetFiles(Path.Combine(home, "logs")) -> $"{log}:\n{File.ReadAllText log}"
            ]
            |> String.concat "\n"

        if code <> 0 then
            failtest $"{node.Text}\n{logs ()}"

        let found = Regex.Match(node.Text, @"(\d+) requests during the upgrade, 0 failed")
        Expect.isTrue found.Success node.Text
        Expect.isGreaterThan (int found.Groups[1].Value) 20 "there was load"
        Expect.stringContains node.Text Release.version "the version"
        Directory.Delete(home, true)
    }

let private interrupted =
    testTask "it ends when it is interrupted under load, from a folder with a space in its name" {
        do! Release.build ()
        let home = Path.Combine(Programs.folder "first-hour", "first hour")
        use node = start home

        do! Programs.logs 240.0 node (fun () -> node.Text.Contains "Upgrading every node")
        node.Send Signal.Terminate
        let! code = node.EndedAsync(TimeSpan.FromMinutes 1.0)
        Expect.equal code 130 node.Text
        Directory.Delete(home, true)
    }

let tests =
    testSequencedGroup "programs"
    <| testList "First hour" [ firstHour; interrupted ]
