namespace Web.Giraffe

open System
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Hosting

/// Delays shutdown: the node reports not ready but still answers, so that load balancers stop sending requests before
/// its port closes.
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
