namespace Web.Giraffe

open System
open System.Buffers
open System.Collections.Generic
open System.IO
open System.IO.Pipelines
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// Drives the client's state machine over one connection. `remaining` returns the exchange's remaining time. The session
/// owns `deadline` while it runs.
///
/// A plain exchange always sends its whole image, even past the deadline. If the connection of an original worker ends
/// in the middle of an image, the worker reads that end in an endless loop and occupies a whole core. The base64 text
/// is therefore encoded before sending, and the caller may reuse the image's memory at any time.
[<Sealed>]
type ExchangeSession
    (
        connection: WorkerConnection,
        parameters: Parameters,
        image: ReadOnlySequence<byte>,
        settings: ClientSettings,
        time: TimeProvider,
        remaining: unit -> TimeSpan,
        deadline: Deadline
    ) =
    /// How long sending an image may continue after the exchange's deadline.
    static let overtime = TimeSpan.FromSeconds 30.0

    let isPlain = Parameters.isNone parameters

    // The base64 text is written to pooled segments that the socket then sends.
    let encoder =
        lazy Pipe(PipeOptions(pauseWriterThreshold = 0L, minimumSegmentSize = 65536, useSynchronizationContext = false))

    let answer =
        TaskCompletionSource<Result<ClientAnswer, struct (Failure * string)>>(
            TaskCreationOptions.RunContinuationsAsynchronously
        )

    let struct (first, firstEffects) =
        ClientExchange.start settings.Limits parameters image

    let mutable state = first
    let mutable encoded = ReadOnlySequence.Empty
    let mutable isOver = false
    let mutable isSendingImage = false
    let mutable overtimeBegan: int64 voption = ValueNone
    // A pending event of the state machine for a socket error or a timeout, and the system's error message.
    let mutable pendingEvent = ValueNone
    let mutable detail = ""

    let report outcome =
        outcome
        |> Result.mapError (fun failure -> struct (failure, detail))
        |> answer.TrySetResult
        |> ignore

    let timeRemaining () =
        match overtimeBegan with
        | ValueSome began -> max TimeSpan.Zero (overtime - time.GetElapsedTime began)
        | ValueNone -> remaining ()

    let silence () =
        if overtimeBegan.IsSome then
            timeRemaining ()
        else
            min settings.Silence (remaining ())

    /// Runs `operation` under a deadline, possibly twice.
    let rec guard (span: TimeSpan) (operation: CancellationToken -> Task<'value>) =
        task {
            try
                let! value = operation (deadline.Set span)
                deadline.Clear()
                return ValueSome value
            with
            | :? OperationCanceledException when deadline.HasPassed && isSendingImage && overtimeBegan.IsNone ->
                report (Error(Failure.at (ClientExchange.stage state) Cause.TimedOut))
                overtimeBegan <- ValueSome(time.GetTimestamp())
                return! guard (timeRemaining ()) operation
            | :? OperationCanceledException when deadline.HasPassed ->
                pendingEvent <- ValueSome ClientEvent.DeadlinePassed
                return ValueNone
            | :? IOException
            | :? SocketException as ex ->
                detail <- ex.Message
                pendingEvent <- ValueSome ClientEvent.PeerEnded
                return ValueNone
        }

    let encode () =
        task {
            let pipe = encoder.Value
            Message.write pipe.Writer (Message.Image(image, parameters))
            let! _ = pipe.Writer.FlushAsync()
            let! read = pipe.Reader.ReadAsync()
            encoded <- read.Buffer
        }

    let pieces (messages: Message seq) =
        let pieces = List<ReadOnlyMemory<byte>>()

        for message in messages do
            match message with
            | Message.Image(picture, parameters) when parameters.Raw ->
                let struct (head, tail) = Message.frameRaw picture parameters
                pieces.Add(ReadOnlyMemory head)

                for piece in picture do
                    pieces.Add piece

                pieces.Add(ReadOnlyMemory tail)
            | Message.Image _ ->
                for piece in encoded do
                    pieces.Add piece
            | small ->
                let writer = ArrayBufferWriter<byte> 64
                Message.write writer small
                pieces.Add writer.WrittenMemory

        List.ofSeq pieces

    /// Sends one window. In a plain exchange it is never cancelled, since the number of bytes sent would be unknown.
    let sendOne (operation: CancellationToken -> Task<unit>) =
        task {
            let! sent =
                if isPlain then
                    let sending = operation CancellationToken.None
                    guard (silence ()) (fun token -> sending.WaitAsync token)
                else
                    guard (silence ()) operation

            return sent.IsSome
        }

    let send (messages: List<Message>) =
        task {
            let mustEnd = isPlain && messages.Exists _.IsImage
            isSendingImage <- mustEnd

            if mustEnd then
                connection.ResetsOnClose true

            let! sent = connection.Send(pieces messages, sendOne)

            if sent && mustEnd then
                isSendingImage <- false
                connection.ResetsOnClose false
        }

    let perform (buffer: ReadOnlySequence<byte>) effects =
        task {
            let messages = List<Message>()
            let mutable outcome = ValueNone

            for effect in effects do
                match effect with
                | ClientEffect.Consume count -> connection.Consume(buffer, count)
                | ClientEffect.Send message -> messages.Add message
                | ClientEffect.Finish answer -> outcome <- ValueSome(Ok answer)
                | ClientEffect.Fail failure -> outcome <- ValueSome(Error failure)

            if messages.Count > 0 then
                do! send messages

            if outcome.IsSome then
                report outcome.Value
                isOver <- true
        }

    let feed event =
        let buffer =
            match event with
            | ClientEvent.Received bytes -> bytes
            | _ -> ReadOnlySequence.Empty

        let struct (next, effects) = ClientExchange.step state event
        state <- next
        perform buffer effects

    let receive () =
        task {
            let idleTimeout = ClientExchange.idleTimeout state

            let wait =
                idleTimeout |> ValueOption.defaultValue settings.Silence |> min (remaining ())

            match! guard wait (fun token -> connection.Receive token) with
            | ValueSome read ->
                do! feed (ClientEvent.Received read.Buffer)

                if read.IsCompleted && not isOver then
                    pendingEvent <- ValueSome ClientEvent.PeerEnded
            | ValueNone when pendingEvent = ValueSome ClientEvent.DeadlinePassed ->
                if idleTimeout.IsSome && remaining () > TimeSpan.Zero then
                    pendingEvent <- ValueSome ClientEvent.IdleTimeout
            | ValueNone -> ()
        }

    let run () =
        task {
            if not parameters.Raw then
                do! encode ()

            do! perform ReadOnlySequence.Empty firstEffects

            while not isOver do
                match pendingEvent with
                | ValueSome event ->
                    pendingEvent <- ValueNone
                    do! feed event
                // The image is sent, and the request has already timed out.
                | ValueNone when overtimeBegan.IsSome -> isOver <- true
                | ValueNone -> do! receive ()
        }

    /// The answer, or the failure with the system's error message, possibly empty. It may complete before `Run`.
    member _.Answer = answer.Task

    /// Runs the exchange. Completes when the exchange no longer needs its connection or any memory.
    member _.Run() : Task<unit> =
        task {
            try
                try
                    do! run ()
                with ex ->
                    answer.TrySetException ex |> ignore
            finally
                if encoder.IsValueCreated then
                    encoder.Value.Writer.Complete()
                    encoder.Value.Reader.Complete()
        }

    /// Whether the connection can be reused after this exchange.
    member _.IsReusable =
        ClientExchange.isReusable state && pendingEvent.IsNone && connection.Left = 0L
