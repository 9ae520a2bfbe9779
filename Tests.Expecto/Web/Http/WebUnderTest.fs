namespace Tests.Expecto.Web

open System
open System.Collections.Generic
open System.Net
open System.Net.Http
open System.Net.Sockets
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging
open Web.Giraffe
open Tests.Expecto

/// The whole web node in this process: Kestrel on a free port, the real worker pool, a log in memory, and the workers
/// that end with the node.
[<Sealed>]
type WebUnderTest private (app: WebApplication, lines: LogLines<obj>, workers: TestWorker list) =
    let address = Uri(app.Urls |> Seq.find _.StartsWith("http:"))

    let client =
        new HttpClient(new SocketsHttpHandler(AllowAutoRedirect = false, UseCookies = false), BaseAddress = address)

    static let quiet =
        [
            "--Http:Port=0"
            "--Http:Address=127.0.0.1"
            "--Http:DrainSeconds=0"
            "--Http:GrpcPort=0"
            "--Registry:Path="
            "--Pool:CheckSeconds=0"
            // Tests send one picture many times, and count exchanges.
            "--Cache:MaxBytes=0"
        ]

    /// Trusts callers on this machine, unless the test sets a token.
    static let access (options: string list) =
        if options |> List.exists _.StartsWith("--Admin:Token") then
            []
        else
            [ "--Admin:TrustLoopback=true" ]

    static let start options (addresses: WorkerAddress list) (time: TimeProvider) (workers: TestWorker list) =
        task {
            let lines = LogLines<obj>()

            let remembering =
                { new ILoggerProvider with
                    member _.CreateLogger _ = lines :> ILogger
                    member _.Dispose() = ()
                }

            let configure settings (builder: WebApplicationBuilder) =
                builder.Logging.ClearProviders().AddProvider remembering |> ignore
                builder.Services.AddSingleton<TimeProvider>(time) |> ignore
                WorkerServices.add settings builder.Services

            let given = Dictionary<string, string | null>()
            let list = addresses |> List.map string |> String.concat ","

            for option in quiet @ access options @ options @ [ $"--Workers={list}" ] do
                let parts = option.Substring(2).Split('=', 2)
                given[parts[0]] <- parts[1]

            match WebNode.build given configure with
            | Error wrong -> return failwith (String.concat " " wrong)
            | Ok app ->
                do! app.StartAsync()
                return new WebUnderTest(app, lines, workers)
        }

    /// `options` override those of every test.
    static member Start(options, addresses: WorkerAddress list) =
        start options addresses TimeProvider.System []

    /// Starts a node on another clock.
    static member Start(options, addresses: WorkerAddress list, time) = start options addresses time []

    static member Start(addresses: WorkerAddress list) = WebUnderTest.Start([], addresses)

    static member StartWith(options, workers: TestWorker list) =
        start options (TestWorker.addresses workers) TimeProvider.System workers

    static member StartWith(options, worker: TestWorker) =
        WebUnderTest.StartWith(options, [ worker ])

    /// With workers that have described what they serve.
    static member StartDescribed(options, workers: TestWorker list) =
        task {
            let! (web: WebUnderTest) = WebUnderTest.StartWith(options, workers)

            for worker in workers do
                do! web.Describes worker

            return web
        }

    /// The worker that the node was started with, or the first of them.
    member _.Worker = workers.Head

    member _.Workers = workers

    /// Lets the node ask a worker what it serves.
    member _.Describes(worker: TestWorker) : Task =
        app.Services.GetRequiredService<WorkerClient>().Negotiate worker.Address

    /// The requests that are with the workers now.
    member _.InFlight =
        app.Services.GetRequiredService<IWorkerList>().Report()
        |> Array.sumBy _.InFlight

    member _.Client = client
    member _.Port = address.Port
    member _.Services = app.Services
    member _.Lifetime = app.Lifetime
    member _.Lines = lines

    member _.Stop() : Task = app.StopAsync()

    /// Sends a request, with headers that HttpClient might reject.
    member _.Send(method: string, path: string, headers: (string * string) list, content: HttpContent option) =
        let request = new HttpRequestMessage(HttpMethod method, path)

        match content with
        | Some content -> request.Content <- content
        | None -> ()

        for name, value in headers do
            if not (request.Headers.TryAddWithoutValidation(name, value)) then
                failwith $"{name} is no header of a request"

        client.SendAsync request

    member web.Send(method, path) = web.Send(method, path, [], None)
    member web.Send(method, path, headers) = web.Send(method, path, headers, None)

    /// A connection for requests that no HTTP client sends.
    member _.Raw() =
        task {
            let socket = new TcpClient()
            do! socket.ConnectAsync(IPAddress.Loopback, address.Port)
            return new RawConnection(socket)
        }

    interface IAsyncDisposable with
        member _.DisposeAsync() =
            task {
                client.Dispose()
                do! app.DisposeAsync()

                for worker in workers do
                    (worker :> IDisposable).Dispose()
            }
            |> ValueTask

[<AutoOpen>]
module Serving =
    /// A node with these options and one worker, which recognizes every picture.
    let serve options =
        WebUnderTest.StartWith(options, TestWorker.good ())
