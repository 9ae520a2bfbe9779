/// The two ends of a connection through a fault proxy.
namespace Tests.Expecto.Scenarios

open System
open System.Buffers
open System.Net
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Scenarios.Proxy

/// What one end received, read by read.
[<Sealed>]
type ReceivedReads(socket: Socket) =
    let reads = ResizeArray<byte[]>()

    /// Reads until the other end closes or resets; returns false if `within` is over first.
    member _.ToEnd(within: TimeSpan) =
        task {
            use late = new CancellationTokenSource(within)
            let buffer = Array.zeroCreate 65536
            let mutable ended = false

            try
                while not ended do
                    let! count = socket.ReceiveAsync(Memory buffer, late.Token)

                    if count = 0 then
                        ended <- true
                    else
                        reads.Add buffer[.. count - 1]

                return true
            with
            | :? SocketException -> return true
            | :? OperationCanceledException -> return false
        }

    member _.Reads = reads.ToArray()
    member _.Bytes = Array.concat reads

/// A client and the server that it reaches through a proxy.
[<Sealed>]
type Ends private (listener: TcpListener, proxy: FaultProxy, client: Socket, server: Socket, ownsProxy: bool) =
    member _.Proxy = proxy
    member _.Client = client
    member _.Server = server

    static member Connect(proxy: FaultProxy, listener: TcpListener) =
        task {
            let client = new Socket(SocketType.Stream, ProtocolType.Tcp, NoDelay = true)
            do! client.ConnectAsync proxy.EndPoint
            let! server = listener.AcceptSocketAsync()
            server.NoDelay <- true
            return struct (client, server)
        }

    static member Through(options: FaultOptions) =
        task {
            let listener = new TcpListener(IPAddress.Loopback, 0)
            listener.Start()
            let proxy = FaultProxy.Start((listener.LocalEndpoint :?> IPEndPoint).Port, options)
            let! struct (client, server) = Ends.Connect(proxy, listener)
            return new Ends(listener, proxy, client, server, true)
        }

    /// One more connection through the same proxy, which stays with the first.
    member _.Again() =
        task {
            let! struct (client, server) = Ends.Connect(proxy, listener)
            return new Ends(listener, proxy, client, server, false)
        }

    interface IDisposable with
        member _.Dispose() =
            client.Dispose()
            server.Dispose()

            if ownsProxy then
                proxy.DisposeAsync().AsTask().Wait()
                listener.Stop()

[<RequireQualifiedAccess>]
module Wire =

    /// A size message and the image message that it announces.
    let upload (seed: int) (length: int) =
        let picture = Array.zeroCreate length
        Random(seed).NextBytes picture

        Bytes.written (Message.Size(Message.payloadLength Parameters.none (ReadOnlySequence picture), Parameters.none)),
        Bytes.written (Message.Image(ReadOnlySequence picture, Parameters.none))

    let result =
        Bytes.written (Message.Result(ReadOnlyMemory "soccer ball:0.75"B, Parameters.none))

    let send (socket: Socket) (bytes: byte[]) =
        task {
            let mutable rest = ReadOnlyMemory bytes

            while not rest.IsEmpty do
                let! sent = socket.SendAsync(rest, SocketFlags.None)
                rest <- rest.Slice sent
        }
        :> Task

    /// Long enough for anything that happens at once.
    let soon = TimeSpan.FromSeconds 10.0

    /// Sends these pieces and closes; returns what the other end received.
    let passed (ends: Ends) (pieces: byte[] list) =
        task {
            let received = ReceivedReads ends.Server
            let listening = received.ToEnd soon

            try
                for piece in pieces do
                    do! send ends.Client piece

                ends.Client.Shutdown SocketShutdown.Send
            with :? SocketException ->
                // Cut before all was sent.
                ()

            let! ended = listening
            Expect.isTrue ended "the end arrives too"
            return received
        }
