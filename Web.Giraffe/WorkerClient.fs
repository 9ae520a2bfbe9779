namespace Web.Giraffe

open System
open System.IO
open System.IO.Pipelines
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// How one exchange with one worker ended.
type Outcome =
    | Replied of ClientExchange.Answer
    /// `detail` is the machine's own word on it, or empty.
    | Broken of failure: Failure * detail: string

/// Why an operation of the socket gave nothing.
type private Interruption =
    | Late
    | Cut of detail: string

/// A timer that can be set again and again, and that the user's going away sets off as well.
[<Sealed>]
type private Alarm(time: TimeProvider, cancel: CancellationToken) as alarm =
    let mutable source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time)

    let registration =
        cancel.UnsafeRegister(Action<obj | null>(fun _ -> alarm.Ring()), null)

    member private _.Ring() : unit = source.Cancel()

    /// Whether it was the time that set it off.
    member _.Rang = not cancel.IsCancellationRequested

    member _.Set(span: TimeSpan) : CancellationToken =
        if source.IsCancellationRequested then
            source.Dispose()
            source <- new CancellationTokenSource(span, time)
        else
            source.CancelAfter span

        // The user may have gone in the moment between the two sources.
        cancel.ThrowIfCancellationRequested()
        source.Token

    member _.Clear() =
        source.CancelAfter Timeout.InfiniteTimeSpan

    interface IDisposable with
        member _.Dispose() =
            registration.Dispose()
            source.Dispose()

/// One exchange over one connected socket: feeds what happens to the state machine and performs what it says.
[<Sealed>]
type private Exchange
    (socket: Socket, image: ReadOnlyMemory<byte>, settings: ClientSettings, left: unit -> TimeSpan, alarm: Alarm) =
    // Results are at most 1,024 bytes from peers that keep to the protocol.
    let input =
        PipeReader.Create(new NetworkStream(socket, false), StreamPipeReaderOptions(bufferSize = 4096))

    // The message is encoded once, straight into pooled pieces that the socket then sends from. A piece is also
    // the progress that `Silence` looks for.
    let output =
        Pipe(PipeOptions(pauseWriterThreshold = 0L, minimumSegmentSize = 65536, useSynchronizationContext = false))

    let mutable state = Unchecked.defaultof<ClientExchange.State>
    let mutable outcome = ValueNone

    let guard (span: TimeSpan) (operation: CancellationToken -> ValueTask<'got>) =
        task {
            try
                let! got = operation (alarm.Set span)
                alarm.Clear()
                return Ok got
            with
            | :? OperationCanceledException when alarm.Rang -> return Error Late
            | :? IOException
            | :? SocketException as broken -> return Error(Cut broken.Message)
        }

    let interrupted interruption =
        let cause, detail =
            match interruption with
            | Late -> Cause.TimedOut, ""
            | Cut detail -> Cause.Closed, detail

        outcome <- ValueSome(Broken(Failure.at (ClientExchange.stage state) cause, detail))

    let send message =
        task {
            Message.write output.Writer message
            let! _ = output.Writer.FlushAsync()
            let! read = output.Reader.ReadAsync()
            let mutable rest = read.Buffer

            while not rest.IsEmpty && outcome.IsNone do
                let piece = rest.First

                match! guard (min settings.Silence (left ())) (fun token -> socket.SendAsync(piece, token)) with
                | Ok sent -> rest <- rest.Slice sent
                | Error interruption -> interrupted interruption

            output.Reader.AdvanceTo read.Buffer.End
        }

    let perform (buffer: Buffers.ReadOnlySequence<byte>) effects =
        task {
            for effect in effects do
                match effect with
                | ClientExchange.Consume count -> input.AdvanceTo(buffer.GetPosition count, buffer.End)
                | _ when outcome.IsSome -> ()
                | ClientExchange.Send message -> do! send message
                | ClientExchange.Finish answer -> outcome <- ValueSome(Replied answer)
                | ClientExchange.Fail failure -> outcome <- ValueSome(Broken(failure, ""))
        }

    let feed event =
        let buffer =
            match event with
            | ClientExchange.Received bytes -> bytes
            | _ -> Buffers.ReadOnlySequence.Empty

        let struct (next, effects) = ClientExchange.step state event
        state <- next
        perform buffer effects

    let receive () =
        task {
            let patience = ClientExchange.patience state
            let wait = patience |> ValueOption.defaultValue settings.Silence |> min (left ())

            match! guard wait (fun token -> input.ReadAsync token) with
            | Ok read ->
                do! feed (ClientExchange.Received read.Buffer)

                if read.IsCompleted && outcome.IsNone then
                    do! feed ClientExchange.PeerEnded
            | Error Late when patience.IsSome && left () > TimeSpan.Zero -> do! feed ClientExchange.Quiet
            | Error Late -> do! feed ClientExchange.DeadlinePassed
            | Error interruption -> interrupted interruption
        }

    member _.Run() =
        task {
            try
                let struct (first, effects) = ClientExchange.start settings.Limits image
                state <- first
                do! perform Buffers.ReadOnlySequence.Empty effects

                while outcome.IsNone do
                    do! receive ()

                return outcome.Value
            finally
                input.Complete()
                output.Writer.Complete()
                output.Reader.Complete()
        }

/// Asks one worker over one TCP connection.
[<Sealed>]
type WorkerClient(settings: ClientSettings, time: TimeProvider) =
    // Bytes. What is still on its way over a narrow line must not count as the worker's silence, and a kernel left to
    // itself takes megabytes at once. Linux doubles it: enough for 17 MB/s at a round trip of 30 ms.
    let sendBuffer = 262_144


    let connect (socket: Socket) (address: WorkerAddress) span (alarm: Alarm) =
        task {
            try
                do! socket.ConnectAsync(address.Host, address.Port, alarm.Set span)
                alarm.Clear()
                return None
            with
            | :? OperationCanceledException when alarm.Rang ->
                return Some(Broken(Failure.at Stage.Connect Cause.TimedOut, ""))
            | :? SocketException as broken when broken.SocketErrorCode = SocketError.TimedOut ->
                return Some(Broken(Failure.at Stage.Connect Cause.TimedOut, broken.Message))
            | :? SocketException as broken ->
                return Some(Broken(Failure.at Stage.Connect Cause.Refused, broken.Message))
        }

    /// What `image`, 1 byte … 24 MiB, is in the worker's eyes, within `span`. Throws OperationCanceledException when
    /// `cancel` ends it.
    member _.Ask(address: WorkerAddress, image: ReadOnlyMemory<byte>, span: TimeSpan, cancel: CancellationToken) =
        task {
            let began = time.GetTimestamp()

            let left () =
                max TimeSpan.Zero (span - time.GetElapsedTime began)

            use socket =
                new Socket(SocketType.Stream, ProtocolType.Tcp, NoDelay = true, SendBufferSize = sendBuffer)

            use alarm: Alarm = new Alarm(time, cancel)

            match! connect socket address (min settings.Connect span) alarm with
            | Some broken -> return broken
            | None -> return! Exchange(socket, image, settings, left, alarm).Run()
        }
