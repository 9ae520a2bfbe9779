/// A worker's server in this process, on a port of its own, with the real model.
module Tests.Expecto.Worker.ServerUnderTest

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.Net
open System.Threading
open Microsoft.AspNetCore.Builder
open Microsoft.Extensions.Logging
open Protocol.Core
open Worker.Inference
open Worker.Models
open Worker.Settings
open Worker.Sockets

/// What the server logged: event id and line.
type private Lines() =
    member val Seen = ConcurrentQueue<int * string>()

    interface ILogger with
        member _.BeginScope _ = null
        member _.IsEnabled level = level >= LogLevel.Information

        member lines.Log(_, event, state, error, format) =
            lines.Seen.Enqueue(event.Id, format.Invoke(state, error))

    interface ILoggerProvider with
        member lines.CreateLogger _ = lines
        member _.Dispose() = ()

type Running
    (options: ExchangeOptions, connections, drain, files: TlsFiles | null, plainPort: Nullable<int>, maxBuffered: int64)
    =
    let lines = new Lines()

    let logging =
        LoggerFactory.Create(fun builder -> builder.AddProvider lines |> ignore)

    let settings =
        WorkerSettings(
            "127.0.0.1",
            0,
            "squeezenet1_1",
            ModelPaths("", [||], true),
            RecognizerOptions.Standard,
            options,
            connections,
            drain,
            Tls = files,
            PlainPort = plainPort,
            MaxBuffered = maxBuffered
        )

    let tls =
        match files with
        | Null -> null
        | NonNull files ->
            WorkerTls.Load(files, options.Silence, TimeProvider.System, logging.CreateLogger "TLS")
            |> Outcomes.value

    let server =
        WorkerServer.Build(settings, IPAddress.Loopback, ReferenceTests.recognizer.Value, logging, tls)

    do
        match WorkerServer.StartAsync(server, settings).GetAwaiter().GetResult() with
        | null -> ()
        | reason -> failwith reason

    new(options, connections, drain, files, plainPort) =
        new Running(options, connections, drain, files, plainPort, 1L <<< 30)

    new(options, connections, drain) = new Running(options, connections, drain, null, Nullable())

    /// Each port that it listens on, with its scheme, as its ready line has them.
    member val Addresses = (WorkerServer.Address server).Split ", "
    member running.Port = Uri($"http://{Array.head running.Addresses}").Port
    member _.Server: WebApplication = server

    /// Whether an event was logged by now.
    member _.HasLine event =
        lines.Seen |> Seq.exists (fun (id, _) -> id = event)

    /// The line of an event, waited for: it is written when the connection is over.
    member _.Line event =
        let clock = Stopwatch.StartNew()

        let find () =
            lines.Seen |> Seq.tryFind (fun (id, _) -> id = event)

        while find().IsNone && clock.Elapsed.TotalSeconds < 10.0 do
            Thread.Sleep 5

        match find () with
        | Some(_, line) -> line
        | None -> failwith $"no event {event} in {Seq.toList lines.Seen}"

    interface IDisposable with
        member _.Dispose() =
            server.StopAsync().GetAwaiter().GetResult()
            logging.Dispose()

let standard =
    ExchangeOptions(
        Limits.Standard,
        TimeSpan.FromSeconds 20.0,
        TimeSpan.FromSeconds 20.0,
        TimeSpan.FromMilliseconds 5.0,
        TimeSpan.FromSeconds 60.0
    )

/// Without a delay for old clients.
let timed (deadline: float) (silence: float) (idle: float) =
    ExchangeOptions(
        Limits.Standard,
        TimeSpan.FromSeconds deadline,
        TimeSpan.FromSeconds silence,
        TimeSpan.Zero,
        TimeSpan.FromSeconds idle
    )

let run options =
    new Running(options, 100, TimeSpan.FromSeconds 10.0)

let picture =
    lazy
        (use image = Pictures.scene 320 240
         Pictures.jpeg image)

let expected () =
    let payload = ReferenceTests.classify picture.Value |> Prediction.write
    OldPeer.data (Text.Encoding.UTF8.GetString payload)
