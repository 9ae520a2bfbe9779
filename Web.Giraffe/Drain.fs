namespace Web.Giraffe

open System
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Hosting

/// Between "told to stop" and the end: not ready any more, but still answering, so that whoever asks for readiness
/// sends nobody here any more by the time the door closes.
[<Sealed>]
type Drain(delay: TimeSpan) =
    let stopping = new CancellationTokenSource()

    member _.Token = stopping.Token
    member _.Started = stopping.IsCancellationRequested
    member _.Start() = stopping.Cancel()

    interface IHostedLifecycleService with
        member drain.StoppingAsync(cancel) =
            drain.Start()
            Task.Delay(delay, cancel)

        member _.StartingAsync _ = Task.CompletedTask
        member _.StartAsync _ = Task.CompletedTask
        member _.StartedAsync _ = Task.CompletedTask
        member _.StopAsync _ = Task.CompletedTask
        member _.StoppedAsync _ = Task.CompletedTask
