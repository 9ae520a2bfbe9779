namespace Web.Giraffe

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// Runs single exchanges with workers, each over an idle or a new connection.
[<Sealed>]
type ExchangeRunner(settings: ClientSettings, time: TimeProvider, pool: ConnectionPool, directory: ModelDirectory) =
    let connector = WorkerConnector settings

    // A worker counts as plain after one silence or one `N`.
    let negotiationSettings =
        { settings with
            Silence = Negotiation.silence
            Limits = { settings.Limits with MaxAttempts = 1 }
        }

    // A `models` query ignores the image, which must have at least one byte.
    let placeholder = ReadOnlySequence "?"B

    let extendedWith
        settings
        (peer: WorkerPeer)
        (connection: WorkerConnection)
        parameters
        image
        (left: unit -> TimeSpan)
        (deadline: Deadline)
        =
        task {
            let mutable keep = false

            try
                let session =
                    ExchangeSession(connection, parameters, image, settings, time, left, deadline)

                do! session.Run()
                let! answer = session.Answer
                keep <- session.IsReusable
                return connector.Explain(connection, answer)
            finally
                if keep then
                    peer.Return(connection, pool.Now)
                else
                    (connection :> IDisposable).Dispose()
        }

    /// Runs a plain exchange that continues after the caller cancels.
    let detached connection image left (cancel: CancellationToken) (running: Task voption ref) =
        let deadline = new Deadline(time, CancellationToken.None)

        let session =
            ExchangeSession(connection, Parameters.none, image, settings, time, left, deadline)

        let run =
            task {
                try
                    do! session.Run()
                finally
                    (deadline :> IDisposable).Dispose()
                    (connection :> IDisposable).Dispose()
            }

        running.Value <- ValueSome run

        task {
            let! answer = session.Answer.WaitAsync cancel
            return connector.Explain(connection, answer)
        }

    /// Starts a countdown. Returns a function for the remaining time.
    member _.Countdown(span: TimeSpan) : unit -> TimeSpan =
        let began = time.GetTimestamp()
        fun () -> max TimeSpan.Zero (span - time.GetElapsedTime began)

    /// Runs an extended exchange over `ready` or a new connection, which then becomes idle or is closed.
    member _.Extended
        (
            address: WorkerAddress,
            peer: WorkerPeer,
            ready: WorkerConnection voption,
            parameters: Parameters,
            image: ReadOnlySequence<byte>,
            left: unit -> TimeSpan,
            deadline: Deadline
        ) : Task<Result<ClientAnswer, struct (Failure * string)>> =
        task {
            let! connected =
                match ready with
                | ValueSome connection -> Task.FromResult(Ok connection)
                | ValueNone -> connector.Connect(address, min settings.Connect (left ()), deadline)

            match connected with
            | Ok connection -> return! extendedWith settings peer connection parameters image left deadline
            | Error failure -> return Error failure
        }

    /// Runs a plain exchange. `running` receives the task of the whole exchange, which may outlast its answer.
    member _.Plain
        (
            address: WorkerAddress,
            image: ReadOnlySequence<byte>,
            left: unit -> TimeSpan,
            deadline: Deadline,
            cancel: CancellationToken,
            running: Task voption ref
        ) : Task<Result<ClientAnswer, struct (Failure * string)>> =
        task {
            match! connector.Connect(address, min settings.Connect (left ()), deadline) with
            | Error failure -> return Error failure
            | Ok connection -> return! detached connection image left cancel running
        }

    /// Queries the models of a worker that supports the extended exchange, with the labels of `labelled`. A worker that
    /// does not support the query closes the connection; nothing changes then.
    member exchanges.Describe(address: WorkerAddress, peer: WorkerPeer, labelled: ModelName voption) : Task =
        task {
            use deadline = new Deadline(time, CancellationToken.None)

            let parameters =
                { Parameters.extended with
                    Models = true
                    Model = labelled
                }

            let left = exchanges.Countdown settings.Silence

            match! exchanges.Extended(address, peer, peer.TryTake(), parameters, placeholder, left, deadline) with
            | Ok(ClientAnswer.Described served) ->
                Array.iter directory.Keep served.Models
                directory.Update(address, served)
            | _ -> ()
        }

    /// Negotiates once. Nothing changes if the worker can't be reached; the worker's first answer triggers the next
    /// negotiation.
    member exchanges.Negotiate(address: WorkerAddress, peer: WorkerPeer) : Task =
        task {
            use deadline = new Deadline(time, CancellationToken.None)

            match! connector.Connect(address, settings.Connect, deadline) with
            | Error _ -> ()
            | Ok connection ->
                let image = ReadOnlySequence Negotiation.picture
                let left = exchanges.Countdown Negotiation.deadline

                match! extendedWith negotiationSettings peer connection Parameters.extended image left deadline with
                | Ok(ClientAnswer.Recognized _)
                | Ok(ClientAnswer.ImageRefused _) ->
                    peer.Update Negotiation.succeeded
                    do! exchanges.Describe(address, peer, ValueNone)
                | Ok(ClientAnswer.Described _)
                | Ok ClientAnswer.Declined
                | Error _ -> peer.Update(Negotiation.failed pool.Now)
        }
