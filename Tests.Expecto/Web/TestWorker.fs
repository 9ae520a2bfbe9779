namespace Tests.Expecto.Web

open System
open System.Buffers
open System.Collections.Concurrent
open System.Net
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Protocol.Core
open Web.Giraffe

/// What a worker of the tests' own does with a connection.
type Behaviour =
    /// The protocol, with these predictions after this time.
    | Names of Prediction[] * after: TimeSpan
    /// The protocol, with what this makes of the picture and what was asked for.
    | Recognizes of (byte[] -> Parameters -> Recognition)
    | CantDecode
    /// The protocol, with this reason why it decodes nothing.
    | Refuses of reason: string
    /// Ends the connection where it would send its nth message: 0 is the size's acknowledgement, 1 the image's (or the
    /// one for both), 2 the result.
    | DiesBefore of message: int
    /// Sends the first bytes of its nth message, or the one after it, and nothing after them.
    | Stalls of message: int * bytes: int
    /// Says this, whatever it is told, and goes on listening.
    | Says of byte[]
    /// Accepts and never says anything.
    | Silent

/// A worker on a port of its own: real sockets, real protocol, and a behaviour that may change while it runs.
[<Sealed>]
type TestWorker(behaviour: Behaviour) =
    let mutable listener = new TcpListener(IPAddress.Loopback, 0)
    do listener.Start()
    let port = (listener.LocalEndpoint :?> IPEndPoint).Port
    let stop = new CancellationTokenSource()
    let open' = ConcurrentDictionary<Socket, unit>()
    let pictures = ConcurrentQueue<byte[]>()
    let mutable behaviour = behaviour
    let mutable frozen = TaskCompletionSource()
    do frozen.SetResult()
    let mutable accepted = 0
    let mutable refusal: byte[] voption = ValueNone
    let mutable chatter: byte[] = [||]
    let asked = ConcurrentQueue<Parameters>()
    let mutable now = 0
    let mutable most = 0

    let bytesOf message =
        let writer = ArrayBufferWriter<byte>()
        Message.write writer message
        writer.WrittenSpan.ToArray()

    let send (socket: Socket) (bytes: byte[]) =
        task {
            do! frozen.Task.WaitAsync stop.Token
            let! _ = socket.SendAsync(ReadOnlyMemory bytes, stop.Token)
            ()
        }

    let listen (socket: Socket) said =
        task {
            let chunk = Array.zeroCreate<byte> 65536
            let mutable going = true

            while going do
                let! count = socket.ReceiveAsync(Memory chunk, stop.Token)
                going <- count > 0

                match said with
                | Some bytes when going -> do! send socket bytes
                | _ -> ()
        }

    /// Which of its messages this is, of the ones that `DiesBefore` counts.
    let number (effects: WorkerEffect list) message =
        match message with
        | Message.Result _ -> 2
        | _ when effects |> List.exists _.IsRecognize -> 1
        | _ -> 0

    let converse (socket: Socket) =
        task {
            let chunk = Array.zeroCreate<byte> 65536
            let mutable held = [||]
            let mutable state = WorkerExchange.start Limits.Standard
            let mutable events = []
            let mutable going = true

            while going do
                match events with
                | [] ->
                    let! count = socket.ReceiveAsync(Memory chunk, stop.Token)

                    if count = 0 then
                        events <- [ WorkerEvent.PeerEnded ]
                    elif behaviour.IsSilent then
                        ()
                    elif behaviour.IsSays then
                        match behaviour with
                        | Says bytes -> do! send socket bytes
                        | _ -> ()
                    elif refusal.IsSome && chunk.AsSpan(0, min 40 count).Contains ';'B then
                        do! send socket refusal.Value
                        going <- false
                    else
                        held <- Array.append held chunk[.. count - 1]
                        events <- [ WorkerEvent.Received(ReadOnlySequence held) ]
                | event :: rest ->
                    events <- rest
                    let struct (next, effects) = WorkerExchange.step state event
                    state <- next

                    for effect in effects do
                        match effect with
                        | _ when not going -> ()
                        | WorkerEffect.Consume count -> held <- held[int count ..]
                        | WorkerEffect.Settle -> do! Task.Delay 1
                        | WorkerEffect.Finish _ -> going <- not (WorkerExchange.isOver state)
                        | WorkerEffect.Fail _ -> going <- false
                        | WorkerEffect.Recognize(image, parameters) ->
                            asked.Enqueue parameters
                            let picture = image.Memory.ToArray()
                            pictures.Enqueue picture
                            (image :> IDisposable).Dispose()

                            match behaviour with
                            | CantDecode -> events <- events @ [ WorkerEvent.Undecodable "no picture" ]
                            | Refuses reason -> events <- events @ [ WorkerEvent.Undecodable reason ]
                            | Recognizes recognize ->
                                events <- events @ [ WorkerEvent.Recognized(recognize picture parameters) ]
                            | Names(predictions, after) ->
                                most <- max most (Interlocked.Increment &now)
                                do! Task.Delay(after, stop.Token)
                                Interlocked.Decrement &now |> ignore
                                events <- events @ [ WorkerEvent.Recognized(Recognition.ofPredictions predictions) ]
                            | _ ->
                                events <-
                                    events
                                    @ [
                                        WorkerEvent.Recognized(
                                            Recognition.ofPredictions [| { Label = "late"; Probability = 1.0 } |]
                                        )
                                    ]
                        | WorkerEffect.Send message ->
                            match behaviour with
                            | DiesBefore first when number effects message >= first -> going <- false
                            | Stalls(first, bytes) when number effects message >= first ->
                                do! send socket (Array.truncate bytes (bytesOf message))
                                do! listen socket None
                                going <- false
                            | _ when message.IsResult -> do! send socket (Array.append (bytesOf message) chatter)
                            | _ -> do! send socket (bytesOf message)
        }

    let serve (socket: Socket) : Task =
        task {
            open'[socket] <- ()

            try
                try
                    match behaviour with
                    | Says bytes -> do! listen socket (Some bytes)
                    | Silent -> do! listen socket None
                    | _ -> do! converse socket
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
                    do! frozen.Task.WaitAsync stop.Token
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
        with get () = behaviour
        and set value = behaviour <- value

    /// What it says before it ends a connection whose size has parameters; nothing: it takes them. An old worker says
    /// nothing at all, one that lacks a parameter says `N`.
    member _.Refusal
        with get () = refusal
        and set value = refusal <- value

    /// What it says behind every result, which nobody has asked for.
    member _.Chatter
        with get () = chatter
        and set value = chatter <- value

    /// Every picture's parameters.
    member _.Asked = asked.ToArray()

    /// Connections so far.
    member _.Accepted = Volatile.Read &accepted

    /// The most pictures that it had before it at one time.
    member _.Most = most
    member _.Open = open'.Count
    /// How many pictures it was given.
    member _.Seen = pictures.Count
    /// What it was given to recognise, in that order.
    member _.Pictures = pictures.ToArray()

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
    member _.Freeze() = frozen <- TaskCompletionSource()

    member _.Thaw() = frozen.SetResult()

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
