namespace Web.Giraffe

open System
open System.Buffers
open System.Collections.Generic
open System.IO
open System.IO.Pipelines
open System.Net.Security
open System.Net.Sockets
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks

/// One connection to a worker, with TLS or without.
[<Sealed>]
type WorkerConnection(socket: Socket, tls: TlsConnection voption) =
    let stream: Stream =
        match tls with
        | ValueSome tls -> tls.Stream
        | ValueNone -> new NetworkStream(socket, false)

    // Results are small; a class activation map is what a long one is made of.
    let input = PipeReader.Create(stream, StreamPipeReaderOptions(bufferSize = 4096))
    let mutable left = 0L
    let mutable hasHeard = false

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

    // A record of TLS for each small piece would go out by itself.
    let sendSealed (stream: SslStream) (segments: ArraySegment<byte>[]) (token: CancellationToken) =
        task {
            let buffer = ArrayPool<byte>.Shared.Rent window

            try
                let mutable length = 0

                for segment in segments do
                    segment.AsSpan().CopyTo(buffer.AsSpan length)
                    length <- length + segment.Count

                do! stream.WriteAsync(ReadOnlyMemory(buffer, 0, length), token)
            finally
                ArrayPool<byte>.Shared.Return buffer
        }

    let sendAll (segments: ArraySegment<byte>[]) (token: CancellationToken) =
        task {
            if tls.IsSome then
                do! sendSealed tls.Value.Stream segments token
                WorkersMetrics.sent (segments |> Array.sumBy _.Count)
            elif segments.Length = 1 then
                let! sent = socket.SendAsync(Memory.op_Implicit segments[0], token)
                WorkersMetrics.sent sent
            else
                // Has no token of its own; who gives up closes the connection, which ends it.
                let! sent = socket.SendAsync(segments, SocketFlags.None).WaitAsync token
                WorkersMetrics.sent sent
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
    member _.Receive(token: CancellationToken) =
        task {
            let! read = input.ReadAsync token
            hasHeard <- hasHeard || not read.Buffer.IsEmpty
            return read
        }

    /// Whether the worker has said nothing so far, over TLS: one that does not take the web node's certificate, or gets
    /// none, only ends the connection.
    member _.IsUnheardTls = tls.IsSome && not hasHeard

    /// It asked for a certificate that there is none of.
    member _.WantsIdentity = tls.IsSome && tls.Value.WantsIdentity

    /// `count` bytes of `buffer`, which was received last, are done with.
    member _.Consume(buffer: ReadOnlySequence<byte>, count: int64) =
        left <- buffer.Length - count
        WorkersMetrics.received count
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

    /// Whether the connection's end, that of the whole process included, is a reset. An original worker whose connection
    /// is reset in the middle of an image ends its thread; one that reads an ordinary end there reads it for ever.
    member _.ResetsOnClose(resets: bool) =
        try
            socket.LingerState <- LingerOption(resets, 0)
        with
        | :? SocketException
        | :? ObjectDisposedException -> ()

    interface IDisposable with
        member _.Dispose() =
            input.Complete()
            stream.Dispose()
            socket.Dispose()
