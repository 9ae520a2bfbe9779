namespace Tests.Expecto.Web

open System
open System.Buffers
open System.Collections.Concurrent
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// What a worker of the tests' own does with a connection.
type Behaviour =
    /// The protocol, with these predictions after this time.
    | Names of Prediction[] * after: TimeSpan
    /// The protocol, with what this makes of the picture and what was asked for.
    | Recognizes of (byte[] -> Parameters -> Recognition)
    | CantDecode
    /// The protocol, with this reason why it decodes nothing.
    | Refuses of Refusal
    /// Ends the connection where it would send its nth message: 0 is the size's acknowledgement, 1 the image's (or the
    /// one for both), 2 the result.
    | DiesBefore of message: int
    /// Sends the first bytes of its nth message, or the one after it, and nothing after them.
    | Stalls of message: int * bytes: int
    /// Says this, whatever it is told, and goes on listening.
    | Says of byte[]
    /// Accepts and never says anything.
    | Silent

[<AutoOpen>]
module ModelDescriptions =

    /// A model of three classes.
    let smallModel id version : ModelDescription =
        {
            Id = id
            Version = version
            Digest = $"{id}{version}"
            Title = id
            State = ModelState.Ready
            Error = ""
            Classes = 3
            Width = 32
            Height = 32
            Channels = 3
            Resize = InputResize.ShorterSide 256
            Output = OutputValues.Logits
            HasMaps = false
            Tensors = ValueNone
            HasTree = false
            Covers = ""
            Labels = [||]
            Synonyms = [||]
        }

/// What a worker of the tests' own is told to do, which may change at any time, and what it was given.
[<Sealed>]
type Orders(behaviour: Behaviour) =
    let pictures = ConcurrentQueue<byte[]>()
    let asked = ConcurrentQueue<Parameters>()
    let mutable frozen = TaskCompletionSource()
    do frozen.SetResult()
    let mutable now = 0
    let mutable most = 0

    member val Behaviour = behaviour with get, set
    member val Refusal: byte[] voption = ValueNone with get, set

    /// Whether it knows no question for its models: it says `N` and ends the connection.
    member val DescribesNothing = false with get, set

    /// What it makes of a result before it sends it.
    member val Answers: (Recognition -> Recognition) option = None with get, set

    /// What it says that it serves.
    member val Models: ServedModels =
        {
            Default = "squeezenet1_1"
            Executors = 1
            Revision = ""
            Models =
                [|
                    {
                        Id = "squeezenet1_1"
                        Version = "1"
                        Digest = ""
                        Title = "SqueezeNet 1.1"
                        State = ModelState.Ready
                        Error = ""
                        Classes = 1000
                        Width = 224
                        Height = 224
                        Channels = 3
                        Resize = InputResize.ShorterSide 256
                        Output = OutputValues.Logits
                        HasMaps = true
                        Tensors = ValueNone
                        HasTree = false
                        Covers = ""
                        Labels = [||]
                        Synonyms = [||]
                    }
                |]
        } with get, set

    member val Chatter: byte[] = [||] with get, set
    member _.Asked = asked.ToArray()
    member _.Pictures = pictures.ToArray()
    member _.Most = most

    member _.Given(picture: byte[], parameters: Parameters) =
        asked.Enqueue parameters
        pictures.Enqueue picture

    /// Has a picture before it for so long.
    member _.Hold(time: TimeSpan, stop: CancellationToken) =
        task {
            most <- max most (Interlocked.Increment &now)
            do! Task.Delay(time, stop)
            Interlocked.Decrement &now |> ignore
        }

    member _.Freeze() = frozen <- TaskCompletionSource()
    member _.Thaw() = frozen.SetResult()
    member _.Thawed(stop: CancellationToken) = frozen.Task.WaitAsync stop

/// One connection of a worker of the tests' own, by its orders.
[<RequireQualifiedAccess>]
module Conversation =
    let private bytesOf message =
        let writer = ArrayBufferWriter<byte>()
        Message.write writer message
        writer.WrittenSpan.ToArray()

    let private send (orders: Orders) stop (socket: Socket) (bytes: byte[]) =
        task {
            do! orders.Thawed stop
            let! _ = socket.SendAsync(ReadOnlyMemory bytes, stop)
            ()
        }

    /// Until the other side ends it.
    let private drain (socket: Socket) (stop: CancellationToken) =
        task {
            let chunk = Array.zeroCreate<byte> 65536
            let mutable going = true

            while going do
                let! count = socket.ReceiveAsync(Memory chunk, stop)
                going <- count > 0
        }

    /// Which of its messages this is, of the ones that `DiesBefore` counts.
    let private number (effects: WorkerEffect list) message =
        match message with
        | Message.Result _ -> 2
        | _ when effects |> List.exists (fun effect -> effect.IsRecognize || effect.IsDescribe) -> 1
        | _ -> 0

    /// By the model that was asked for.
    let private by (orders: Orders) (parameters: Parameters) (recognition: Recognition) =
        match parameters.Model with
        | ValueSome _ when orders.Answers.IsSome -> orders.Answers.Value recognition
        | ValueSome name ->
            { recognition with
                Model = name.Id
                Version = name.Version |> ValueOption.defaultValue "1"
            }
        | ValueNone -> recognition

    /// Until either side ends it.
    let hold (orders: Orders) (stop: CancellationToken) (socket: Socket) =
        task {
            let chunk = Array.zeroCreate<byte> 65536
            let mutable held = [||]
            let mutable state = WorkerExchange.start Limits.Standard
            let mutable events = []
            let mutable going = true
            // What happens to the result of a picture without predictions. Another order may come before it is sent.
            let mutable fate = ValueNone

            while going do
                match events with
                | [] ->
                    let! count = socket.ReceiveAsync(Memory chunk, stop)

                    match orders.Behaviour with
                    | _ when count = 0 -> events <- [ WorkerEvent.PeerEnded ]
                    | Silent -> ()
                    | Says bytes -> do! send orders stop socket bytes
                    | _ when orders.Refusal.IsSome && chunk.AsSpan(0, min 40 count).Contains ';'B ->
                        do! send orders stop socket orders.Refusal.Value
                        going <- false
                    | _ ->
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
                        | WorkerEffect.Finish _ ->
                            fate <- ValueNone
                            going <- not (WorkerExchange.isOver state)
                        | WorkerEffect.Fail _ -> going <- false
                        | WorkerEffect.Describe _ when orders.DescribesNothing ->
                            do! send orders stop socket "N"B
                            going <- false
                        | WorkerEffect.Describe _ -> events <- events @ [ WorkerEvent.Described orders.Models ]
                        | WorkerEffect.Recognize(image, parameters) ->
                            let picture = image.Memory.ToArray()
                            (image :> IDisposable).Dispose()
                            let isNegotiation = picture = Web.Giraffe.Negotiation.picture

                            if not isNegotiation then
                                orders.Given(picture, parameters)

                            // As many as were asked for.
                            let named (predictions: Prediction[]) =
                                predictions
                                |> Array.truncate (Parameters.classes parameters)
                                |> Recognition.ofPredictions
                                |> by orders parameters
                                |> WorkerEvent.Recognized

                            match orders.Behaviour with
                            | CantDecode ->
                                events <- events @ [ WorkerEvent.Undecodable(Refusal.create "Damaged" "No picture.") ]
                            | Refuses refusal -> events <- events @ [ WorkerEvent.Undecodable refusal ]
                            | Recognizes recognize ->
                                events <-
                                    events
                                    @ [ WorkerEvent.Recognized(recognize picture parameters |> by orders parameters) ]
                            | Names(predictions, _) when isNegotiation -> events <- events @ [ named predictions ]
                            | Names(predictions, after) ->
                                do! orders.Hold(after, stop)
                                events <- events @ [ named predictions ]
                            | other ->
                                fate <- ValueSome other

                                events <-
                                    events
                                    @ [
                                        WorkerEvent.Recognized(
                                            Recognition.ofPredictions [| { Label = "late"; Probability = 1.0 } |]
                                        )
                                    ]
                        | WorkerEffect.Send message ->
                            let behaviour =
                                if message.IsResult then
                                    ValueOption.defaultValue orders.Behaviour fate
                                else
                                    orders.Behaviour

                            match behaviour with
                            | Silent when message.IsResult -> ()
                            | Says bytes when message.IsResult -> do! send orders stop socket bytes
                            | DiesBefore first when number effects message >= first -> going <- false
                            | Stalls(first, bytes) when number effects message >= first ->
                                do! send orders stop socket (Array.truncate bytes (bytesOf message))
                                do! drain socket stop
                                going <- false
                            | _ when message.IsResult ->
                                do! send orders stop socket (Array.append (bytesOf message) orders.Chatter)
                            | _ -> do! send orders stop socket (bytesOf message)
        }
