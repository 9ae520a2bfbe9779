/// Drives one side of an exchange by hand: what goes in, what comes out.
module Tests.Expecto.Protocol.Script

open System
open System.Buffers
open Protocol.Core

/// What a side did, with its messages as text.
type Did =
    | Sent of string
    | Settled
    /// The picture's bytes as text.
    | Began of string
    /// The model to describe with its labels.
    | Asked of ModelName voption
    | Answered of ClientAnswer
    | Served of WorkerOutcome
    | Failed of Failure

let failed stage cause = Failed(Failure.at stage cause)

/// The end of an exchange by bytes that are not a message.
let malformed stage reason = failed stage (Cause.Malformed reason)

/// One side and the bytes that it has not consumed yet.
type Client(limits: Limits, parameters: Parameters, picture: byte[]) =
    let struct (first, effects) =
        ClientExchange.start limits parameters (ReadOnlySequence picture)

    let mutable state = first
    let mutable held: byte[] = [||]

    let perform effect =
        match effect with
        | ClientEffect.Consume bytes ->
            held <- Array.skip (int bytes) held
            []
        | ClientEffect.Send message -> [ Sent(Bytes.textOf message) ]
        | ClientEffect.Finish answer -> [ Answered answer ]
        | ClientEffect.Fail failure -> [ Failed failure ]

    new(limits, picture) = Client(limits, Parameters.none, picture)

    /// How the held bytes lie in memory.
    member val Layout: byte[] -> ReadOnlySequence<byte> = Bytes.singly with get, set

    member val Opening = List.collect perform effects
    member _.IdleTimeout = ClientExchange.idleTimeout state
    member _.IsReusable = ClientExchange.isReusable state
    member _.Held = held.Length

    member _.Event event =
        let struct (next, effects) = ClientExchange.step state event
        state <- next
        List.collect perform effects

    member client.Receive(bytes: byte[]) =
        held <- Array.append held bytes
        client.Event(ClientEvent.Received(client.Layout held))

    member client.Receive(text: string) = client.Receive(Bytes.ofText text)

type Worker(limits: Limits) =
    let mutable state = WorkerExchange.start limits
    let mutable held: byte[] = [||]
    let mutable requested: Parameters list = []

    let perform effect =
        match effect with
        | WorkerEffect.Consume bytes ->
            held <- Array.skip (int bytes) held
            []
        | WorkerEffect.Send message -> [ Sent(Bytes.textOf message) ]
        | WorkerEffect.AwaitDelivery -> [ Settled ]
        | WorkerEffect.Recognize(image, parameters) ->
            requested <- parameters :: requested
            use image = image
            [ Began(Bytes.toText (image.Memory.ToArray())) ]
        | WorkerEffect.Describe parameters -> [ Asked parameters.Model ]
        | WorkerEffect.Finish outcome -> [ Served outcome ]
        | WorkerEffect.Fail failure -> [ Failed failure ]

    member _.IdleTimeout = WorkerExchange.idleTimeout state
    member _.IsOver = WorkerExchange.isOver state

    /// How the held bytes lie in memory.
    member val Layout: byte[] -> ReadOnlySequence<byte> = Bytes.singly with get, set

    /// The parameters of every picture that it was given to recognise, the last first: as it read them.
    member _.Requested = requested

    member _.Held = held.Length

    member _.Event event =
        let struct (next, effects) = WorkerExchange.step state event
        state <- next
        List.collect perform effects

    member worker.Recognized(predictions: Prediction[]) =
        worker.Event(WorkerEvent.Recognized(Recognition.ofPredictions predictions))

    member worker.Receive(bytes: byte[]) =
        held <- Array.append held bytes
        worker.Event(WorkerEvent.Received(worker.Layout held))

    member worker.Receive(text: string) = worker.Receive(Bytes.ofText text)
