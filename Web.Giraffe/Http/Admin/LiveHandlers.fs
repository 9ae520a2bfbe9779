/// `GET /api/workers/events`: the worker list and the traffic, as server-sent events, one a second and one whenever a
/// worker's state changes.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.LiveHandlers

open System
open System.Net.ServerSentEvents
open System.Threading
open System.Threading.Channels
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Giraffe
open Web.Giraffe

let private second = TimeSpan.FromSeconds 1.0

/// The interval at which the workers' states are compared. A failure appears within a second, on a slow machine too.
let private glance = TimeSpan.FromSeconds 0.25

let private statesOf (workers: WorkerReport[]) =
    workers
    |> Array.map (fun worker -> struct (worker.Address, worker.State, worker.Failures))

/// Streams the state. The first event covers the last fifteen minutes, each later one the seconds since the previous
/// event.
/// The current second is not included.
let private states (services: AppServices) (cancel: CancellationToken) =
    // A slow reader gets the next state later, not a queue of old ones.
    let channel = Channel.CreateBounded<SseItem<FeedJson>> 1

    let sendTraffic () : Task =
        task {
            try
                use timer = new PeriodicTimer(glance, services.Clock)
                let mutable sentUpTo = Int64.MinValue
                let mutable toldAt = 0L
                let mutable states = [||]

                while true do
                    let workers = services.Workers.Report()
                    let changed = statesOf workers

                    if
                        sentUpTo = Int64.MinValue
                        || services.Clock.GetElapsedTime toldAt >= second
                        || changed <> states
                    then
                        let last = services.Traffic.Now - 1L
                        let seconds = services.Traffic.Between(sentUpTo + 1L, last)
                        sentUpTo <- last
                        toldAt <- services.Clock.GetTimestamp()
                        states <- changed

                        let state =
                            Json.feed
                                services.Models
                                last
                                services.Traffic.Length
                                workers
                                seconds
                                (services.Traffic.LastMinute())

                        do!
                            channel.Writer.WriteAsync(
                                SseItem(state, ReconnectionInterval = Nullable(second * 2.0)),
                                cancel
                            )

                    let! _ = timer.WaitForNextTickAsync cancel
                    ()
            with :? OperationCanceledException ->
                ()

            channel.Writer.Complete()
        }

    sendTraffic () |> ignore
    channel.Reader.ReadAllAsync CancellationToken.None

/// The problem when the maximum number of listeners is connected.
let full =
    { Problem.create
          503
          "Too many listeners"
          "The maximum number of open worker pages is reached. Close one, then try again." with
        RetryAfter = Some(TimeSpan.FromSeconds 10.0)
    }

/// Streams events until the listener disconnects or the node stops.
let events (services: AppServices) : HttpHandler =
    fun next context ->
        task {
            if HttpMethods.IsHead context.Request.Method then
                // Sends the headers only, and takes no listener's place.
                context.Response.ContentType <- "text/event-stream"
                return Some context
            elif services.Listeners.TryEnter() then
                try
                    use ending =
                        CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, services.Ending)

                    try
                        do! TypedResults.ServerSentEvents(states services ending.Token).ExecuteAsync context
                    finally
                        ending.Cancel()
                finally
                    services.Listeners.Leave()

                return Some context
            else
                return! Problem.json full next context
        }
