/// The command `./run`: it starts both kinds of node, restarts workers, and stops all.
module Tests.Expecto.EndToEnd.RunTests

open System
open System.Diagnostics
open System.IO
open System.Net
open System.Net.Http
open System.Net.Sockets
open System.Threading.Tasks
open Expecto
open Grpc.Net.Client
open OpenInference.Grpc
open Tests.Expecto

let private run options environment =
    Node.Start("./run", Path.Combine(Repository.root, "run"), options, environment)

/// The process that was started with these words, where the system tells.
let private processOf (words: string list) =
    Process.GetProcesses()
    |> Array.tryFind (fun one ->
        try
            let line = File.ReadAllText $"/proc/{one.Id}/cmdline"
            line.EndsWith(String.Join('\000', words) + "\000")
        with
        | :? IOException
        | :? UnauthorizedAccessException -> false)

let private within (seconds: float) = TimeSpan.FromSeconds seconds

let private whole =
    testTask "starts the nodes, restarts a worker that died, and stops all on SIGTERM" {
        let first = Scenarios.Nodes.Ports.FreeRange 2
        let port = Nodes.freePort ()
        let grpc = Nodes.freePort ()

        let options =
            [
                "--workers"
                "2"
                $"--port={port}"
                "--worker-port"
                string first
                $"--grpc-port={grpc}"
            ]

        use node = run options [ "MODEL_MIRROR", Repository.modelMirror ]

        let says (text: string) () =
            Task.FromResult(node.Text.Contains text)

        // It builds first, which is quick where ./test has built already.
        do! node.UntilAsync("ready", within 400.0, says $"The page is at http://localhost:{port}")

        use client =
            new HttpClient(BaseAddress = Uri $"http://localhost:{port}", Timeout = within 60.0)

        let classify () =
            task {
                let picture = new ByteArrayContent(File.ReadAllBytes(Repository.sample "daisy"))

                use! answer = client.PostAsync("/api/classify", picture)
                let! body = answer.Content.ReadAsStringAsync()
                Expect.equal answer.StatusCode HttpStatusCode.OK body
                Expect.stringContains body "daisy" "named"
            }

        do! classify ()
        Expect.stringContains node.Text $"gRPC is at localhost:{grpc}." "where gRPC is"
        use channel = GrpcChannel.ForAddress $"http://localhost:{grpc}"
        let service = GRPCInferenceService.GRPCInferenceServiceClient channel
        let! ready = service.ServerReadyAsync(ServerReadyRequest())
        Expect.isTrue ready.Ready "ready over gRPC"

        match processOf [ "127.0.0.1"; string first ] with
        | None -> failtest $"no worker on port {first} among the processes"
        | Some worker -> worker.Kill()

        do! node.UntilAsync("aware of a dead worker", within 30.0, says $"The worker on port {first} ended")
        do! node.UntilAsync("whole again", within 60.0, (fun () -> Nodes.listens first))
        do! classify ()
        node.Send Signal.Terminate
        let! code = node.EndedAsync(within 40.0)
        Expect.equal code 0 node.Text
        Expect.isEmpty node.Errors "nothing went wrong"

        for port in [ port; first; first + 1; grpc ] do
            let! listens = Nodes.listens port
            Expect.isFalse listens $"somebody is left on port {port}"

        File.Delete(Path.Combine(Repository.root, "artifacts", $"workers-{port}.json"))
    }

let private fails (options: string list) environment (word: string) =
    task {
        use node = run options environment
        let! code = node.EndedAsync(within 30.0)
        Expect.isGreaterThan code 0 node.Text
        Expect.stringContains (Array.head node.Errors) word "the first line says what is wrong"
        return node.Errors.Length
    }

let private wrong =
    testTask "a port in use or a missing tool is one clear line; an unknown option also points at --help" {
        use busy = new TcpListener(IPAddress.Loopback, 0)
        busy.Start()
        let port = string (busy.LocalEndpoint :?> IPEndPoint).Port
        let free = string (Nodes.freePort ())

        for options, error in
            [
                [ "--port"; port ], $"Port {port} is taken"
                [ "--port"; free; "--worker-port"; port ], $"Port {port} is taken"
                [ "--port"; free; "--grpc-port"; port ], $"Port {port} is taken"
                [ "--port"; free; "--grpc-port"; free ], $"Port {free} would be gRPC's"
                [ "--grpc-port"; "70000" ], "--grpc-port takes a whole number from 0 to 65535"
                [ "--workers"; "none" ], "--workers takes a whole number"
                [ "--porta"; "1" ], "There is no option '--porta'"
            ] do
            let! lines = fails options [] error

            if error.EndsWith "is taken" then
                Expect.equal lines 1 "one line"

        let found (tool: string) =
            (string (Environment.GetEnvironmentVariable "PATH")).Split Path.PathSeparator
            |> Array.map (fun folder -> Path.Combine(folder, tool))
            |> Array.find File.Exists

        let few = Directory.CreateTempSubdirectory "tools-"

        let add tool =
            File.CreateSymbolicLink(Path.Combine(few.FullName, tool), found tool) |> ignore

        try
            List.iter add [ "bash"; "dirname"; "sed" ]

            let! lines =
                fails [ "--port"; free ] [ "PATH", few.FullName ] "The .NET SDK 10 is missing"

            Expect.equal lines 1 "one line"
            add "dotnet"
            let! lines = fails [ "--port"; free ] [ "PATH", few.FullName ] "git is missing"
            Expect.equal lines 1 "one line"
        finally
            few.Delete true
    }

let tests = testSequencedGroup "programs" <| testList "Run" [ whole; wrong ]
