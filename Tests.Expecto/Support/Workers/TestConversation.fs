namespace Tests.Expecto.Web

open System
open System.Buffers
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Protocol.Core

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
