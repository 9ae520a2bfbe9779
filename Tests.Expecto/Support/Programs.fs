/// The operators' own programs, from Debian's packages, beside the nodes.
namespace Tests.Expecto

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Net.Http
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto

[<RequireQualifiedAccess>]
module Programs =

    /// A new folder below `artifacts/`, of this run alone.
    let folder name =
        let path = Path.Combine(Repository.artifacts name, Guid.NewGuid().ToString "N")
        Directory.CreateDirectory(path).FullName

    /// Runs a program that ends by itself; returns its exit code and its output.
    let run (path: string) (arguments: string list) (input: string) =
        task {
            let start =
                ProcessStartInfo(
                    path,
                    arguments,
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true
                )

            use running = Unchecked.nonNull (Process.Start start)
            let output = running.StandardOutput.ReadToEndAsync()
            let errors = running.StandardError.ReadToEndAsync()
            do! running.StandardInput.WriteAsync input
            running.StandardInput.Close()
            do! running.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds 30.0)
            let! output = output
            let! errors = errors
            return running.ExitCode, output + errors
        }

    /// A script of Bash in a folder, which must succeed. Returns its output and its errors, as they came.
    let bash (folder: string) (limit: TimeSpan) environment (script: string) =
        task {
            use node =
                Node.Start("bash", "bash", [ "-c"; $"set -eo pipefail; cd '{folder}'; {script}" ], environment)

            let! code = node.EndedAsync limit
            Expect.equal code 0 $"{script}\n{node.Text}"
            return node
        }

    /// The arguments of a command line; none may contain a blank.
    let arguments (line: string) = List.ofArray (line.Split ' ')

    /// Ends a node by SIGTERM; it must stop as expected.
    let terminate (node: Node) =
        task {
            node.Send Signal.Terminate
            let! code = node.EndedAsync(TimeSpan.FromSeconds 30.0)
            Expect.equal code 0 node.Text
        }

    /// A node with an invalid setting ends by itself, with one line that has `word`.
    let refuses (word: string) (node: Node) =
        task {
            let! code = node.EndedAsync(TimeSpan.FromSeconds 60.0)
            Expect.isGreaterThan code 0 node.Text
            Expect.equal node.Errors.Length 1 $"one line:\n{node.Text}"
            Expect.stringContains node.Errors[0] word "that names it"
            Expect.isFalse (node.Text.Contains "   at ") $"no stack trace:\n{node.Text}"
        }

    /// Waits until `condition` holds, checked every 50 ms; fails after `seconds` with the text of `about`.
    let eventually (seconds: float) (about: unit -> string) (condition: unit -> Task<bool>) =
        task {
            let watch = Stopwatch.StartNew()
            let! now = condition ()
            let mutable holds = now

            while not holds do
                if watch.Elapsed.TotalSeconds > seconds then
                    failwith $"not within {seconds} s: {about ()}"

                do! Task.Delay 50
                let! now = condition ()
                holds <- now
        }

    /// Waits until `condition` holds for a node's output; fails after `seconds` with the output.
    let logs (seconds: float) (node: Node) (condition: unit -> bool) =
        eventually seconds (fun () -> node.Text) (fun () -> Task.FromResult(condition ()))

/// A Prometheus that scrapes every half second.
[<Sealed>]
type Prometheus private (node: Node, client: HttpClient) =

    /// `jobs`: name, address, bearer token or nothing.
    static member Start(jobs: (string * string * string option) list) =
        task {
            let folder = Programs.folder "prometheus"
            let port = Nodes.freePort ()
            let file = Path.Combine(folder, "prometheus.yml")

            File.WriteAllLines(
                file,
                [
                    "global:"
                    "  scrape_interval: 500ms"
                    "  scrape_timeout: 500ms"
                    "scrape_configs:"
                    for name, address, token in jobs do
                        $"  - job_name: {name}"

                        match token with
                        | Some token -> $"    authorization: {{ credentials: '{token}' }}"
                        | None -> ()

                        $"    static_configs: [{{ targets: ['{address}'] }}]"
                ]
            )

            let node =
                Node.Start(
                    "prometheus",
                    "prometheus",
                    [
                        $"--config.file={file}"
                        $"--storage.tsdb.path={folder}/data"
                        $"--web.listen-address=127.0.0.1:{port}"
                    ],
                    []
                )

            let client = new HttpClient(BaseAddress = Uri $"http://127.0.0.1:{port}")
            do! node.UntilAsync("listening", TimeSpan.FromSeconds 60.0, (fun () -> Nodes.listens port))
            return new Prometheus(node, client)
        }

    member _.Text = node.Text

    /// An instant query's value; nothing while there is no series.
    member _.Value(query: string) : Task<float option> =
        task {
            let! text =
                client.GetStringAsync("/api/v1/query?query=" + Uri.EscapeDataString query)

            use answer = JsonDocument.Parse text
            let result = answer.RootElement.GetProperty("data").GetProperty "result"

            return
                if result.GetArrayLength() = 0 then
                    None
                else
                    Some(float (string (result[0].GetProperty("value")[1])))
        }

    interface IDisposable with
        member _.Dispose() =
            client.Dispose()
            (node :> IDisposable).Dispose()

/// The text that Prometheus reads.
[<RequireQualifiedAccess>]
module MetricsText =

    /// The names of all series.
    let names (text: string) : Set<string> =
        text.Split '\n'
        |> Seq.filter (fun line -> line <> "" && line[0] <> '#')
        |> Seq.map (fun line -> line.Split([| '{'; ' ' |], 2)[0])
        |> Set.ofSeq

    let private line = Regex @"^(?<name>[a-z_]+)\{(?<labels>[^}]*)\} (?<value>\S+)"

    /// The value of the series of this name whose labels hold `label`.
    let value (name: string) (label: string) (text: string) : float option =
        text.Split '\n'
        |> Seq.map line.Match
        |> Seq.tryFind (fun found ->
            found.Success
            && found.Groups["name"].Value = name
            && found.Groups["labels"].Value.Contains label)
        |> Option.map (fun found -> float found.Groups["value"].Value)
