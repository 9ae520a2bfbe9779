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

/// A connection to a worker, with or without TLS.
[<Sealed>]
type WorkerConnection(socket: Socket, tls: TlsConnection voption) =
    let stream: Stream =
        match tls with
        | ValueSome tls -> tls.Stream
        | ValueNone -> new NetworkStream(socket, false)

    // Most results are small; only class activation maps make one long.
    let input = PipeReader.Create(stream, StreamPipeReaderOptions(bufferSize = 4096))
    let mutable left = 0L
    let mutable hasHeard = false

    /// The number of bytes per send. A worker that accepts no window in time counts as silent.
    static let window = 65_536

    /// Splits the pieces into lists of one window each.
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

    // Each small piece would otherwise become its own TLS record.
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
                // This overload takes no token; after a cancellation the caller closes the connection, which ends the
                // send.
                let! sent = socket.SendAsync(segments, SocketFlags.None).WaitAsync token
                WorkersMetrics.sent sent
        }

    /// Sends the pieces in order, without copying. `guard` runs the sending of each window and returns whether to go
    /// on.
    member _.Send(pieces: ReadOnlyMemory<byte> list, guard: (CancellationToken -> Task<unit>) -> Task<bool>) =
        task {
            let mutable going = true

            for segments in windows pieces do
                if going then
                    let! next = guard (sendAll segments)
                    going <- next

            return going
        }

    /// Receives data. Returns all bytes not yet consumed, in order.
    member _.Receive(token: CancellationToken) =
        task {
            let! read = input.ReadAsync token
            hasHeard <- hasHeard || not read.Buffer.IsEmpty
            return read
        }

    /// Whether nothing has been received so far, over TLS. A worker that rejects or misses the web node's certificate
    /// only closes the connection.
    member _.IsUnheardTls = tls.IsSome && not hasHeard

    /// Whether the worker requested a client certificate and none is configured.
    member _.RequestsCertificate = tls.IsSome && tls.Value.RequestsCertificate

    /// Marks the first `count` bytes of `buffer`, the last received one, as consumed.
    member _.Consume(buffer: ReadOnlySequence<byte>, count: int64) =
        left <- buffer.Length - count
        WorkersMetrics.received count
        input.AdvanceTo(buffer.GetPosition count, buffer.End)

    /// The number of bytes received and not consumed.
    member _.Left = left

    /// Whether the worker has sent nothing and not closed the connection since the last exchange.
    member _.IsIdle =
        try
            not (socket.Poll(0, SelectMode.SelectRead))
        with
        | :? SocketException
        | :? ObjectDisposedException -> false

    /// Sets whether the connection closes with a reset, also when the process ends. A reset in the middle of an image
    /// ends an original worker's thread; after a normal close there, the thread reads the end in an endless loop.
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
