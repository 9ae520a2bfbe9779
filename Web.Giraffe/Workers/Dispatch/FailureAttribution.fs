namespace Web.Giraffe

open System
open System.Buffers
open System.Collections.Concurrent
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// Determines whether the picture or the worker caused a silent failure of a plain exchange. A picture that an original
/// worker can't decode kills its thread; the connection stays open and silent until the next connection comes, as with
/// a worker that hangs. A worker that then answers another picture is healthy.
[<Sealed>]
type FailureAttribution(settings: WorkersSettings, pool: WorkerPool, client: WorkerClient) =
    let picture = lazy ReadOnlySequence(ProbePicture.read settings)
    let running = ConcurrentDictionary<WorkerAddress, Lazy<Task<bool>>>()

    let probe address =
        task {
            try
                let! outcome =
                    client.Send(
                        address,
                        picture.Value,
                        ClassifyOptions.None,
                        settings.CheckWithin,
                        CancellationToken.None
                    )

                return not outcome.IsFailed
            finally
                running.TryRemove address |> ignore
        }

    /// Runs at most one probe per worker at a time.
    let answers address =
        running.GetOrAdd(address, (fun address -> lazy (Task.Run<bool>(fun () -> probe address)))).Value

    /// Returns whether the picture may have caused the failure. If so, the picture is sent to only one other worker.
    static member MayBeCausedByPicture(failure: Failure) : bool =
        failure.Stage = Stage.Result
        && (failure.Cause = Cause.Closed || failure.Cause = Cause.TimedOut)

    /// Ends the lease of a plain exchange that failed silently. Returns whether the picture was the cause.
    member _.Attribute(lease: Lease, failure: Failure, detail: string) : Task<bool> =
        task {
            let! isHealthy = answers lease.Address

            if isHealthy then
                pool.Abandoned lease
            else
                client.Reset lease.Address
                pool.Failed(lease, failure, detail)

            return isHealthy
        }
