/// The real programs as real processes.
namespace Tests.Expecto

open System
open System.Net
open System.Net.Http
open System.Text.Json
open System.Threading.Tasks
open Scenarios.Nodes

/// The process of a program, and what it prints.
type Node = NodeProcess

type Signal = Scenarios.Nodes.Signal

[<AutoOpen>]
module NodeExtensions =

    type NodeProcess with

        /// Starts a program with more variables in its environment.
        static member Start(name: string, path: string, arguments: string list, variables: (string * string) list) =
            NodeProcess.StartNamed(name, path :: arguments, dict variables)

/// A running web node, the workers that end with it, and a client for it.
[<Sealed>]
type WebNode(node: Node, port: int, client: HttpClient, workers: Node list) =
    member _.Node = node

    /// The first of its workers.
    member _.Worker = List.head workers
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

    /// `query` is empty or begins with a question mark.
    member web.Classify(picture: byte[], query: string) =
        let request = new HttpRequestMessage(HttpMethod.Post, $"/api/classify{query}")
        request.Content <- new ByteArrayContent(picture)
        web.Json request

    member web.Classify(picture: byte[]) = web.Classify(picture, "")

    /// Each worker's address and the number of its requests, in the order of the list.
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

            for node in node :: workers do
                (node :> IDisposable).Dispose()

[<RequireQualifiedAccess>]
module Nodes =

    /// A port on loopback that is free now.
    let freePort () = Ports.Free()

    /// The program that the same build made, by its project's folder.
    let program (project: string) = Tree.Program project

    let listens (port: int) =
        Place.Here.ReachesAsync(IPEndPoint(IPAddress.Loopback, port))

    /// A worker on `port` of this address; `*` is every one of the machine's.
    let startWorkerAt (address: string) variables (port: int) (options: string list) =
        Node.Start($"worker {port}", program "Worker.Cs", address :: string port :: options, variables)

    let private startWorkerWith variables port options =
        startWorkerAt "127.0.0.1" variables port options

    let startWorker port options = startWorkerWith [] port options

    /// A worker that answers on `port`, with these environment variables.
    let workerWith variables (port: int) (options: string list) =
        task {
            let node = startWorkerWith variables port options
            do! node.UntilAsync("listening", TimeSpan.FromSeconds 60.0, fun () -> listens port)
            return node
        }

    /// A worker that answers on `port`.
    let worker port options = workerWith [] port options

    /// What a test's web node needs unless the test says otherwise: callers are on this machine, one picture is sent many
    /// times, and two nodes can't have one port.
    let private defaults (options: string list) =
        [
            for prefix, option in
                [
                    "--Admin:Token", "--Admin:TrustLoopback=true"
                    "--Cache:", "--Cache:MaxBytes=0"
                    "--Http:GrpcPort", "--Http:GrpcPort=0"
                ] do
                if not (options |> List.exists _.StartsWith(prefix)) then
                    option
        ]

    let private startWebWith variables (port: int) (options: string list) =
        Node.Start(
            $"web {port}",
            program "Web.Giraffe",
            "--port" :: string port :: defaults options @ options,
            variables
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

    /// A web node that uses the workers on these ports and does not save its list, with these environment variables.
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

            do! node.UntilAsync("live", TimeSpan.FromSeconds 60.0, (fun () -> isLive client))
            return new WebNode(node, port, client, [])
        }

    /// The same without variables.
    let web workers options = webWith [] workers options

    /// A web node with `count` workers, which end with it.
    let serviceOf count workerOptions options =
        task {
            let ports = [ for _ in 1..count -> freePort () ]

            let! workers =
                ports |> List.map (fun port -> worker port workerOptions) |> Task.WhenAll

            let! web = web ports options
            return new WebNode(web.Node, web.Port, web.Client, List.ofArray workers)
        }

    /// A web node with one worker.
    let service workerOptions options = serviceOf 1 workerOptions options
