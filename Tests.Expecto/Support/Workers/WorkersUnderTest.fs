namespace Tests.Expecto.Web

open System
open System.Buffers
open System.Collections.Concurrent
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Logging
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

/// The engine without the web: its list, its dispatcher and what they logged.
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

    /// Sockets keep to the real clock, whatever the pool's says.
    new(settings, time, workers) = WorkersUnderTest(settings, time, workers, TimeProvider.System)

    member _.List = list
    member _.Client = client
    member _.Models = models
    member _.Lines = lines
    member _.DispatcherLines = dispatcherLines
    member _.Report = (list :> IWorkerList).Report()

    /// When it is known what the workers take.
    member _.Negotiated() =
        workers |> List.map client.Negotiate |> Task.WhenAll

    /// The log's lines of workers that were ejected.
    member _.Ejections = lines.With 2002

    /// The health checks of these workers, not yet started.
    member _.Checks() =
        new HealthChecks(settings, list, client, time, LogLines<HealthChecks>())

    member _.Row address =
        (list :> IWorkerList).Report() |> Array.find (fun row -> row.Address = address)

    member _.Classify(image: byte[], cancel: CancellationToken) =
        (dispatcher :> IRecognizer).Classify(ReadOnlySequence image, ClassifyOptions.None, cancel)

    member _.Classify(options: ClassifyOptions) =
        (dispatcher :> IRecognizer).Classify(ReadOnlySequence [| 1uy; 2uy; 3uy |], options, CancellationToken.None)

    member engine.Classify() : Task<Result<Classification, ClassifyError>> =
        engine.Classify([| 1uy; 2uy; 3uy |], CancellationToken.None)

    /// As many requests at once.
    member engine.ClassifyMany count =
        Task.WhenAll [ for _ in 1..count -> engine.Classify() ]

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

    /// A client by itself.
    let client settings =
        new WorkerClient(settings, TimeProvider.System, ModelDirectory(None, TimeProvider.System))

    let start workers =
        WorkersUnderTest(settings, TimeProvider.System, workers)

    let startWith change workers =
        WorkersUnderTest(change settings, TimeProvider.System, workers)

    /// Until `condition` holds; fails after ten seconds.
    let eventually what (condition: unit -> bool) =
        task {
            let watch = Diagnostics.Stopwatch.StartNew()

            while not (condition ()) do
                if watch.Elapsed > TimeSpan.FromSeconds 10.0 then
                    failwith $"never: {what}"

                do! Task.Delay 5
        }
