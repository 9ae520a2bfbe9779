/// The real programs as real processes.
namespace Tests.Expecto.EndToEnd

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.IO
open System.Net
open System.Net.Http
open System.Net.Sockets
open System.Runtime.InteropServices
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Tests.Expecto

module private Native =
    [<DllImport("libc", SetLastError = true)>]
    extern int kill(int processId, int signal)

type Signal =
    | Kill = 9
    | Terminate = 15
    | Continue = 18
    | Stop = 19

/// One running program. Disposing kills it and all its children.
[<Sealed>]
type Node private (name: string, program: Process) =
    let lines = ConcurrentQueue<string>()
    let errors = ConcurrentQueue<string>()

    let keep (queues: ConcurrentQueue<string> list) (data: DataReceivedEventArgs) =
        match data.Data with
        | null
        | "" -> ()
        | line ->
            for queue in queues do
                queue.Enqueue line

    /// Starts `program`; what it prints is kept.
    static member Start(name: string, path: string, arguments: string list, environment: (string * string) list) =
        let start =
            ProcessStartInfo(path, arguments, RedirectStandardOutput = true, RedirectStandardError = true)

        for key, value in environment do
            start.Environment[key] <- value

        let node = new Node(name, new Process(StartInfo = start))
        node.Begin()
        node

    member private _.Begin() =
        program.OutputDataReceived.Add(keep [ lines ])
        program.ErrorDataReceived.Add(keep [ lines; errors ])
        program.Start() |> ignore
        program.BeginOutputReadLine()
        program.BeginErrorReadLine()

    member _.Lines = lines.ToArray()
    /// What it printed to standard error.
    member _.Errors = errors.ToArray()
    member _.Text = String.Join('\n', lines)
    member _.HasEnded = program.HasExited
    member _.ExitCode = program.ExitCode
    member _.Id = program.Id

    member _.Send(signal: Signal) =
        if not program.HasExited then
            Native.kill (program.Id, int signal) |> ignore

    /// Waits for it to end by itself; its exit code.
    member node.Ended(within: TimeSpan) =
        task {
            use late = new CancellationTokenSource(within)

            try
                do! program.WaitForExitAsync late.Token
            with :? OperationCanceledException ->
                failwith $"{name} runs on after {within}:\n{node.Text}"

            // The readers of its output may still be behind.
            program.WaitForExit()
            return program.ExitCode
        }

    /// Waits until `ready` holds; fails with the node's own words when it ends before that, or takes too long.
    member node.Until(what: string, within: TimeSpan, ready: unit -> Task<bool>) =
        task {
            let clock = Stopwatch.StartNew()
            let mutable is = false

            while not is do
                let! now = ready ()
                is <- now

                if not is && program.HasExited then
                    failwith $"{name} ended with {program.ExitCode} before it was {what}:\n{node.Text}"

                if not is && clock.Elapsed > within then
                    failwith $"{name} was not {what} within {within}:\n{node.Text}"

                if not is then
                    do! Task.Delay 25
        }

    interface IDisposable with
        member _.Dispose() =
            if not program.HasExited then
                program.Kill true
                program.WaitForExit()

            program.Dispose()

/// A running web node and a client for it.
[<Sealed>]
type WebNode(node: Node, port: int, client: HttpClient) =
    member _.Node = node
    member _.Port = port
    member _.Client = client

    member _.Json(request: HttpRequestMessage) =
        task {
            use! answer = client.SendAsync request
            let! body = answer.Content.ReadAsStringAsync()
            return int answer.StatusCode, JsonDocument.Parse(body).RootElement
        }

    member web.Get(path: string) =
        web.Json(new HttpRequestMessage(HttpMethod.Get, path))

    member web.Classify(picture: byte[]) =
        web.Json(new HttpRequestMessage(HttpMethod.Post, "/api/classify", Content = new ByteArrayContent(picture)))

    /// Each worker's address and how many requests it was given, in the order of the turns.
    member web.Uses() =
        task {
            let! _, report = web.Get "/api/workers"

            return
                [
                    for worker in report.GetProperty("workers").EnumerateArray() ->
                        string (worker.GetProperty "address"), worker.GetProperty("uses").GetInt32()
                ]
        }

    interface IDisposable with
        member _.Dispose() =
            client.Dispose()
            (node :> IDisposable).Dispose()

[<RequireQualifiedAccess>]
module Nodes =

    /// A port on loopback that nobody listens on now.
    let freePort () =
        use listener = new TcpListener(IPAddress.Loopback, 0)
        listener.Start()
        (listener.LocalEndpoint :?> IPEndPoint).Port

    /// The program that the same build made, by its project's folder.
    let program name =
        let mine = DirectoryInfo AppContext.BaseDirectory
        let framework = mine.Name
        let configuration = (Unchecked.nonNull mine.Parent).Name
        Path.Combine(Repository.root, name, "bin", configuration, framework, Unchecked.nonNull (Path.GetFileName name))

    let private environment = [ "MODEL_MIRROR", Repository.modelMirror ]

    let listens (port: int) =
        task {
            use socket = new TcpClient()

            try
                do! socket.ConnectAsync(IPAddress.Loopback, port)
                return true
            with :? SocketException ->
                return false
        }

    /// A worker on `port` of this address; `*` is every one of the machine's.
    let startWorkerAt (address: string) variables (port: int) (options: string list) =
        Node.Start($"worker {port}", program "Worker.Cs", address :: string port :: options, environment @ variables)

    let private startWorkerWith variables port options =
        startWorkerAt "127.0.0.1" variables port options

    let startWorker port options = startWorkerWith [] port options

    /// A worker that answers on `port`, with these environment variables.
    let workerWith variables (port: int) (options: string list) =
        task {
            let node = startWorkerWith variables port options
            do! node.Until("listening", TimeSpan.FromSeconds 60.0, fun () -> listens port)
            return node
        }

    /// A worker that answers on `port`.
    let worker port options = workerWith [] port options

    /// Callers are on this machine; a test with a token of its own says otherwise.
    let private access (options: string list) =
        if options |> List.exists _.StartsWith("--Admin:Token") then
            []
        else
            [ "--Admin:TrustLoopback=true" ]

    /// Tests send one picture many times, and count exchanges; a test of the cache says otherwise.
    let private uncached (options: string list) =
        if options |> List.exists _.StartsWith("--Cache:") then
            []
        else
            [ "--Cache:MaxBytes=0" ]

    /// Two nodes of this machine can't have one port; a test of gRPC names a free one.
    let private withoutGrpc (options: string list) =
        if options |> List.exists _.StartsWith("--Http:GrpcPort") then
            []
        else
            [ "--Http:GrpcPort=0" ]

    let private startWebWith variables (port: int) (options: string list) =
        Node.Start(
            $"web {port}",
            program "Web.Giraffe",
            "--port" :: string port :: access options
            @ uncached options
            @ withoutGrpc options
            @ options,
            environment @ variables
        )

    let startWeb port options = startWebWith [] port options

    let private isLive (client: HttpClient) =
        task {
            try
                use! answer = client.GetAsync "/health/live"
                return answer.IsSuccessStatusCode
            with :? HttpRequestException ->
                return false
        }

    /// A web node that takes turns with the workers on `workers`, and keeps no list beyond its own life, with these
    /// environment variables.
    let webWith variables (workers: int list) (options: string list) =
        task {
            let port = freePort ()

            let arguments =
                [
                    for worker in workers do
                        yield! [ "--worker"; $"127.0.0.1:{worker}" ]
                ]
                @ [ "--Registry:Path="; "--Http:DrainSeconds=0" ]
                @ options

            let node = startWebWith variables port arguments

            let client =
                new HttpClient(BaseAddress = Uri $"http://localhost:{port}", Timeout = TimeSpan.FromSeconds 60.0)

            do! node.Until("live", TimeSpan.FromSeconds 60.0, (fun () -> isLive client))
            return new WebNode(node, port, client)
        }

    /// The same without variables.
    let web workers options = webWith [] workers options
