namespace Tests.Expecto.Web

open System
open System.Buffers
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Protocol.Core
open Tests.Expecto.Protocol

/// One connection of a worker of the tests' own, by its orders.
[<RequireQualifiedAccess>]
module Conversation =
    let private send (script: WorkerScript) stop (socket: Socket) (bytes: byte[]) =
        task {
            do! script.Thawed stop
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

    /// By the requested model.
    let private by (script: WorkerScript) (parameters: Parameters) (recognition: Recognition) =
        match parameters.Model with
        | ValueSome _ when script.Transform.IsSome -> script.Transform.Value recognition
        | ValueSome name ->
            { recognition with
                Model = name.Id
                Version = name.Version |> ValueOption.defaultValue "1"
            }
        | ValueNone -> recognition

    /// Until either side ends it.
    let hold (script: WorkerScript) (stop: CancellationToken) (socket: Socket) =
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

                    match script.Behaviour with
                    | _ when count = 0 -> events <- [ WorkerEvent.PeerEnded ]
                    | Silent -> ()
                    | Sends bytes -> do! send script stop socket bytes
                    | _ when script.Refusal.IsSome && chunk.AsSpan(0, min 40 count).Contains ';'B ->
                        do! send script stop socket script.Refusal.Value
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
                        | WorkerEffect.AwaitDelivery -> do! Task.Delay 1
                        | WorkerEffect.Finish _ ->
                            fate <- ValueNone
                            going <- not (WorkerExchange.isOver state)
                        | WorkerEffect.Fail _ -> going <- false
                        | WorkerEffect.Describe _ when script.RejectsDescribe ->
                            do! send script stop socket "N"B
                            going <- false
                        | WorkerEffect.Describe _ -> events <- events @ [ WorkerEvent.Described script.Models ]
                        | WorkerEffect.Recognize(image, parameters) ->
                            let picture = image.Memory.ToArray()
                            (image :> IDisposable).Dispose()
                            let isNegotiation = picture = Web.Giraffe.Negotiation.picture

                            if not isNegotiation then
                                script.Record(picture, parameters)

                            // As many as were requested.
                            let predicted (predictions: Prediction[]) =
                                predictions
                                |> Array.truncate (Parameters.classes parameters)
                                |> Recognition.ofPredictions
                                |> by script parameters
                                |> WorkerEvent.Recognized

                            match script.Behaviour with
                            | CantDecode ->
                                events <- events @ [ WorkerEvent.Undecodable(Refusal.create "Damaged" "No picture.") ]
                            | Refuses refusal -> events <- events @ [ WorkerEvent.Undecodable refusal ]
                            | Recognizes recognize ->
                                events <-
                                    events
                                    @ [ WorkerEvent.Recognized(recognize picture parameters |> by script parameters) ]
                            | Predicts(predictions, _) when isNegotiation ->
                                events <- events @ [ predicted predictions ]
                            | Predicts(predictions, after) ->
                                do! script.Hold(after, stop)
                                events <- events @ [ predicted predictions ]
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
                                    ValueOption.defaultValue script.Behaviour fate
                                else
                                    script.Behaviour

                            match behaviour with
                            | Silent when message.IsResult -> ()
                            | Sends bytes when message.IsResult -> do! send script stop socket bytes
                            | DiesBefore first when number effects message >= first -> going <- false
                            | Stalls(first, bytes) when number effects message >= first ->
                                do! send script stop socket (Array.truncate bytes (Bytes.written message))
                                do! drain socket stop
                                going <- false
                            | _ when message.IsResult ->
                                do! send script stop socket (Array.append (Bytes.written message) script.Surplus)
                            | _ -> do! send script stop socket (Bytes.written message)
        }
