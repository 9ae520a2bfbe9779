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
type TestWorker(behaviour: Behaviour) =
    let orders = Orders behaviour
    let mutable listener = new TcpListener(IPAddress.Loopback, 0)
    do listener.Start()
    let port = (listener.LocalEndpoint :?> IPEndPoint).Port
    let stop = new CancellationTokenSource()
    let open' = ConcurrentDictionary<Socket, unit>()
    let mutable accepted = 0

    let serve (socket: Socket) : Task =
        task {
            open'[socket] <- ()

            try
                try
                    do! Conversation.hold orders stop.Token socket
                with
                | :? SocketException
                | :? ObjectDisposedException
                | :? OperationCanceledException -> ()
            finally
                open'.TryRemove socket |> ignore
                socket.Dispose()
        }

    let accept (listener: TcpListener) =
        task {
            try
                while true do
                    let! socket = listener.AcceptSocketAsync stop.Token
                    do! orders.Thawed stop.Token
                    Interlocked.Increment &accepted |> ignore
                    serve socket |> ignore
            with
            | :? SocketException
            | :? ObjectDisposedException
            | :? OperationCanceledException -> ()
        }

    do accept listener |> ignore

    member _.Address: WorkerAddress = WorkerAddress.plain "127.0.0.1" port

    member _.Behaviour
        with get () = orders.Behaviour
        and set value = orders.Behaviour <- value

    /// What it says before it ends a connection whose size has parameters; nothing: it takes them. An old worker says
    /// nothing at all, one that lacks a parameter says `N`.
    member _.Refusal
        with get () = orders.Refusal
        and set value = orders.Refusal <- value

    /// Whether it knows no question for its models.
    member _.DescribesNothing
        with get () = orders.DescribesNothing
        and set value = orders.DescribesNothing <- value

    /// What it makes of a result for a named model before it sends it.
    member _.Answers
        with get () = orders.Answers
        and set value = orders.Answers <- value

    /// What it says that it serves.
    member _.Models
        with get () = orders.Models
        and set value = orders.Models <- value

    /// What it says behind every result, which nobody has asked for.
    member _.Chatter
        with get () = orders.Chatter
        and set value = orders.Chatter <- value

    /// Every picture's parameters.
    member _.Asked = orders.Asked

    /// Connections so far.
    member _.Accepted = Volatile.Read &accepted

    /// The most pictures that it had before it at one time.
    member _.Most = orders.Most
    member _.Open = open'.Count
    /// How many pictures it was given.
    member _.Seen = orders.Pictures.Length
    /// What it was given to recognise, in that order.
    member _.Pictures = orders.Pictures

    /// Resets its connections, and takes new ones.
    member _.Cut() =
        for socket in open'.Keys do
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

    /// As a stopped process: the kernel still takes connections and bytes, and nothing is ever answered.
    member _.Freeze() = orders.Freeze()

    member _.Thaw() = orders.Thaw()

    interface IDisposable with
        member worker.Dispose() =
            stop.Cancel()
            worker.Kill()

[<RequireQualifiedAccess>]
module TestWorker =
    let addressOf (endPoint: EndPoint | null) : WorkerAddress =
        match endPoint with
        | :? IPEndPoint as endPoint -> WorkerAddress.plain (string endPoint.Address) endPoint.Port
        | other -> failwith $"{other}"

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
        new TestWorker(Names(predictions, TimeSpan.Zero))

    let slow (milliseconds: float) =
        new TestWorker(Names(predictions, TimeSpan.FromMilliseconds milliseconds))

    let private bound = ConcurrentBag<Socket>()

    /// An address where nobody listens, nor ever will: bound until the run's end, so that no other test gets it.
    let deadAddress () : WorkerAddress =
        let socket =
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)

        socket.Bind(IPEndPoint(IPAddress.Loopback, 0))
        bound.Add socket
        addressOf socket.LocalEndPoint
