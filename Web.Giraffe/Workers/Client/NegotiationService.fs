namespace Web.Giraffe

open System
open System.Threading.Tasks
open Microsoft.Extensions.Hosting

/// Negotiates with every worker that is added to the list. Startup waits briefly for the workers already on it, so that
/// the first requests need not wait.
[<Sealed>]
type NegotiationService(pool: WorkerPool, client: WorkerClient, time: TimeProvider) =
    let added =
        Handler<ListEdit>(fun _ edit ->
            if edit.Change = Added then
                client.Negotiate edit.Address |> ignore)

    interface IHostedService with
        member _.StartAsync cancel =
            task {
                pool.Edited.AddHandler added
                let negotiations = pool.Addresses |> List.map client.Negotiate |> Task.WhenAll
                let! _ = Task.WhenAny(negotiations, Task.Delay(Negotiation.silence, time, cancel))
                ()
            }

        member _.StopAsync _ =
            pool.Edited.RemoveHandler added
            Task.CompletedTask
