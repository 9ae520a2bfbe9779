/// `./release`: its archives run on a machine without .NET and state what is in them.
module Tests.Expecto.Deployment.ReleaseTests

open System
open System.IO
open System.Net.Http
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Transport
open Tests.Expecto

let private within (seconds: float) = TimeSpan.FromSeconds seconds

let private runs program arguments environment =
    task {
        use node = Node.Start(program, program, arguments, environment)
        let! code = node.EndedAsync(within 900.0)
        Expect.equal code 0 $"{program}: {node.Text}"
        return node.Text
    }

/// Name and version of each component of a list.
let private components (path: string) =
    let list = JsonDocument.Parse(File.ReadAllText path).RootElement

    [
        for one in list.GetProperty("components").EnumerateArray() do
            string (one.GetProperty "name"), string (one.GetProperty "version")
    ]

/// What Paket resolved, as `Name (version)` with the version's last zeros left out.
let private locked =
    let lines = File.ReadAllLines(Path.Combine(Repository.root, "paket.lock"))
    fun (name: string) -> lines |> Array.find (fun line -> line.StartsWith $"    {name} (")

/// The components of a list's component, by name, with their licences as JSON.
let private parts (path: string) (name: string) =
    let list = JsonDocument.Parse(File.ReadAllText path).RootElement

    let whole =
        list.GetProperty("components").EnumerateArray()
        |> Seq.find (fun one -> string (one.GetProperty "name") = name)

    Map
        [
            for part in whole.GetProperty("components").EnumerateArray() do
                string (part.GetProperty "name"), (part.GetProperty "licenses").GetRawText()
        ]

let private lists () =
    let list program =
        Path.Combine(Release.folder, $"recognition-{program}-{Release.version}-linux-x64.cdx.json")

    for program in Release.programs do
        let text = File.ReadAllText(list program)
        Expect.equal (CycloneDxSchema.validate text) (true, []) $"{program}: by the schema"

        let packed =
            File.ReadAllText(Path.Combine(Release.unpacked program, "bom.cdx.json"))

        Expect.equal packed text "in the archive and beside it"

    Expect.isFalse
        (fst (CycloneDxSchema.validate """{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{}]}"""))
        "a check"

    let worker = Map(components (list "worker"))
    let web = Map(components (list "web"))
    Expect.isTrue (locked("Microsoft.ML.OnnxRuntime").Contains worker["Microsoft.ML.OnnxRuntime"]) "the version in use"
    Expect.isTrue (locked("FSharp.Core").Contains web["FSharp.Core"]) "the version in use"
    Expect.equal web["Microsoft.NETCore.App.Runtime.linux-x64"] (string Environment.Version) "the newest runtime here"
    Expect.isFalse (web.ContainsKey "Microsoft.ML.OnnxRuntime") "the web node has no network"
    let recognize = components (list "recognize")
    Expect.containsAll recognize (components (list "worker")) "the command line runs the worker's own recognizer"
    Expect.exists recognize (fun (name, _) -> name = "Spectre.Console") "and draws tables, which no worker does"
    Expect.isFalse (worker.ContainsKey "Spectre.Console") "the list is the program's own"
    let native = parts (list "worker") "NetVips.Native.linux-x64"

    for name, licence in [ "vips", "LGPL-3.0-or-later"; "webp", "BSD-3-Clause"; "png", "libpng License" ] do
        Expect.stringContains native[name] licence name

let private holds () =
    for program in Release.programs do
        let file (path: string) =
            let whole = Path.Combine(Release.unpacked program, path)
            Expect.isTrue (File.Exists whole) $"{program} has {path}"
            whole

        file "LICENSE" |> ignore

        let runtime =
            file "licences/Microsoft.NETCore.App.Runtime.linux-x64/THIRD-PARTY-NOTICES.TXT"

        Expect.isGreaterThan (FileInfo(runtime).Length) 1000L "with content"

        if program <> "web" then
            Expect.stringContains
                (File.ReadAllText(file "licences/NetVips.Native.linux-x64/THIRD-PARTY-NOTICES.md"))
                "libvips"
                "its libraries"

            file "licences/Microsoft.ML.OnnxRuntime/ThirdPartyNotices.txt" |> ignore
            file "licences/LGPL-3.0.txt" |> ignore

        // The files that the documentation in the archive refers to.
        for page in Directory.GetFiles(Path.Combine(Release.unpacked program, "docs"), "*.md") do
            for found in Regex.Matches(File.ReadAllText page, @"\bdeploy/[\w./@-]*\w") do
                let path = Path.Combine(Release.unpacked program, found.Value)

                if program <> "recognize" then
                    Expect.isTrue
                        (File.Exists path || Directory.Exists path)
                        $"{Path.GetFileName page} of {program}: {found.Value}"

/// Nothing of this machine's .NET: an empty home, and no program on the path.
let private bare () =
    let home = Directory.CreateDirectory(Path.Combine(Release.folder, "home")).FullName

    [
        "HOME", home
        "PATH", ""
        "DOTNET_ROOT", ""
        "DOTNET_HOST_PATH", ""
        "MODEL_MIRROR", Repository.modelMirror
    ]

let private tells () =
    task {
        for program, file in [ "web", "Web.Giraffe"; "worker", "Worker.Cs"; "recognize", "recognize" ] do
            let! said =
                runs (Path.Combine(Release.unpacked program, file)) [ "--version" ] (bare ())

            Expect.equal said $"{Release.version}+{BuildInfo.Current.Commit}" program
    }

let private serves () =
    task {
        let port, page = Nodes.freePort (), Nodes.freePort ()

        use worker =
            Node.Start(
                "worker",
                Path.Combine(Release.unpacked "worker", "Worker.Cs"),
                [ "127.0.0.1"; string port ],
                bare ()
            )

        do! worker.UntilAsync("listening", within 60.0, (fun () -> Nodes.listens port))

        let arguments =
            [
                "--port"
                string page
                "--worker"
                $"127.0.0.1:{port}"
                "--Registry:Path="
                "--Admin:TrustLoopback=true"
            ]

        use web =
            Node.Start("web", Path.Combine(Release.unpacked "web", "Web.Giraffe"), arguments, bare ())

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
        let! api = client.GetStringAsync "/api"
        Expect.stringContains api $"\"version\":\"{Release.version}\"" "the API's version"
        Expect.stringContains api $"\"commit\":\"{BuildInfo.Current.Commit}\"" "and commit"
        let! metrics = client.GetStringAsync "/metrics"
        Expect.stringContains metrics $"service_version=\"{Release.version}+{BuildInfo.Current.Commit}\"" "target_info"
        Expect.stringContains web.Lines[0] Release.version "the log's first line"
    }

/// The command line classifies a picture by itself, without a server.
let private recognizes () =
    task {
        let picture = Path.Combine(Repository.root, "samples", "daisy.png")

        let! text =
            runs (Path.Combine(Release.unpacked "recognize", "recognize")) [ picture ] (bare ())

        Expect.stringContains text "daisy" "the first class"
    }

/// The build's folder is another one each time: with its name in a program no two archives would be alike.
let private placeless () =
    for program, name in
        [
            "web", "Web.Giraffe.dll"
            "web", "Protocol.Core.dll"
            "worker", "Worker.Cs.dll"
            "worker", "Transport.dll"
        ] do
        let file = Path.Combine(Release.unpacked program, name)
        let bytes = ReadOnlyMemory(File.ReadAllBytes file)

        for encoding in [ Encoding.UTF8; Encoding.Unicode ] do
            Expect.equal (bytes.Span.IndexOf(ReadOnlySpan(encoding.GetBytes "/source/"))) -1 $"{file} names a folder"

let private whole =
    testCaseTask "the archives run without .NET, their sums are right, and their lists are true and by the schema"
    <| fun () ->
        task {
            do! Release.build ()

            let! _ =
                runs "sh" [ "-c"; $"cd '{Release.folder}' && sha256sum --check --strict SHA256SUMS" ] []

            lists ()
            holds ()
            placeless ()
            do! tells ()
            do! recognizes ()
            do! serves ()
        }

let private again =
    testCaseTask "the same commit gives the same archives, byte for byte"
    <| fun () ->
        task {
            do! Release.build ()
            let other = Directory.CreateTempSubdirectory "release-"

            try
                let! _ =
                    runs
                        (Path.Combine(Repository.root, "release"))
                        [ Release.version; "--output"; other.FullName; "web"; "recognize" ]
                        []

                for file in Directory.GetFiles(other.FullName, "recognition-*") do
                    let first = Path.Combine(Release.folder, Unchecked.nonNull (Path.GetFileName file))
                    Expect.isTrue (File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes first)) file

                Expect.equal (Directory.GetFiles(other.FullName, "recognition-*").Length) 4 "two of each"
            finally
                other.Delete true
        }

let private wrong =
    testCaseTask "a wrong option is named, and so is a version that is none"
    <| fun () ->
        task {
            for option, said in
                [
                    "--runtme", "There is no option '--runtme'"
                    "1.2", "VERSION is a semantic version"
                ] do
                use node =
                    Node.Start("release", Path.Combine(Repository.root, "release"), [ option; "web" ], [])

                let! code = node.EndedAsync(within 60.0)
                Expect.equal code 2 node.Text
                Expect.stringContains node.Text said "which"
        }

let tests =
    testSequencedGroup "programs" <| testList "Release" [ whole; again; wrong ]
