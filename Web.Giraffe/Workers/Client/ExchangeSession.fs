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

/// Drives the client's state machine over one connection. `left` is what the exchange has of its time; `alarm` is its own
/// while it runs.
///
/// The image of a plain exchange is sent to its end once it has begun, also when the answer is due before that: an
/// original worker whose connection ends in the middle of an image reads that end again and again, at a whole core, for
/// ever. So its base64 is made before anything is sent, and whoever asked may take back the image's memory at any time.
[<Sealed>]
type ExchangeSession
    (
        connection: WorkerConnection,
        parameters: Parameters,
        image: ReadOnlySequence<byte>,
        settings: ClientSettings,
        time: TimeProvider,
        left: unit -> TimeSpan,
        alarm: Deadline
    ) =
    /// How long an image may be on its way after its exchange's time.
    static let overtime = TimeSpan.FromSeconds 30.0

    let isPlain = Parameters.isNone parameters

    // Base64 goes into pooled pieces that the socket then sends from.
    let encoder =
        lazy Pipe(PipeOptions(pauseWriterThreshold = 0L, minimumSegmentSize = 65536, useSynchronizationContext = false))

    let answer =
        TaskCompletionSource<Result<ClientAnswer, struct (Failure * string)>>(
            TaskCreationOptions.RunContinuationsAsynchronously
        )

    let mutable state = Unchecked.defaultof<ClientState>
    let mutable encoded = ReadOnlySequence.Empty
    let mutable isOver = false
    let mutable isSendingImage = false
    let mutable overtimeBegan: int64 voption = ValueNone
    // What the socket came to, due as an event of the state machine, and the system's own word on it.
    let mutable trouble = ValueNone
    let mutable detail = ""

    let report outcome =
        outcome
        |> Result.mapError (fun failure -> struct (failure, detail))
        |> answer.TrySetResult
        |> ignore

    let timeLeft () =
        match overtimeBegan with
        | ValueSome began -> max TimeSpan.Zero (overtime - time.GetElapsedTime began)
        | ValueNone -> left ()

    let silence () =
        if overtimeBegan.IsSome then
            timeLeft ()
        else
            min settings.Silence (left ())

    /// `operation` may be run twice.
    let rec guard (span: TimeSpan) (operation: CancellationToken -> Task<'got>) =
        task {
            try
                let! got = operation (alarm.Set span)
                alarm.Clear()
                return ValueSome got
            with
            | :? OperationCanceledException when alarm.Rang && isSendingImage && overtimeBegan.IsNone ->
                report (Error(Failure.at (ClientExchange.stage state) Cause.TimedOut))
                overtimeBegan <- ValueSome(time.GetTimestamp())
                return! guard (timeLeft ()) operation
            | :? OperationCanceledException when alarm.Rang ->
                trouble <- ValueSome ClientEvent.DeadlinePassed
                return ValueNone
            | :? IOException
            | :? SocketException as broken ->
                detail <- broken.Message
                trouble <- ValueSome ClientEvent.PeerEnded
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

    /// One window's sending. That of a plain exchange is not cut off: how much of it is on its way would not be known.
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
            let patience = ClientExchange.patience state
            let wait = patience |> ValueOption.defaultValue settings.Silence |> min (left ())

            match! guard wait (fun token -> connection.Receive token) with
            | ValueSome read ->
                do! feed (ClientEvent.Received read.Buffer)

                if read.IsCompleted && not isOver then
                    trouble <- ValueSome ClientEvent.PeerEnded
            | ValueNone when trouble = ValueSome ClientEvent.DeadlinePassed ->
                if patience.IsSome && left () > TimeSpan.Zero then
                    trouble <- ValueSome ClientEvent.Quiet
            | ValueNone -> ()
        }

    let run () =
        task {
            if not parameters.Raw then
                do! encode ()

            let struct (first, effects) = ClientExchange.start settings.Limits parameters image
            state <- first
            do! perform ReadOnlySequence.Empty effects

            while not isOver do
                match trouble with
                | ValueSome event ->
                    trouble <- ValueNone
                    do! feed event
                // The image is sent, and nobody waits for its answer.
                | ValueNone when overtimeBegan.IsSome -> isOver <- true
                | ValueNone -> do! receive ()
        }

    /// The answer, or why there is none with the system's own word on it, or an empty one. May be there before `Run` is
    /// over.
    member _.Answer = answer.Task

    /// Over when the exchange needs neither its connection nor any memory any more.
    member _.Run() : Task<unit> =
        task {
            try
                try
                    do! run ()
                with broken ->
                    answer.TrySetException broken |> ignore
            finally
                if encoder.IsValueCreated then
                    encoder.Value.Writer.Complete()
                    encoder.Value.Reader.Complete()
        }

    /// Whether the connection may serve another exchange, now that this one is over.
    member _.IsReusable =
        ClientExchange.isReusable state && trouble.IsNone && connection.Left = 0L
