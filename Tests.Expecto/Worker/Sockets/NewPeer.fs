/// A client of the extended exchange on a socket of its own, with the protocol's own codecs.
module Tests.Expecto.Worker.NewPeer

open System
open System.Buffers
open System.Net.Sockets
open Protocol.Core

/// What one read gives; empty at the connection's end, however it came.
let private receive (socket: Socket) : byte[] =
    let buffer = Array.zeroCreate<byte> 65536

    try
        buffer[.. socket.Receive buffer - 1]
    with :? SocketException as e when e.SocketErrorCode = SocketError.ConnectionReset ->
        [||]

let private send (socket: Socket) messages =
    let writer = ArrayBufferWriter<byte>()

    for message in messages do
        Message.write writer message

    let mutable rest = writer.WrittenMemory

    while not rest.IsEmpty do
        rest <- rest.Slice(socket.Send rest.Span)

/// The size and the picture, at once.
let show (socket: Socket) parameters (picture: byte[]) =
    let picture = ReadOnlySequence picture
    let length = Message.payloadLength parameters picture
    send socket [ Message.Size(length, parameters); Message.Image(picture, parameters) ]

/// The picture alone.
let showImage (socket: Socket) parameters (picture: byte[]) =
    send socket [ Message.Image(ReadOnlySequence picture, parameters) ]

/// What the worker says to it.
let hearUnanswered (socket: Socket) parameters =
    let rec read (held: byte[]) =
        match receive socket with
        | [||] -> failwith $"the worker ended the connection after {Text.Encoding.Latin1.GetString held}"
        | more ->
            let held = Array.append held more

            match
                ResultReader.read Limits.Standard.MaxResult parameters (ReadOnlySequence(held, 1, held.Length - 1))
            with
            | Frame(payload, _) when held[0] = 'A'B -> payload
            | NeedMore -> read held
            | other -> failwith $"{other}"

    read [||]

/// What the worker says to it, acknowledged.
let hear (socket: Socket) parameters =
    let payload = hearUnanswered socket parameters
    send socket [ Message.Ack ]
    payload

/// One whole exchange; the result's payload.
let ask socket parameters picture =
    show socket parameters picture
    hear socket parameters

/// Waits for the worker to end the connection: how long that took. Fails where the worker says something.
let ended (socket: Socket) =
    let clock = Diagnostics.Stopwatch.StartNew()

    match receive socket with
    | [||] -> clock.Elapsed
    | output -> failwith $"the worker says {Text.Encoding.Latin1.GetString output}"
