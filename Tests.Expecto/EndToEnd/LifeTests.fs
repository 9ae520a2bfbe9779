/// The programs' start and end: the worker list after a restart, SIGTERM, the log's format, `--version`.
module Tests.Expecto.EndToEnd.LifeTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto
open Node.Hosting
open Tests.Expecto

let private restart =
    testTask "the worker list survives a restart, and a damaged one is set aside" {
        let folder = Programs.folder "registry"
        let file = Path.Combine(folder, "workers.json")

        let start () =
            Nodes.web [] [ $"--Registry:Path={file}" ]

        let listed () =
            task {
                use! web = start ()
                let! uses = web.Uses()
                return List.map fst uses, web.Node.Text
            }

        do!
            task {
                use! web = start ()
                use! _ = web.Client.GetAsync "/add/127.0.0.1:7001"
                use! _ = web.Client.GetAsync "/add/127.0.0.1:7002"
                use! _ = web.Client.GetAsync "/del/127.0.0.1:7001"
                web.Node.Send Signal.Kill
            }

        let! after, _ = listed ()
        Expect.equal after [ "127.0.0.1:7002" ] "as it was when the node was killed"
        File.WriteAllText(file, "{ \"workers\": [ 7")
        let! after, output = listed ()
        Expect.equal after [] "a damaged list is not fatal"
        Expect.stringContains output "damaged" "it is said"
        Expect.isNonEmpty (Directory.GetFiles(folder, "*damaged*")) "and kept aside"
    }

let private ends =
    testTask "on SIGTERM running exchanges finish, new ones are refused, and the exit code is 0" {
        use! web = Nodes.service [] []
        let running = [ for _ in 1..6 -> web.Classify(Repository.photograph "dog.jpg") ]
        do! Task.Delay 30
        web.Node.Send Signal.Terminate
        let! answers = Task.WhenAll running

        for status, answer in answers do
            Expect.equal status 200 $"{answer}"

        let! code = web.Node.EndedAsync(TimeSpan.FromSeconds 15.0)
        Expect.equal code 0 "the web node"
        web.Worker.Send Signal.Terminate
        let! code = web.Worker.EndedAsync(TimeSpan.FromSeconds 15.0)
        Expect.equal code 0 "the worker"
    }

/// A copy of a program's folder, for settings beside it.
let copied project (settings: string) =
    let folder = Directory.CreateTempSubdirectory "settings-"

    let source = Unchecked.nonNull (Path.GetDirectoryName(Nodes.program project))

    for file in Directory.GetFiles source do
        File.Copy(file, Path.Combine(folder.FullName, Unchecked.nonNull (Path.GetFileName file)))

    for inner in Directory.GetDirectories source do
        Directory.CreateSymbolicLink(Path.Combine(folder.FullName, Unchecked.nonNull (Path.GetFileName inner)), inner)
        |> ignore

    File.WriteAllText(Path.Combine(folder.FullName, "appsettings.json"), settings)
    folder

let private ownSettings =
    testTask "an operator's own appsettings.json keeps the log's format; JSON lines have RFC 3339 timestamps" {
        for project, arguments in
            [
                "Web.Giraffe", [ "--port"; "0"; "--Registry:Path="; "--Admin:TrustLoopback=true" ]
                "Worker.Cs", [ "127.0.0.1"; "0"; "--models"; Path.Combine(Repository.root, "models") ]
            ] do
            let folder =
                copied project """{ "Logging": { "LogLevel": { "Extra": "Debug" } } }"""

            try
                for format in [ "simple"; "json" ] do
                    let environment =
                        [
                            "MODEL_MIRROR", Repository.modelMirror
                            "Logging__Console__FormatterName", format
                        ]

                    use node =
                        Node.Start(project, Path.Combine(folder.FullName, project), arguments, environment)

                    do!
                        Programs.logs 60.0 node (fun () ->
                            node.Text.Contains "Application started" || node.Text.Contains "Worker ready")

                    if project = "Worker.Cs" then
                        Expect.isTrue
                            (Regex.IsMatch(node.Text, @"Worker ready on 127\.0\.0\.1:[1-9]\d*\b"))
                            $"the port that it chose:\n{node.Text}"

                    let first = node.Lines[0]

                    if format = "simple" then
                        Expect.isTrue
                            (Regex.IsMatch(first, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info: \S+\[100\] Starting "))
                            first

                        Expect.stringContains first BuildInfo.Current.Version "its version"
                        Expect.stringContains first BuildInfo.Current.Commit "and commit"
                    else
                        use line = JsonDocument.Parse first
                        let time = string (line.RootElement.GetProperty "Timestamp")
                        Expect.isTrue (Regex.IsMatch(time, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")) $"'{time}'"
            finally
                folder.Delete true
    }

let private versions =
    testTask "--version prints the version and the commit" {
        for project, program in
            [
                "Web.Giraffe", "Web.Giraffe"
                "Worker.Cs", "Worker.Cs"
                "Recognize.Cs", "recognize"
                "Launch.Cs", "Launch.Cs"
            ] do
            let folder = Unchecked.nonNull (Path.GetDirectoryName(Nodes.program project))
            use node = Node.Start(project, Path.Combine(folder, program), [ "--version" ], [])
            let! code = node.EndedAsync(TimeSpan.FromSeconds 30.0)
            Expect.equal (code, node.Text) (0, string BuildInfo.Current) project
    }

let tests =
    testSequencedGroup "programs"
    <| testList "Life" [ restart; ends; ownSettings; versions ]
