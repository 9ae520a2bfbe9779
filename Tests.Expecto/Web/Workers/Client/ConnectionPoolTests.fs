/// Idle connections: only one that has nothing to read is reused.
module Tests.Expecto.Web.ConnectionPoolTests

open System
open System.Net
open System.Net.Sockets
open Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe

/// A connection, and the worker's side of it.
let private connection () =
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()

    let socket =
        new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)

    socket.Connect(Unchecked.nonNull listener.LocalEndpoint)
    new WorkerConnection(socket, ValueNone), listener.AcceptSocket()

let private peer most = WorkerPeer(most, Negotiation.initial)

let private takes (expected: WorkerConnection) (peer: WorkerPeer) what =
    match peer.TryTake() with
    | ValueSome taken -> Expect.isTrue (obj.ReferenceEquals(taken, expected)) what
    | ValueNone -> failtest $"none instead of {what}"

let private isEmpty (peer: WorkerPeer) =
    Expect.isTrue (peer.TryTake()).IsNone "and none is left"

let private isClosed (far: Socket) =
    far.Poll(TimeSpan.FromSeconds 10.0, SelectMode.SelectRead)
    && try
        far.Receive(Array.zeroCreate<byte> 1) = 0
       // Closed with something unread.
       with :? SocketException ->
           true

let tests =
    testList
        "ConnectionPool"
        [
            test "a connection with unread bytes or at its end is closed and not reused" {
                for spoil in
                    [
                        fun (far: Socket) -> far.Send "A"B |> ignore
                        fun far -> far.Shutdown SocketShutdown.Send
                    ] do
                    let peer = peer 8
                    let quiet, _ = connection ()
                    let spoiled, far = connection ()
                    peer.Return(quiet, TimeSpan.Zero)
                    peer.Return(spoiled, TimeSpan.Zero)
                    spoil far

                    Expect.isTrue
                        (Threading.SpinWait.SpinUntil((fun () -> not spoiled.IsIdle), TimeSpan.FromSeconds 10.0))
                        "it has arrived"

                    takes quiet peer "the quiet one"
                    Expect.isTrue (isClosed far) "the other is closed"
                    isEmpty peer
            }

            test "the connection used last is reused first, and the number of kept ones is limited" {
                let peer = peer 2
                let one, _ = connection ()
                let two, _ = connection ()
                let three, far = connection ()

                for each in [ one; two; three ] do
                    peer.Return(each, TimeSpan.Zero)

                Expect.isTrue (isClosed far) "no room for the third"
                takes two peer "the second"
                takes one peer "the first"
                isEmpty peer
            }

            test "idle connections are closed, and all connections of a removed worker" {
                let peer = peer 8
                let old, oldFar = connection ()
                let young, _ = connection ()
                peer.Return(old, TimeSpan.FromSeconds 1.0)
                peer.Return(young, TimeSpan.FromSeconds 2.0)
                peer.Sweep(TimeSpan.FromSeconds 2.0) |> ignore
                Expect.isTrue (isClosed oldFar) "since before the moment"
                takes young peer "since the moment itself"
                let late, lateFar = connection ()
                peer.Close()
                peer.Return(late, TimeSpan.FromSeconds 3.0)
                Expect.isTrue (isClosed lateFar) "the peer is closed"
                isEmpty peer
            }

            test "connections to a forgotten worker are closed after some minutes" {
                let clock = FakeTimeProvider()
                use pool = new ConnectionPool(WorkersUnderTest.settings.Client, clock)
                let address = WorkerAddress.withoutTls "127.0.0.1" 1
                pool.GetPeer address |> ignore
                pool.Forget address
                Expect.equal pool.Count 0 "forgotten"
                pool.GetPeer address |> ignore
                Expect.equal pool.Count 1 "a request that had begun before"

                clock.Advance(TimeSpan.FromMinutes 9.0)
                Expect.equal pool.Count 1 "not yet"
                clock.Advance(TimeSpan.FromMinutes 2.0)
                Expect.equal pool.Count 0 "gone"
            }
        ]
