/// The systemd units, as far as they can be judged where systemd does not run.
module Tests.Expecto.Deployment.UnitsTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto

let private folder = Path.Combine(Repository.root, "deploy", "systemd")

let private analyze (arguments: string list) =
    task {
        use node = Node.Start("systemd-analyze", "systemd-analyze", arguments, [])
        let! code = node.EndedAsync(TimeSpan.FromSeconds 60.0)
        return code, node.Text
    }

/// The units with the programs of this build in place of the installed ones, whose folders are not here.
let private units () =
    let copy = Directory.CreateTempSubdirectory "units-"

    for unit in Directory.GetFiles(folder, "*.service") do
        let text =
            (File.ReadAllText unit)
                .Replace("/opt/recognition/worker/Worker.Cs", Nodes.program "Worker.Cs")
                .Replace("/opt/recognition/web/Web.Giraffe", Nodes.program "Web.Giraffe")

        File.WriteAllText(Path.Combine(copy.FullName, string (Path.GetFileName unit)), text)

    copy

let private verified =
    testTask "systemd accepts the units and rates their exposure below 2 of 10" {
        let copy = units ()

        try
            let files = Directory.GetFiles copy.FullName |> List.ofArray
            Expect.equal files.Length 2 "a worker's and the web node's"
            let! code, output = analyze ([ "verify"; "--man=no" ] @ files)
            Expect.equal (code, output) (0, "") "nothing to say"

            for file in files do
                let documentation =
                    Regex.Match(
                        File.ReadAllText file,
                        @"^Documentation=file:/opt/recognition/\w+/(.+)$",
                        RegexOptions.Multiline
                    )

                Expect.isTrue
                    (File.Exists(Path.Combine(Repository.root, documentation.Groups[1].Value)))
                    "in the archive"

                let! code, output =
                    analyze [ "security"; "--offline=true"; "--threshold=20"; "--no-pager"; file ]

                Expect.equal code 0 output
        finally
            copy.Delete true
    }

let private scraped =
    test "the web node's metrics are where Prometheus looks for them, and not where it listens itself" {
        let settings = File.ReadAllText(Path.Combine(folder, "web.env"))
        let port = Regex.Match(settings, @"(?m)^Metrics__Port=(\d+)$").Groups[1].Value

        let prometheus =
            File.ReadAllText(Path.Combine(Repository.root, "deploy", "prometheus", "prometheus.yaml"))

        Expect.stringContains prometheus $"[\"127.0.0.1:{port}\"]" "the target"
        Expect.isFalse (prometheus.Contains "127.0.0.1:9090") "Prometheus' own port"
    }

let tests = testList "Units" [ verified; scraped ]
