/// `./release`: its archives run on a machine without .NET and state what is in them.
module Tests.Expecto.Deployment.ReleaseTests

open System
open System.IO
open System.Net.Http
open Expecto
open Node.Hosting
open Tests.Expecto

let private within (seconds: float) = TimeSpan.FromSeconds seconds

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
            let! output =
                Release.run (Path.Combine(Release.unpacked program, file)) [ "--version" ] (bare ())

            Expect.equal output $"{Release.version}+{BuildInfo.Current.Commit}" program
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

        use picture = new ByteArrayContent(File.ReadAllBytes(Repository.sample "daisy"))

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
        let! text =
            Release.run
                (Path.Combine(Release.unpacked "recognize", "recognize"))
                [ Repository.sample "daisy" ]
                (bare ())

        Expect.stringContains text "daisy" "the first class"
    }

let private whole =
    testTask "the archives run without .NET, their sums are right, and their lists are true and by the schema" {
        do! Release.build ()

        let! _ =
            Release.run "sh" [ "-c"; $"cd '{Release.folder}' && sha256sum --check --strict SHA256SUMS" ] []

        ArchiveContents.lists ()
        ArchiveContents.holds ()
        ArchiveContents.placeless ()
        do! tells ()
        do! recognizes ()
        do! serves ()
    }

let private again =
    testTask "the same commit gives the same archives, byte for byte" {
        do! Release.build ()
        let other = Directory.CreateTempSubdirectory "release-"

        try
            let! _ = Release.buildInto other.FullName [ "web"; "recognize" ]

            for file in Directory.GetFiles(other.FullName, "recognition-*") do
                let first = Path.Combine(Release.folder, Unchecked.nonNull (Path.GetFileName file))
                Expect.isTrue (File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes first)) file

            Expect.equal (Directory.GetFiles(other.FullName, "recognition-*").Length) 4 "two of each"
        finally
            other.Delete true
    }

let private wrong =
    testTask "a wrong option is named, and so is a version that is none" {
        for option, error in
            [
                "--runtme", "There is no option '--runtme'"
                "1.2", "VERSION is a semantic version"
            ] do
            use node =
                Node.Start("release", Path.Combine(Repository.root, "release"), [ option; "web" ], [])

            let! code = node.EndedAsync(within 60.0)
            Expect.equal code 2 node.Text
            Expect.stringContains node.Text error "which"
    }

let tests =
    testSequencedGroup "programs" <| testList "Release" [ whole; again; wrong ]
