namespace Tests.Expecto.Web

open System
open System.Buffers
open System.Collections.Concurrent
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging
open Microsoft.Extensions.Time.Testing
open Protocol.Core
open Web.Giraffe

/// One line of the log: its event's id, its text, its named values.
type LogLine =
    {
        Id: int
        Level: LogLevel
        Text: string
        Values: Map<string, string>
    }

/// A logger that remembers.
[<Sealed>]
type LogLines<'category>() =
    let lines = ConcurrentQueue<LogLine>()

    member _.All = List.ofSeq lines

    member _.With id =
        lines |> Seq.filter (fun line -> line.Id = id) |> List.ofSeq

    interface ILogger<'category> with
        member _.BeginScope _ = null
        member _.IsEnabled _ = true

        member _.Log(level, id, state, error, format) =
            let values =
                match box state with
                | :? seq<Collections.Generic.KeyValuePair<string, obj | null>> as pairs ->
                    pairs |> Seq.map (fun pair -> pair.Key, string pair.Value) |> Map.ofSeq
                | _ -> Map.empty

            lines.Enqueue
                {
                    Id = id.Id
                    Level = level
                    Text = format.Invoke(state, error)
                    Values = values
                }

/// The web node's half that deals with workers: its list, its dispatcher and what they logged.
[<Sealed>]
type WorkersUnderTest
    (settings: WorkersSettings, time: TimeProvider, workers: WorkerAddress list, clientTime: TimeProvider) =
    let lines = LogLines<WorkerPool>()
    let dispatcherLines = LogLines<Dispatcher>()
    let list = WorkerPool(settings.Policy, settings.Queue, time, (fun () -> 0.5), lines)
    let models = ModelDirectory(settings.Model, time)
    let client = new WorkerClient(settings.Client, clientTime, models)
    let dispatcher = Dispatcher(settings, list, client, models, time, dispatcherLines)

    do
        for worker in workers do
            (list :> IWorkerList).Add worker |> ignore

    /// Sockets use the real clock, whatever the pool uses.
    new(settings, time, workers) = WorkersUnderTest(settings, time, workers, TimeProvider.System)

    member _.List = list
    member _.Client = client
    member _.Models = models
    member _.Lines = lines
    member _.DispatcherLines = dispatcherLines

    /// The list as an operator changes it.
    member _.Operator = list :> IWorkerList

    member _.Report = (list :> IWorkerList).Report()

    /// Completes when the workers' capabilities are known.
    member _.Negotiated() =
        workers |> List.map client.Negotiate |> Task.WhenAll

    /// The log's lines about ejected workers.
    member _.Ejections = lines.With 2002

    /// The health checks of these workers, not yet started.
    member _.Checks() =
        new HealthChecks(settings, list, client, time, LogLines<HealthChecks>())

    member service.Row address =
        service.Report |> Array.find (fun row -> row.Address = address)

    /// Leases a worker as a request does that has tried the workers in `tried`.
    member _.Take(?tried, ?cancel) =
        list.Take(defaultArg tried Set.empty, TimeSpan.FromMinutes 10.0, defaultArg cancel CancellationToken.None)

    member _.Classify(image: byte[], cancel: CancellationToken) =
        (dispatcher :> IRecognizer).Classify(ReadOnlySequence image, ClassifyOptions.None, cancel)

    member _.Classify(options: ClassifyOptions) =
        (dispatcher :> IRecognizer).Classify(ReadOnlySequence [| 1uy; 2uy; 3uy |], options, CancellationToken.None)

    member service.Classify() : Task<Result<Classification, ClassifyError>> =
        service.Classify([| 1uy; 2uy; 3uy |], CancellationToken.None)

    /// As many requests at once.
    member service.ClassifyMany count =
        Task.WhenAll [ for _ in 1..count -> service.Classify() ]

[<RequireQualifiedAccess>]
module WorkersUnderTest =
    /// The defaults, with deadlines that a test can wait for.
    let settings: WorkersSettings =
        match GivenSettings.workers [] with
        | Error wrong -> failwith $"{wrong}"
        | Ok settings ->
            { settings with
                Registry = None
                Client.Silence = TimeSpan.FromSeconds 0.4
                Client.Exchange = TimeSpan.FromSeconds 1.0
            }

    let leaseOf acquired =
        match acquired with
        | Acquired lease -> lease
        | other -> failwith $"{other}"

    /// Runs both on threads of their own, from the same moment on.
    let together (first: unit -> unit) (second: unit -> unit) =
        task {
            use barrier = new Barrier 2

            do!
                Task.WhenAll
                    [
                        for run in [ first; second ] ->
                            Task.Run(fun () ->
                                barrier.SignalAndWait()
                                run ())
                    ]
        }

    /// A client by itself.
    let client settings =
        new WorkerClient(settings, TimeProvider.System, ModelDirectory(None, TimeProvider.System))

    let start workers =
        WorkersUnderTest(settings, TimeProvider.System, workers)

    let startWith change workers =
        WorkersUnderTest(change settings, TimeProvider.System, workers)

    /// With known capabilities and models of the workers.
    let negotiatedWith change workers =
        task {
            let service = startWith change workers
            do! service.Negotiated()
            return service
        }

    let negotiated workers = negotiatedWith id workers

    /// Waits until `condition` holds; fails after ten seconds.
    let eventually what (condition: unit -> bool) =
        task {
            let watch = Diagnostics.Stopwatch.StartNew()

            while not (condition ()) do
                if watch.Elapsed > TimeSpan.FromSeconds 10.0 then
                    failwith $"never: {what}"

                do! Task.Delay 5
        }

/// Workers with health checks, on a clock that only the test moves.
[<Sealed>]
type CheckedWorkers(settings, workers) =
    let time = FakeTimeProvider()
    let service = WorkersUnderTest(settings, time, workers)
    let checks = service.Checks()

    member _.Time = time
    member _.Service = service

    /// Starts the checks; returns after the first ones.
    static member Start(settings, workers) =
        task {
            let workers = new CheckedWorkers(settings, workers)
            do! workers.Start()
            return workers
        }

    member _.Start() : Task =
        (checks :> IHostedService).StartAsync CancellationToken.None

    member _.Probe(address, ?cancel) =
        (checks :> IWorkerProbe).Probe(address, defaultArg cancel CancellationToken.None)

    member _.State address = (service.Row address).State

    /// Moves the clock until `condition` holds, at a pace at which a check gets its answer.
    member _.Until(what, condition: unit -> bool) =
        WorkersUnderTest.eventually what (fun () ->
            condition ()
            || (time.Advance(TimeSpan.FromSeconds 0.1)
                false))

    interface IAsyncDisposable with
        member _.DisposeAsync() =
            task {
                do! (checks :> IHostedService).StopAsync CancellationToken.None
                (checks :> IDisposable).Dispose()
            }
            |> ValueTask
