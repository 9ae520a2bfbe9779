/// The programs of examples/ and of docs/api.md, against the running service.
module Tests.Expecto.EndToEnd.ExamplesTests

open System
open System.IO
open Expecto
open Microsoft.AspNetCore.Http
open Tests.Expecto
open Tests.Expecto.EndToEnd.ClientsTests

let private examples = Path.Combine(Repository.root, "examples")

/// A folder with the samples, one of them once more under an unusual name, a file that is no picture, and a folder. Its own
/// name would be a pattern.
let private pictures () =
    let folder = Path.Combine(Programs.folder "pictures", "of [2024]")

    Directory.CreateDirectory(Path.Combine(folder, "older")) |> ignore
    File.Copy(daisy, Path.Combine(folder, "one, \"two\".png"))

    for file in Directory.GetFiles(Repository.samples, "*.png") do
        File.Copy(file, Path.Combine(folder, string (Path.GetFileName file)))

    File.Copy(Path.Combine(Repository.root, "README.md"), Path.Combine(folder, "README.md"))
    folder

let private has (program: string) =
    (string (Environment.GetEnvironmentVariable "PATH")).Split Path.PathSeparator
    |> Array.exists (fun folder -> File.Exists(Path.Combine(folder, program)))

let private folders =
    withService "each example makes CSV of a folder of pictures, and reports those that it can't classify" (fun port ->
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
            use! proxy =
                LocalSite.serve (fun context ->
                    context.Response.StatusCode <- 502
                    context.Response.WriteAsync "<h1>Bad Gateway</h1>")

            for program in [ "python3 python/folder_to_csv.py"; "node javascript/folder-to-csv.mjs" ] do
                let! _, all = shell examples 1.0 $"{program} {Seq.head proxy.Urls} '{folder}'"
                Expect.stringContains all "daisy.png: 502 Bad Gateway" program

            Directory.Delete(folder, true)
            Directory.Delete(Path.Combine(examples, "python", "__pycache__"), true)
        })

let private pythonWorker =
    testTask "examples/python/worker.py serves a model of its own behind the web node" {
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
    withService "the programs of docs/api.md run as they stand there" (fun port ->
        task {
            let text = File.ReadAllText(Path.Combine(Repository.root, "docs", "api.md"))
            let folder = Programs.folder "documented"

            Directory.CreateSymbolicLink(Path.Combine(folder, "samples"), Repository.samples)
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
    <| testList "Examples" [ folders; pythonWorker; documented ]
