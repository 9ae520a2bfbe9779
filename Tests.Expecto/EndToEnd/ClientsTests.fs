/// Clients that people generate from the API's document, the package Recognition.Client, and the programs of examples/,
/// against the running service. The packages come from the machine's registries into caches outside the tree.
module Tests.Expecto.EndToEnd.ClientsTests

open System
open System.IO
open System.Security.Cryptography
open System.Text.Json
open Expecto
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Tests.Expecto
open Tests.Expecto.Operations

let private source name =
    Path.Combine(Repository.root, "Tests.Expecto", "Clients", name)

let private examples = Path.Combine(Repository.root, "examples")
let private daisy = Path.Combine(Repository.root, "samples", "daisy.png")

/// Runs a command in a folder; it must succeed. Returns its output without its errors, and both.
let private shell (folder: string) (minutes: float) (command: string) =
    task {
        use node =
            Node.Start("bash", "/bin/bash", [ "-c"; $"set -eo pipefail; cd '{folder}'; {command}" ], [])

        let! code = node.EndedAsync(TimeSpan.FromMinutes minutes)
        Expect.equal code 0 $"{command}\n{node.Text}"
        let errors = Collections.Generic.HashSet node.Errors
        return node.Lines |> Array.filter (errors.Contains >> not), node.Text
    }

/// A service with one worker, for the tests of this list.
let private withService (run: int -> Threading.Tasks.Task<unit>) =
    task {
        let port = Nodes.freePort ()
        use! _ = Nodes.worker port []
        use! web = Nodes.web [ port ] []
        do! run web.Port
    }

/// The generators and the linter, installed once for each list of versions.
let private npm () =
    task {
        let list = File.ReadAllBytes(Path.Combine(source "TypeScript", "package.json"))
        let version = Convert.ToHexStringLower(SHA256.HashData list).Substring(0, 12)

        let cache =
            match Environment.GetEnvironmentVariable "XDG_CACHE_HOME" with
            | null
            | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".cache")
            | path -> path

        let folder = Path.Combine(cache, "recognition-clients", version)

        if not (File.Exists(Path.Combine(folder, "installed"))) then
            Directory.CreateDirectory folder |> ignore
            File.WriteAllBytes(Path.Combine(folder, "package.json"), list)

            let! _ =
                shell folder 5.0 "npm install --no-audit --no-fund --no-package-lock && touch installed"

            ()

        return Path.Combine(folder, "node_modules")
    }

/// A folder with these files, the document, and the installed packages.
let private workspace (kind: string) (port: int) =
    task {
        let folder = Programs.folder "clients"

        for file in Directory.GetFiles(source kind) do
            File.Copy(file, Path.Combine(folder, string (Path.GetFileName file)))

        let! _ =
            shell folder 1.0 $"curl -sS --fail http://localhost:{port}/openapi/v1.json -o v1.json"

        return folder
    }

let private typeScript =
    testCaseTask "Redocly's linter finds nothing; clients by openapi-typescript and hey-api compile and run"
    <| fun () ->
        withService (fun port ->
            task {
                let! folder = workspace "TypeScript" port
                let! packages = npm ()

                Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules"), packages)
                |> ignore

                let! lint, all =
                    shell folder 2.0 "npx --no-install redocly lint v1.json --format=json"

                let text = String.Join('\n', lint)

                let totals =
                    JsonDocument.Parse(text.Substring(text.IndexOf '{')).RootElement.GetProperty("totals")

                Expect.equal (totals.GetProperty("errors").GetInt32()) 0 all
                Expect.equal (totals.GetProperty("warnings").GetInt32()) 0 all

                let! _ =
                    shell
                        folder
                        3.0
                        "npx --no-install openapi-typescript v1.json -o generated/schema.ts && npx --no-install openapi-ts && npx --no-install tsc -p ."

                let! said, _ = shell folder 1.0 $"node out/call.js http://localhost:{port} {daisy}"
                Expect.equal said [| "openapi-typescript daisy 3"; "hey-api daisy 3" |] "both"
                Directory.Delete(folder, true)
            })

let private dotnet =
    testCaseTask "clients by NSwag and Kiota compile and run"
    <| fun () ->
        withService (fun port ->
            task {
                let! folder = workspace "Net" port

                let! _ =
                    shell
                        folder
                        4.0
                        "dotnet nswag openapi2csclient /input:v1.json /output:NSwag.cs /namespace:Recognition.NSwag /classname:RecognitionClient /jsonLibrary:SystemTextJson /generateOptionalParameters:true && dotnet kiota generate -l csharp -d v1.json -o Kiota -n Recognition.Kiota -c ApiClient && dotnet build -c Release -v q --nologo -o built Clients.csproj"

                let! said, _ =
                    shell folder 1.0 $"dotnet built/Clients.dll http://localhost:{port}/ {daisy}"

                Expect.equal said [| "nswag daisy 3"; "kiota daisy 3" |] "both"
                Directory.Delete(folder, true)
            })

let private package =
    testCaseTask "Recognition.Client packs, with its dependency, its documentation and its README"
    <| fun () ->
        task {
            let folder = Programs.folder "package"

            let! _ =
                shell Repository.root 4.0 $"dotnet pack -c Release --nologo -v q Recognition.Client -o {folder}"

            use archive =
                Compression.ZipFile.OpenRead(Path.Combine(folder, "Recognition.Client.1.0.0.nupkg"))

            let names = archive.Entries |> Seq.map _.FullName |> Set.ofSeq

            for name in
                [
                    "lib/net10.0/Recognition.Client.dll"
                    "lib/net10.0/Recognition.Client.xml"
                    "README.md"
                ] do
                Expect.isTrue (names.Contains name) $"{name} among {names}"

            let entry = Unchecked.nonNull (archive.GetEntry "Recognition.Client.nuspec")
            use reader = new StreamReader(entry.Open())
            Expect.stringContains (reader.ReadToEnd()) "Polly.Core" "what it needs"
        }

/// A folder with the samples, one of them once more under an unusual name, a file that is no picture, and a folder. Its own
/// name would be a pattern.
let private pictures () =
    let folder = Path.Combine(Programs.folder "pictures", "of [2024]")

    Directory.CreateDirectory(Path.Combine(folder, "older")) |> ignore
    File.Copy(daisy, Path.Combine(folder, "one, \"two\".png"))

    for file in Directory.GetFiles(Path.Combine(Repository.root, "samples"), "*.png") do
        File.Copy(file, Path.Combine(folder, string (Path.GetFileName file)))

    File.Copy(Path.Combine(Repository.root, "README.md"), Path.Combine(folder, "README.md"))
    folder

let private has (program: string) =
    (string (Environment.GetEnvironmentVariable "PATH")).Split Path.PathSeparator
    |> Array.exists (fun folder -> File.Exists(Path.Combine(folder, program)))

let private folders =
    testCaseTask "each example makes CSV of a folder of pictures, and says what it could not"
    <| fun () ->
        withService (fun port ->
            task {
                let folder = pictures ()

                for needed, program in
                    [
                        "python3", "python3 python/folder_to_csv.py"
                        "node", "node javascript/folder-to-csv.mjs"
                        "jq", "bash shell/folder-to-csv.sh"
                        "dotnet", "dotnet run csharp/FolderToCsv.cs --"
                        // Half a gigabyte in Debian, so CI does not install it.
                        if has "go" then
                            "go", "GOCACHE=$(mktemp -d) GO111MODULE=off go run go/folder_to_csv.go"
                    ] do
                    Expect.isTrue (has needed) $"{needed} is missing"
                    let! lines, all = shell examples 4.0 $"{program} http://localhost:{port} '{folder}'"
                    let plain = lines |> Array.map _.Replace("\"", "")
                    Expect.equal plain[0] "file,label,probability" program

                    for sample in Directory.GetFiles(folder, "*.png") do
                        let name = (string (Path.GetFileName sample)).Replace("\"", "")

                        Expect.isTrue
                            (plain |> Array.exists (fun line -> line.StartsWith $"{name},"))
                            $"{program}: {name}\n{all}"

                    Expect.isTrue (plain |> Array.exists (fun line -> line.StartsWith "daisy.png,daisy,0.9")) all
                    Expect.stringContains all "README.md: Plain text" program

                let! _ =
                    shell examples 1.0 "python3 -m py_compile python/triton_folder_to_csv.py python/onnx_model.py"

                let! lines, _ =
                    shell examples 1.0 $"bash shell/wait-until-ready.sh http://localhost:{port} 5"

                Expect.stringContains lines[0] "\"ready\"" "ready"

                use! alone = Nodes.web [] []

                let! _ =
                    shell examples 1.0 $"! bash shell/wait-until-ready.sh http://localhost:{alone.Port} 2"

                // A proxy's page is an answer, too, and its status is told.
                use proxy = WebApplication.CreateSlimBuilder().Build()
                proxy.Urls.Add "http://127.0.0.1:0"

                proxy.Run(fun context ->
                    context.Response.StatusCode <- 502
                    context.Response.WriteAsync "<h1>Bad Gateway</h1>")

                do! proxy.StartAsync()

                for program in [ "python3 python/folder_to_csv.py"; "node javascript/folder-to-csv.mjs" ] do
                    let! _, all = shell examples 1.0 $"{program} {Seq.head proxy.Urls} '{folder}'"
                    Expect.stringContains all "daisy.png: 502 Bad Gateway" program

                Directory.Delete(folder, true)
                Directory.Delete(Path.Combine(examples, "python", "__pycache__"), true)
            })

let private pythonWorker =
    testCaseTask "examples/python/worker.py serves a model of its own behind the web node"
    <| fun () ->
        task {
            let port = Nodes.freePort ()

            use worker =
                Node.Start(
                    "worker.py",
                    "/bin/bash",
                    [
                        "-c"
                        $"cd '{examples}/python' && PYTHONDONTWRITEBYTECODE=1 exec python3 worker.py {port} noise_model"
                    ],
                    []
                )

            do! worker.UntilAsync("listening", TimeSpan.FromSeconds 30.0, (fun () -> Nodes.listens port))
            use! web = Nodes.web [ port ] []

            for _ in 1..5 do
                let! status, answer = web.Classify(File.ReadAllBytes daisy)
                Expect.equal status 200 (answer.GetRawText())
                let best = answer.GetProperty("predictions")[0]
                Expect.equal (string (best.GetProperty "label")) "noisy" "its model's class"

            let! uses = web.Uses()
            Expect.equal (List.length uses) 1 "the worker is listed"
            let! _, workers = web.Get "/api/workers"
            Expect.stringContains (workers.GetRawText()) "\"failures\":0" "and has not failed"
        }

/// The programs of docs/api.md, by the language of their block.
let private documented =
    testCaseTask "the programs of docs/api.md run as they stand there"
    <| fun () ->
        withService (fun port ->
            task {
                let text = File.ReadAllText(Path.Combine(Repository.root, "docs", "api.md"))
                let folder = Programs.folder "documented"

                Directory.CreateSymbolicLink(Path.Combine(folder, "samples"), Path.Combine(Repository.root, "samples"))
                |> ignore

                let project =
                    $"#:project {Repository.root}/Recognition.Client/Recognition.Client.csproj\n"

                for language, file, before, program in
                    [
                        "python", "try.py", "", "python3 try.py"
                        "javascript", "try.mjs", "", "node try.mjs"
                        "csharp", "Try.cs", project, "dotnet run Try.cs"
                        if has "go" then
                            "go", "try.go", "", "GOCACHE=$(mktemp -d) GO111MODULE=off go run try.go"
                        "bash", "try.sh", "", "bash try.sh"
                    ] do
                    let start = text.IndexOf $"```{language}\n"
                    Expect.isGreaterThan start 0 $"docs/api.md has a program in {language}"
                    let code = text.Substring(start + language.Length + 4)
                    let code = code.Substring(0, code.IndexOf "```")
                    Expect.isLessThanOrEqual (code.Trim().Split('\n').Length) 14 "short"

                    File.WriteAllText(
                        Path.Combine(folder, file),
                        before + code.Replace("localhost:9999", $"localhost:{port}")
                    )

                    let! lines, all = shell folder 4.0 program
                    Expect.isTrue (lines |> Array.exists _.StartsWith("daisy 0.99")) $"{language}: {all}"
            })

let tests =
    testSequencedGroup "programs"
    <| testList "Clients" [ typeScript; dotnet; package; folders; pythonWorker; documented ]
