namespace Web.Giraffe

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging
open Protocol.Core

/// Sends a test picture to every idle worker. This detects a worker that accepts connections but never answers, and
/// returns a recovered worker to use early.
[<Sealed>]
type HealthChecks
    (settings: WorkersSettings, pool: WorkerPool, client: WorkerClient, time: TimeProvider, log: ILogger<HealthChecks>)
    =
    /// The interval at which due checks are started.
    static let tick = TimeSpan.FromSeconds 1.0

    /// How long the start waits for the first answers, so that readiness is correct from the beginning.
    static let startupTimeout = TimeSpan.FromSeconds 1.0

    let image = lazy ReadOnlyMemory(ProbePicture.read settings)

    // Whether any worker has recognized the picture; from then on, a worker that refuses it is unhealthy.
    let mutable hasSucceeded = false

    let refused (lease: Lease) (refusal: Refusal) (elapsed: TimeSpan) =
        match refusal.Reason with
        | WorkerRefusal.Busy ->
            pool.Busy lease
            Answers elapsed
        | _ when Volatile.Read &hasSucceeded ->
            let failure = Failure.at Stage.Result Cause.RejectedTooOften
            pool.Failed(lease, failure, "it refuses the health check's picture")
            Fails(Failure.describe failure)
        | _ ->
            pool.Succeeded lease
            Answers elapsed

    let check (cancel: CancellationToken) (lease: Lease) : Task<Probed> =
        task {
            let began = time.GetTimestamp()

            try
                match!
                    client.Send(
                        lease.Address,
                        ReadOnlySequence image.Value,
                        ClassifyOptions.None,
                        settings.CheckWithin,
                        cancel
                    )
                with
                | Succeeded _ ->
                    Volatile.Write(&hasSucceeded, true)
                    pool.Succeeded lease
                    return Answers(time.GetElapsedTime began)
                | PictureRefused refusal -> return refused lease refusal (time.GetElapsedTime began)
                | Failed(failure, detail) ->
                    pool.Failed(lease, failure, detail)
                    return Fails(Failure.describe failure)
            with ex ->
                pool.Abandoned lease

                if not cancel.IsCancellationRequested then
                    WorkersLog.checkFailed log lease.Address ex

                return Fails "the check failed unexpectedly"
        }

    let startDueChecks cancel =
        pool.LeaseDueChecks settings.CheckEvery
        |> List.map (check cancel)
        |> Task.WhenAll
        :> Task

    let stopping = new CancellationTokenSource()

    let run () =
        task {
            use timer = new PeriodicTimer(tick, time)

            try
                while true do
                    let! _ = timer.WaitForNextTickAsync stopping.Token
                    // A slow worker's check continues in parallel with the next rounds.
                    startDueChecks stopping.Token |> ignore
            with :? OperationCanceledException ->
                ()
        }

    let mutable running: Task = Task.CompletedTask

    interface IWorkerProbe with
        member _.Probe(address, cancel) =
            match pool.LeaseCheck address with
            | ValueSome lease -> check cancel lease
            | ValueNone when List.contains address pool.Addresses -> Task.FromResult NotNow
            | ValueNone -> Task.FromResult NoSuchWorker

    interface IHostedService with
        member _.StartAsync cancel =
            task {
                if settings.CheckEvery > TimeSpan.Zero then
                    let! _ =
                        Task.WhenAny(startDueChecks stopping.Token, Task.Delay(startupTimeout, time, cancel))

                    running <- run ()
            }

        member _.StopAsync _ =
            stopping.Cancel()
            running

    interface IDisposable with
        member _.Dispose() = stopping.Dispose()
