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

/// One exchange over one connection: feeds what happens to the state machine and performs what it says. `left` is what
/// the exchange has of its time; `alarm` is its own while it runs.
[<Sealed>]
type ExchangeRun
    (
        connection: WorkerConnection,
        parameters: Parameters,
        image: ReadOnlyMemory<byte>,
        settings: ClientSettings,
        left: unit -> TimeSpan,
        alarm: Alarm
    ) =
    // Base64 goes into pooled pieces that the socket then sends from.
    let encoder =
        lazy Pipe(PipeOptions(pauseWriterThreshold = 0L, minimumSegmentSize = 65536, useSynchronizationContext = false))

    let mutable state = Unchecked.defaultof<ClientState>
    let mutable outcome = ValueNone
    // What the socket came to, due to be told to the machine, and the system's own word on it.
    let mutable trouble = ValueNone
    let mutable detail = ""

    let guard (span: TimeSpan) (operation: CancellationToken -> Task<'got>) =
        task {
            try
                let! got = operation (alarm.Set span)
                alarm.Clear()
                return ValueSome got
            with
            | :? OperationCanceledException when alarm.Rang ->
                trouble <- ValueSome ClientEvent.DeadlinePassed
                return ValueNone
            | :? IOException
            | :? SocketException as broken ->
                detail <- broken.Message
                trouble <- ValueSome ClientEvent.PeerEnded
                return ValueNone
        }

    let encode message =
        task {
            let pipe = encoder.Value
            Message.write pipe.Writer message
            let! _ = pipe.Writer.FlushAsync()
            let! read = pipe.Reader.ReadAsync()
            return read.Buffer
        }

    let addPieces (bytes: ReadOnlySequence<byte>) (pieces: List<ReadOnlyMemory<byte>>) =
        for piece in bytes do
            pieces.Add piece

    let send (messages: Message seq) =
        task {
            let pieces = List<ReadOnlyMemory<byte>>()
            let mutable encoded = ReadOnlySequence.Empty

            for message in messages do
                match message with
                | Message.Image(picture, parameters) when parameters.Raw ->
                    let struct (head, tail) = Message.aroundRaw picture parameters
                    pieces.AddRange [ ReadOnlyMemory head; picture; ReadOnlyMemory tail ]
                | Message.Image _ ->
                    let! buffer = encode message
                    encoded <- buffer
                    addPieces encoded pieces
                | small ->
                    let writer = ArrayBufferWriter<byte> 64
                    Message.write writer small
                    pieces.Add writer.WrittenMemory

            let! _ =
                connection.Send(
                    List.ofSeq pieces,
                    fun operation ->
                        task {
                            let! sent = guard (min settings.Silence (left ())) operation
                            return sent.IsSome
                        }
                )

            if not encoded.IsEmpty then
                encoder.Value.Reader.AdvanceTo encoded.End
        }

    let perform (buffer: ReadOnlySequence<byte>) effects =
        task {
            let messages = List<Message>()

            for effect in effects do
                match effect with
                | ClientEffect.Consume count -> connection.Consume(buffer, count)
                | ClientEffect.Send message -> messages.Add message
                | ClientEffect.Finish answer -> outcome <- ValueSome(Ok answer)
                | ClientEffect.Fail failure -> outcome <- ValueSome(Error failure)

            if messages.Count > 0 then
                do! send messages
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

                if read.IsCompleted && outcome.IsNone then
                    trouble <- ValueSome ClientEvent.PeerEnded
            | ValueNone when trouble = ValueSome ClientEvent.DeadlinePassed ->
                if patience.IsSome && left () > TimeSpan.Zero then
                    trouble <- ValueSome ClientEvent.Quiet
            | ValueNone -> ()
        }

    /// The answer, or why there is none with the system's own word on it, or an empty one.
    member _.Run() : Task<Result<ClientAnswer, struct (Failure * string)>> =
        task {
            try
                let struct (first, effects) = ClientExchange.start settings.Limits parameters image

                state <- first
                do! perform ReadOnlySequence.Empty effects

                while outcome.IsNone do
                    match trouble with
                    | ValueSome event ->
                        trouble <- ValueNone
                        do! feed event
                    | ValueNone -> do! receive ()

                return outcome.Value |> Result.mapError (fun failure -> struct (failure, detail))
            finally
                if encoder.IsValueCreated then
                    encoder.Value.Writer.Complete()
                    encoder.Value.Reader.Complete()
        }

    /// Whether the connection may serve another exchange, now that this one is over.
    member _.IsReusable =
        ClientExchange.isReusable state && trouble.IsNone && connection.Left = 0L
