/// `./release`: its archives run on a machine without .NET, and say what is in them.
module Tests.Expecto.Deployment.ReleaseTests

open System
open System.IO
open System.Net.Http
open System.Text
open System.Text.Json
open Expecto
open Tests.Expecto
open Tests.Expecto.EndToEnd

let private within (seconds: float) = TimeSpan.FromSeconds seconds

let private runs folder program arguments environment =
    task {
        use node = Node.Start(program, program, arguments, environment)
        let! code = node.EndedAsync(within 900.0)
        Expect.equal code 0 $"{program} in {folder}: {node.Text}"
        return node.Text
    }

/// Name and version of everything that the list has.
let private components (path: string) =
    let list = JsonDocument.Parse(File.ReadAllText path).RootElement
    Expect.equal (list.GetProperty("bomFormat").GetString()) "CycloneDX" path

    [
        for one in list.GetProperty("components").EnumerateArray() do
            string (one.GetProperty("name").GetString()), string (one.GetProperty("version").GetString())
    ]

/// What Paket resolved, as `Name (version)` with the version's last zeros left out.
let private locked =
    let lines = File.ReadAllLines(Path.Combine(Repository.root, "paket.lock"))
    fun (name: string) -> lines |> Array.find (fun line -> line.StartsWith $"    {name} (")

let private lists folder =
    let of' program =
        components (Path.Combine(folder, $"recognition-{program}-test-linux-x64.cdx.json"))

    let worker = Map(of' "worker")
    let web = Map(of' "web")
    Expect.isTrue (locked("Microsoft.ML.OnnxRuntime").Contains worker["Microsoft.ML.OnnxRuntime"]) "the version in use"
    Expect.isTrue (locked("FSharp.Core").Contains web["FSharp.Core"]) "the version in use"
    Expect.isTrue (web.ContainsKey "Microsoft.NETCore.App.Runtime.linux-x64") "the runtime is in it too"
    Expect.isFalse (web.ContainsKey "Microsoft.ML.OnnxRuntime") "the web node has no network"
    let recognize = of' "recognize"
    Expect.containsAll recognize (of' "worker") "the command line runs the worker's own recognizer"
    Expect.exists recognize (fun (name, _) -> name = "Spectre.Console") "and draws tables, which no worker does"
    Expect.isFalse (worker.ContainsKey "Spectre.Console") "the list is the program's own"

/// Nothing of this machine's .NET: an empty home, and no program on the path.
let private bare (folder: string) =
    let home = Directory.CreateDirectory(Path.Combine(folder, "home")).FullName

    [
        "HOME", home
        "PATH", ""
        "DOTNET_ROOT", ""
        "DOTNET_HOST_PATH", ""
        "MODEL_MIRROR", Repository.modelMirror
    ]

let private serves (folder: string) =
    task {
        let path program file =
            Path.Combine(folder, $"recognition-{program}-test-linux-x64", file)

        let port, page = Nodes.freePort (), Nodes.freePort ()

        use worker =
            Node.Start("worker", path "worker" "Worker.Cs", [ "127.0.0.1"; string port ], bare folder)

        do! worker.UntilAsync("listening", within 60.0, (fun () -> Nodes.listens port))

        let arguments =
            [ "--port"; string page; "--worker"; $"127.0.0.1:{port}"; "--Registry:Path=" ]

        use web = Node.Start("web", path "web" "Web.Giraffe", arguments, bare folder)
        do! web.UntilAsync("listening", within 60.0, (fun () -> Nodes.listens page))
        use client = new HttpClient(BaseAddress = Uri $"http://localhost:{page}")

        use picture =
            new ByteArrayContent(File.ReadAllBytes(Path.Combine(Repository.root, "samples", "daisy.png")))

        use! answer = client.PostAsync("/api/classify", picture)
        let! body = answer.Content.ReadAsStringAsync()
        Expect.isTrue answer.IsSuccessStatusCode body
        Expect.stringContains body "daisy" "named"
        let! home = client.GetStringAsync "/"
        Expect.stringContains home "samples/" "the page has its samples"
    }

/// The command line classifies a picture by itself, without a server.
let private recognizes (folder: string) =
    task {
        let program =
            Path.Combine(folder, "recognition-recognize-test-linux-x64", "recognize")

        let picture = Path.Combine(Repository.root, "samples", "daisy.png")
        let! text = runs folder program [ picture ] (bare folder)
        Expect.stringContains text "daisy" "the first class"
    }

/// Where it was built is another folder each time: with its name in a program no two archives would be alike.
let private placeless (folder: string) =
    for program in
        [
            "web", "Web.Giraffe.dll"
            "web", "Protocol.Core.dll"
            "worker", "Worker.Cs.dll"
            "worker", "Transport.dll"
        ] do
        let file =
            Path.Combine(folder, $"recognition-{fst program}-test-linux-x64", snd program)

        let bytes = ReadOnlyMemory(File.ReadAllBytes file)

        for encoding in [ Encoding.UTF8; Encoding.Unicode ] do
            Expect.equal (bytes.Span.IndexOf(ReadOnlySpan(encoding.GetBytes "/source/"))) -1 $"{file} names a folder"

let private whole =
    testCaseTask "the archives run without .NET, and their checksums and lists of contents are right"
    <| fun () ->
        task {
            let folder = Directory.CreateTempSubdirectory "release-"

            try
                let release = Path.Combine(Repository.root, "release")

                let! _ = runs folder release [ "--version"; "test"; "--output"; folder.FullName ] []

                let! _ =
                    runs folder "sh" [ "-c"; $"cd '{folder}' && sha256sum --check --strict SHA256SUMS" ] []

                let! _ =
                    runs folder "sh" [ "-c"; $"cd '{folder}' && for one in *.tar.gz; do tar -xzf $one; done" ] []

                lists folder.FullName
                placeless folder.FullName
                do! recognizes folder.FullName
                do! serves folder.FullName
            finally
                folder.Delete true
        }

let private wrong =
    testCaseTask "an unknown option is named"
    <| fun () ->
        task {
            use node =
                Node.Start("release", Path.Combine(Repository.root, "release"), [ "--runtme"; "x" ], [])

            let! code = node.EndedAsync(within 60.0)
            Expect.equal code 2 node.Text
            Expect.stringContains node.Text "There is no option '--runtme'" "which"
        }

let tests = testSequenced <| testList "Release" [ whole; wrong ]
