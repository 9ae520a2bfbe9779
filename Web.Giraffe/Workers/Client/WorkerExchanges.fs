namespace Web.Giraffe

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// Single exchanges with workers, each over a connection of its own or one that lies ready.
[<Sealed>]
type WorkerExchanges(settings: ClientSettings, time: TimeProvider, pool: ConnectionPool) =
    let connector = WorkerConnector settings

    // A worker that is silent or says `N` once is plain.
    let negotiating =
        { settings with
            Silence = Negotiation.silence
            Limits = { settings.Limits with MaxAttempts = 1 }
        }

    let extendedWith
        settings
        (peer: WorkerPeer)
        (connection: WorkerConnection)
        parameters
        image
        (left: unit -> TimeSpan)
        (alarm: Deadline)
        =
        task {
            let mutable keep = false

            try
                let session =
                    ExchangeSession(connection, parameters, image, settings, time, left, alarm)

                do! session.Run()
                let! said = session.Answer
                keep <- session.IsReusable
                return connector.Explain(connection, said)
            finally
                if keep then
                    peer.Give(connection, pool.Now)
                else
                    (connection :> IDisposable).Dispose()
        }

    /// A plain exchange over a connection that goes on by itself when whoever asked goes away.
    let detached connection image left (cancel: CancellationToken) (running: Task voption ref) =
        let alarm = new Deadline(time, CancellationToken.None)

        let session =
            ExchangeSession(connection, Parameters.none, image, settings, time, left, alarm)

        let run =
            task {
                try
                    do! session.Run()
                finally
                    (alarm :> IDisposable).Dispose()
                    (connection :> IDisposable).Dispose()
            }

        running.Value <- ValueSome run

        task {
            let! said = session.Answer.WaitAsync cancel
            return connector.Explain(connection, said)
        }

    /// What is left of `span` from now on.
    member _.Countdown(span: TimeSpan) : unit -> TimeSpan =
        let began = time.GetTimestamp()
        fun () -> max TimeSpan.Zero (span - time.GetElapsedTime began)

    /// An extended exchange over `ready` or a new connection, which is laid ready again or closed.
    member _.Extended
        (
            address: WorkerAddress,
            peer: WorkerPeer,
            ready: WorkerConnection voption,
            parameters: Parameters,
            image: ReadOnlySequence<byte>,
            left: unit -> TimeSpan,
            alarm: Deadline
        ) : Task<Result<ClientAnswer, struct (Failure * string)>> =
        task {
            match ready with
            | ValueSome connection -> return! extendedWith settings peer connection parameters image left alarm
            | ValueNone ->
                match! connector.Connect(address, min settings.Connect (left ()), alarm) with
                | Error failure -> return Error failure
                | Ok connection -> return! extendedWith settings peer connection parameters image left alarm
        }

    /// A plain exchange. `running` is set to what goes on of it, which may be longer than anybody waits for its answer.
    member _.Plain
        (
            address: WorkerAddress,
            image: ReadOnlySequence<byte>,
            left: unit -> TimeSpan,
            alarm: Deadline,
            cancel: CancellationToken,
            running: Task voption ref
        ) : Task<Result<ClientAnswer, struct (Failure * string)>> =
        task {
            match! connector.Connect(address, min settings.Connect (left ()), alarm) with
            | Error failure -> return Error failure
            | Ok connection -> return! detached connection image left cancel running
        }

    /// One negotiation. Nothing changes where the worker can't be reached: whatever listens there later is negotiated with
    /// when it has answered.
    member exchanges.Negotiate(address: WorkerAddress, peer: WorkerPeer) : Task =
        task {
            use alarm = new Deadline(time, CancellationToken.None)

            match! connector.Connect(address, settings.Connect, alarm) with
            | Error _ -> ()
            | Ok connection ->
                let image = ReadOnlySequence Negotiation.picture
                let left = exchanges.Countdown Negotiation.deadline

                match! extendedWith negotiating peer connection Parameters.extended image left alarm with
                | Ok(ClientAnswer.Recognized _)
                | Ok(ClientAnswer.ImageRefused _) -> peer.Update Negotiation.succeeded
                | Ok ClientAnswer.Declined
                | Error _ -> peer.Update(Negotiation.failed pool.Now)
        }
