/// The commands in docs/: blocks of shell run as they stand; other command lines name files and options that there are.
module Tests.Expecto.Deployment.DocsTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto

let private pages =
    [
        yield! Directory.GetFiles(Path.Combine(Repository.root, "docs"), "*.md")
        Path.Combine(Repository.root, "README.md")
        Path.Combine(Repository.root, "CONTRIBUTING.md")
    ]

/// The fenced blocks of shell on a page, in order.
let private blocks (page: string) =
    [
        for found in
            Regex.Matches(
                File.ReadAllText page,
                @"^```sh\n(.*?)^```",
                RegexOptions.Multiline ||| RegexOptions.Singleline
            ) do
            found.Groups[1].Value
    ]

let private runs (folder: string) (environment: (string * string) list) (script: string) =
    task {
        use node =
            Node.Start("bash", "bash", [ "-c"; $"set -euo pipefail; cd '{folder}'; {script}" ], environment)

        let! code = node.EndedAsync(TimeSpan.FromSeconds 60.0)
        Expect.equal code 0 $"{script}\n{node.Text}"
        return node.Text
    }

let private page name =
    let found = blocks (Path.Combine(Repository.root, "docs", name))
    Expect.isNonEmpty found name
    found

let private operations =
    testCaseTask "docs/operations.md: the certificates that OpenSSL makes are good for both nodes"
    <| fun () ->
        task {
            let folder = Programs.folder "docs-operations"
            let! _ = runs folder [] (String.concat "\n" (page "operations.md"))
            // For this machine in place of the examples' hosts.
            let! _ =
                runs
                    folder
                    []
                    ((String.concat "\n" (page "operations.md"))
                        .Replace("DNS:worker-1.example.org,IP:192.0.2.11", "IP:127.0.0.1"))

            let file name = Path.Combine(folder, name)
            let port = Nodes.freePort ()

            use! _ =
                Nodes.worker
                    port
                    [
                        "--tls-certificate"
                        file "worker.pem"
                        "--tls-key"
                        file "worker.key"
                        "--tls-client-ca"
                        file "ca.pem"
                    ]

            use! web =
                Nodes.web
                    []
                    [
                        $"--worker=tls://127.0.0.1:{port}"
                        "--Client:TlsCa=" + file "ca.pem"
                        "--Client:TlsCertificate=" + file "web.pem"
                        "--Client:TlsKey=" + file "web.key"
                    ]

            let! status, answer = web.Classify(Repository.photograph "dog.jpg")
            Expect.equal status 200 $"{answer}"
        }

let private runbook =
    testCaseTask "docs/runbook.md: every block runs"
    <| fun () ->
        task {
            let folder = Programs.folder "docs-runbook"
            let port = Nodes.freePort ()
            use! _ = Nodes.worker port []
            let token = "a token of the runbook's tests"
            File.WriteAllText(Path.Combine(folder, "admin-token"), token)
            use! web = Nodes.web [ port ] [ $"--Admin:Token={token}" ]

            for kept in [ "etc/recognition"; "var/lib/recognition" ] do
                Directory.CreateDirectory(Path.Combine(folder, kept)) |> ignore

            let script =
                (String.concat "\n" (page "runbook.md"))
                    .Replace("localhost:9999", $"127.0.0.1:{web.Port}")
                    .Replace("127.0.0.1:8888", $"127.0.0.1:{port}")
                    .Replace("-C / ", "-C . ")
                    .Replace("curl -sS", "curl -sS --fail-with-body")

            let! said = runs folder [] script
            Expect.stringContains said $"127.0.0.1:{port}" "the list"
            let! active = web.Get "/health/ready"
            Expect.stringContains (string (snd active)) "\"activeWorkers\":1" "drained and resumed"
            Expect.isTrue (File.Exists(Path.Combine(folder, "recognition-backup.tar.gz"))) "the backup"
        }

let private deployment =
    testCaseTask "docs/deployment.md: the archives are installed as it says, in another root"
    <| fun () ->
        task {
            do! Release.build ()
            let root = Programs.folder "docs-deployment"

            let script =
                Regex.Replace(
                    (String.concat "\n" (page "deployment.md")).Replace("version=1.2.3", $"version={Release.version}"),
                    @"(?<=[ ""])/(opt|etc|usr)/",
                    $"{root}/$1/"
                )

            let! _ = runs Release.folder [] script

            for file in
                [
                    "opt/recognition/web/Web.Giraffe"
                    "opt/recognition/worker/Worker.Cs"
                    "opt/recognition/web/docs/runbook.md"
                    "etc/systemd/system/recognition-worker@.service"
                    "etc/recognition/worker-8888.env"
                    "usr/lib/sysusers.d/recognition.conf"
                ] do
                Expect.isTrue (File.Exists(Path.Combine(root, file))) file

            // The upgrade in place is the same once more.
            let! _ = runs Release.folder [] script
            Directory.Delete(root, true)
        }

/// The indented lines of a page that begin with a program's name.
let private lines (page: string) =
    [
        for line in File.ReadAllLines page do
            let found =
                Regex.Match(
                    line,
                    @"^    (?:[A-Z_]+=\S+ )*((?:\./|deploy/|\.config/|bench/|dotnet |promtool |bash |docker |kubectl |helm ).*)$"
                )

            if found.Success then
                found.Groups[1].Value
    ]

let private known =
    test "a command line in the documentation names files, projects and scripts that there are" {
        let all =
            [
                for page in pages do
                    for line in lines page do
                        Path.GetFileName page, line
            ]

        Expect.isGreaterThan all.Length 20 "they are found"

        for page, line in all do
            for found in
                Regex.Matches(
                    line,
                    @"(?<=^|\s|=)(?:\./)?((?:deploy|bench|samples|docs|\.config|\.ci)/[\w./@-]*\w)|(?<=^)\./(\w+)"
                ) do
                let path =
                    if found.Groups[1].Success then
                        found.Groups[1].Value
                    else
                        found.Groups[2].Value

                Expect.isTrue
                    (File.Exists(Path.Combine(Repository.root, path))
                     || Directory.Exists(Path.Combine(Repository.root, path)))
                    $"{page}: {line}"

            for found in Regex.Matches(line, @"--project (\S+)") do
                Expect.isTrue (Directory.Exists(Path.Combine(Repository.root, found.Groups[1].Value))) $"{page}: {line}"
    }

/// The command lines of a page that start a program of this tree: its own lines, and those within sentences.
let private calls (page: string) =
    let text = File.ReadAllText page

    [
        yield! lines page

        for found in
            Regex.Matches(text, @"`((?:\./(?:run|recognize|release)|dotnet run -c Release --project) [^`]*--[^`]*)`") do
            found.Groups[1].Value
    ]

/// The program of a command line, and what asks it for the options that it has there.
let private helpOf (line: string) =
    let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray

    // Commands come before the options.
    let asking (words: string list) =
        (words |> List.takeWhile (fun word -> Regex.IsMatch(word, "^[a-z]+$")))
        @ [ "--help" ]

    match words with
    | "dotnet" :: "run" :: "-c" :: "Release" :: "--project" :: project :: rest ->
        Some(Nodes.program project, asking (rest |> List.skipWhile (fun word -> word = "--")))
    | "./recognize" :: "models" :: _ -> Some(Nodes.program "Recognize.Cs", asking words.Tail)
    | "./recognize" :: _ -> Some(Nodes.program "Recognize.Cs", [ "--help" ])
    | "./run" :: _ -> Some(Nodes.program "Launch.Cs", [ "--help" ])
    | ("./release" | "deploy/first-hour") as script :: _ -> Some(Path.Combine(Repository.root, script), [ "--help" ])
    | _ -> None

let private optionsOf (line: string) =
    [
        for found in Regex.Matches(line, @"(?<=\s)--[A-Za-z][\w:.-]*") do
            found.Value
    ]

let private options =
    testCaseTask "a command line in the documentation has options that the program has"
    <| fun () ->
        task {
            let all =
                [
                    for page in pages do
                        for line in calls page do
                            match helpOf line with
                            | Some help -> Path.GetFileName page, line, help
                            | None -> ()
                ]

            Expect.isGreaterThan all.Length 15 "they are found"

            for (path, arguments), found in all |> List.groupBy (fun (_, _, help) -> help) do
                let path =
                    if path.EndsWith "Recognize.Cs" then
                        Path.Combine(Unchecked.nonNull (Path.GetDirectoryName path), "recognize")
                    else
                        path

                let! code, help = Programs.run path arguments ""
                Expect.equal code 0 $"{path} {arguments}: {help}"

                for page, line, _ in found do
                    for option in optionsOf line |> List.except [ "--project" ] do
                        Expect.isTrue
                            (Regex.IsMatch(help, $@"{Regex.Escape option}\b", RegexOptions.IgnoreCase))
                            $"{page}: {line}: {option}"
        }

let private checks =
    testCaseTask "the promtool lines run as they stand"
    <| fun () ->
        task {
            let found = pages |> List.collect lines |> List.filter _.StartsWith("promtool ")

            Expect.isGreaterThan found.Length 1 "there are some"

            for line in found do
                let! _ = runs Repository.root [] line
                ()
        }

let tests =
    testSequencedGroup "programs"
    <| testList "Documented commands" [ operations; runbook; deployment; known; options; checks ]
