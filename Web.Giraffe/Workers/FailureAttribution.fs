namespace Web.Giraffe

open System
open System.Buffers
open System.Collections.Concurrent
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// Finds out whether a plain exchange failed because of the picture or because of the worker. An original worker's thread
/// dies on a picture that it can't decode, and its connection stays open and silent until the next one comes, as one of a
/// worker that hangs does. A worker that then answers another picture is well.
[<Sealed>]
type FailureAttribution(settings: WorkersSettings, list: WorkerPool, client: WorkerClient) =
    let picture = lazy ReadOnlySequence(ProbePicture.read settings)
    let running = ConcurrentDictionary<WorkerAddress, Lazy<Task<bool>>>()

    let probe address =
        task {
            try
                let! outcome =
                    client.Ask(
                        address,
                        picture.Value,
                        ClassifyOptions.None,
                        settings.CheckWithin,
                        CancellationToken.None
                    )

                return outcome.IsReplied
            finally
                running.TryRemove address |> ignore
        }

    /// One probe of a worker at a time.
    let answers address =
        running.GetOrAdd(address, (fun address -> lazy (Task.Run<bool>(fun () -> probe address)))).Value

    /// Ends the turn of a plain exchange that failed silently. Returns whether the picture was the reason.
    member _.Attribute(turn: Lease, failure: Failure, detail: string) : Task<bool> =
        task {
            let! isWell = answers turn.Address

            if isWell then
                list.Abandoned turn
            else
                client.Renew turn.Address
                list.Failed(turn, failure, detail)

            return isWell
        }
