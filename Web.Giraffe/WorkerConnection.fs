namespace Web.Giraffe

open System
open System.Buffers
open System.Collections.Generic
open System.IO
open System.IO.Pipelines
open System.Net.Sockets
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks

/// One connection to a worker. The stream is the socket's own.
[<Sealed>]
type WorkerConnection(socket: Socket, stream: Stream) =
    // Results are small; a class activation map is what a long one is made of.
    let input = PipeReader.Create(stream, StreamPipeReaderOptions(bufferSize = 4096))
    let mutable left = 0L

    /// What is sent at one time, and thereby the progress that a silent peer is known by.
    static let window = 65_536

    /// The pieces, cut so that each list holds a window's worth.
    static let windows (pieces: ReadOnlyMemory<byte> list) =
        [
            let current = List<ArraySegment<byte>>()
            let mutable room = window

            for piece in pieces do
                let mutable rest = piece

                while not rest.IsEmpty do
                    let take = min room rest.Length

                    match MemoryMarshal.TryGetArray(rest.Slice(0, take)) with
                    | true, segment -> current.Add segment
                    | _ -> current.Add(ArraySegment(rest.Slice(0, take).ToArray()))

                    rest <- rest.Slice take
                    room <- room - take

                    if room = 0 then
                        current.ToArray()
                        current.Clear()
                        room <- window

            if current.Count > 0 then
                current.ToArray()
        ]

    let sendAll (segments: ArraySegment<byte>[]) (token: CancellationToken) =
        task {
            if segments.Length = 1 then
                let! _ = socket.SendAsync(Memory.op_Implicit segments[0], token)
                ()
            else
                // Has no token of its own; who gives up closes the connection, which ends it.
                let! _ = socket.SendAsync(segments, SocketFlags.None).WaitAsync token
                ()
        }

    /// Sends the pieces one behind the other, from where they lie. `guard` runs each window's sending, and says
    /// whether to go on.
    member _.Send(pieces: ReadOnlyMemory<byte> list, guard: (CancellationToken -> Task<unit>) -> Task<bool>) =
        task {
            let mutable going = true

            for segments in windows pieces do
                if going then
                    let! next = guard (sendAll segments)
                    going <- next

            return going
        }

    /// All bytes not yet consumed, the new ones behind the old.
    member _.Receive(token: CancellationToken) = input.ReadAsync token

    /// `count` bytes of `buffer`, which was received last, are done with.
    member _.Consume(buffer: ReadOnlySequence<byte>, count: int64) =
        left <- buffer.Length - count
        input.AdvanceTo(buffer.GetPosition count, buffer.End)

    /// Bytes that were received and not consumed.
    member _.Left = left

    /// Whether the peer has said nothing, its end included, since the last exchange.
    member _.IsQuiet =
        try
            not (socket.Poll(0, SelectMode.SelectRead))
        with
        | :? SocketException
        | :? ObjectDisposedException -> false

    interface IDisposable with
        member _.Dispose() =
            input.Complete()
            stream.Dispose()
            socket.Dispose()
