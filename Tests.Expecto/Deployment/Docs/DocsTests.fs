/// The blocks of shell in docs/ run as they stand.
module Tests.Expecto.Deployment.DocsTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto
open Tests.Expecto.Deployment.Documentation

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
        let! node =
            Programs.bash folder (TimeSpan.FromSeconds 60.0) environment $"set -u; {script}"

        return node.Text
    }

let private page name =
    let found = blocks (Path.Combine(Repository.root, "docs", name))
    Expect.isNonEmpty found name
    found

let private operations =
    testTask "docs/operations.md: the certificates that OpenSSL makes are good for both nodes" {
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
    testTask "docs/runbook.md: every block runs" {
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

        let! output = runs folder [] script
        Expect.stringContains output $"127.0.0.1:{port}" "the list"
        let! active = web.Get "/health/ready"
        Expect.stringContains (string (snd active)) "\"activeWorkers\":1" "drained and resumed"
        Expect.isTrue (File.Exists(Path.Combine(folder, "recognition-backup.tar.gz"))) "the backup"
    }

let private deployment =
    testTask "docs/deployment.md: the archives are installed as it says, in another root" {
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

let private checks =
    testTask "the promtool lines run as they stand" {
        let found = pages |> List.collect lines |> List.filter _.StartsWith("promtool ")

        Expect.isGreaterThan found.Length 1 "there are some"

        for line in found do
            let! _ = runs Repository.root [] line
            ()
    }

let tests =
    testSequencedGroup "programs"
    <| testList "Documented commands" [ operations; runbook; deployment; checks ]
