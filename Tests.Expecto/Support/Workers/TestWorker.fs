namespace Tests.Expecto.Web

open System
open System.Collections.Concurrent
open System.Net
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Protocol.Core
open Web.Giraffe

/// A worker on a port of its own: real sockets, real protocol, and a behaviour that may change while it runs.
[<Sealed>]
type TestWorker(behaviour: Behaviour) as worker =
    inherit WorkerScript(behaviour)

    let mutable listener = new TcpListener(IPAddress.Loopback, 0)
    do listener.Start()
    let port = (listener.LocalEndpoint :?> IPEndPoint).Port
    let stop = new CancellationTokenSource()
    let connections = ConcurrentDictionary<Socket, unit>()
    let mutable accepted = 0

    let serve (socket: Socket) : Task =
        task {
            connections[socket] <- ()

            try
                try
                    do! Conversation.hold worker stop.Token socket
                with
                | :? SocketException
                | :? ObjectDisposedException
                | :? OperationCanceledException -> ()
            finally
                connections.TryRemove socket |> ignore
                socket.Dispose()
        }

    let accept (listener: TcpListener) =
        task {
            try
                while true do
                    let! socket = listener.AcceptSocketAsync stop.Token
                    do! worker.Thawed stop.Token
                    Interlocked.Increment &accepted |> ignore
                    serve socket |> ignore
            with
            | :? SocketException
            | :? ObjectDisposedException
            | :? OperationCanceledException -> ()
        }

    do accept listener |> ignore

    member _.Address: WorkerAddress = WorkerAddress.withoutTls "127.0.0.1" port

    /// Connections so far.
    member _.Accepted = Volatile.Read &accepted

    member _.Open = connections.Count

    /// Resets its connections, and takes new ones.
    member _.Cut() =
        for socket in connections.Keys do
            try
                socket.LingerState <- LingerOption(true, 0)
                socket.Dispose()
            with :? ObjectDisposedException ->
                ()

    /// Gone without a word, as a killed process is: the port is closed, the connections are reset.
    member worker.Kill() =
        listener.Stop()
        worker.Cut()

    /// On the same port, as a process that is started again.
    member _.Restart() =
        listener <- new TcpListener(IPAddress.Loopback, port)
        listener.Start()
        accept listener |> ignore

    interface IDisposable with
        member worker.Dispose() =
            stop.Cancel()
            worker.Kill()

[<RequireQualifiedAccess>]
module TestWorker =
    let addressOf (endPoint: EndPoint | null) : WorkerAddress =
        match endPoint with
        | :? IPEndPoint as endPoint -> WorkerAddress.withoutTls (string endPoint.Address) endPoint.Port
        | other -> failwith $"{other}"

    let addresses (workers: TestWorker list) = workers |> List.map _.Address

    let predictions =
        [|
            {
                Label = "Samoyed"
                Probability = 0.9284364581108093
            }
            {
                Label = "Pomeranian"
                Probability = 0.02
            }
        |]

    /// Answers at once.
    let good () =
        new TestWorker(Predicts(predictions, TimeSpan.Zero))

    let slow (milliseconds: float) =
        new TestWorker(Predicts(predictions, TimeSpan.FromMilliseconds milliseconds))

    let private bound = ConcurrentBag<Socket>()

    /// An address without a listener: bound until the run's end, so that no other test gets it.
    let deadAddress () : WorkerAddress =
        let socket =
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)

        socket.Bind(IPEndPoint(IPAddress.Loopback, 0))
        bound.Add socket
        addressOf socket.LocalEndPoint
