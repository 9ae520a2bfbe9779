/// Two exchanges joined by a network that splits, joins, duplicates, corrupts and cuts.
module Tests.Expecto.Protocol.NetworkRun

open System
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Generators
open Tests.Expecto.Protocol.Script

/// One direction: bytes on their way, and whether the sender has closed behind them.
type internal Wire() =
    member val Bytes: byte[] = [||] with get, set
    member val Closed = false with get, set

type internal Outcome =
    {
        Client: Did option
        Worker: Did option
        /// What the worker was given to recognize.
        Recognized: string list
        /// The parameters that the worker read with them.
        Requested: Parameters list
    }

let private recognition =
    { Recognition.ofPredictions [||] with
        Model = "squeezenet1_1"
        Classes =
            [|
                {
                    Index = 258
                    Label = "Samoyed"
                    Probability = 0.9284364581108093
                }
                {
                    Index = 231
                    Label = "collie"
                    Probability = 8.1e-05
                }
            |]
        Times =
            [|
                {
                    Stage = "inference"
                    Milliseconds = 5.25
                }
            |]
        Maps =
            [|
                {
                    Index = 258
                    Width = 2
                    Height = 2
                    Lowest = -0.5
                    Highest = 11.25
                    Cells = [| 0uy; 1uy; 128uy; 255uy |]
                }
            |]
    }

/// What a worker says that was asked with these parameters.
let private answer (parameters: Parameters) =
    let named =
        match parameters.Model with
        | ValueSome name ->
            { recognition with
                Model = name.Id
                Version = name.Version |> ValueOption.defaultValue "1"
            }
        | ValueNone -> recognition

    { named with
        Classes = Array.truncate (Parameters.classes parameters) recognition.Classes
    }

/// As much of it as an exchange with these parameters carries.
let internal carried (parameters: Parameters) =
    if parameters.Json && parameters.Explain then
        answer parameters
    elif parameters.Json then
        { answer parameters with Maps = [||] }
    else
        Recognition.ofPredictions (Recognition.predictions (answer parameters))

let private flip bits (bytes: byte[]) =
    let copy = Array.copy bytes

    for bit in bits |> List.map (fun bit -> bit % (bytes.Length * 8)) |> List.distinct do
        copy[bit / 8] <- copy[bit / 8] ^^^ (1uy <<< bit % 8)

    copy

/// Runs both sides over the network until both have ended, or for far more steps than they may need.
let internal run (network: Network) (picture: byte[]) =
    let random = Random network.Seed
    let client = Client(Limits.Standard, network.Parameters, picture)
    let worker = Worker Limits.Standard
    let up, down = Wire(), Wire()
    let mutable faults = network.Faults
    let mutable clientEnd, workerEnd = None, None
    let mutable pending = false
    let mutable recognized = []
    let mutable lastUp = ""

    let put (wire: Wire) (text: string) =
        let bytes = Bytes.ofText text

        let fault =
            match faults with
            | [] -> Clean
            | fault :: rest ->
                faults <- rest
                fault

        if not wire.Closed then
            match fault with
            | Clean -> wire.Bytes <- Array.append wire.Bytes bytes
            | Flip bits -> wire.Bytes <- Array.append wire.Bytes (flip bits bytes)
            | Duplicate -> wire.Bytes <- Array.concat [ wire.Bytes; bytes; bytes ]
            | Cut count ->
                wire.Bytes <- Array.append wire.Bytes bytes[.. count % bytes.Length - 1]
                up.Closed <- true
                down.Closed <- true

    let onClient did =
        match did with
        | Sent text ->
            put up text

            if network.DoubleSends && text = lastUp && text.Length > 1 then
                put up text

            lastUp <- text
        | other ->
            clientEnd <- Some other
            up.Closed <- true

    let onWorker did =
        match did with
        | Sent text -> put down text
        | Settled -> ()
        | Began image ->
            recognized <- image :: recognized
            pending <- true
        | other ->
            workerEnd <- Some other
            down.Closed <- true

    /// Hands over a random first part of what is on the wire.
    let deliver (wire: Wire) receive ended =
        if wire.Bytes.Length > 0 then
            let count = 1 + random.Next(min wire.Bytes.Length (1 + random.Next 4000))

            let part = wire.Bytes[.. count - 1]
            wire.Bytes <- wire.Bytes[count..]
            receive part
        else
            ended ()

    let canMove (wire: Wire) over =
        Option.isNone over && (wire.Bytes.Length > 0 || wire.Closed)

    List.iter onClient client.Opening
    let mutable steps = 0

    while (clientEnd.IsNone || workerEnd.IsNone) && steps < 100_000 do
        steps <- steps + 1

        let moves =
            [
                if canMove up workerEnd then
                    fun () ->
                        deliver up (worker.Receive >> List.iter onWorker) (fun () ->
                            worker.Event WorkerEvent.PeerEnded |> List.iter onWorker)
                if canMove down clientEnd then
                    fun () ->
                        deliver down (client.Receive >> List.iter onClient) (fun () ->
                            client.Event ClientEvent.PeerEnded |> List.iter onClient)
                if pending && workerEnd.IsNone then
                    fun () ->
                        pending <- false

                        (if network.Decodable then
                             WorkerEvent.Recognized(answer (List.head worker.Requested))
                         else
                             WorkerEvent.Undecodable(Refusal.create "Damaged" "Cut short."))
                        |> worker.Event
                        |> List.iter onWorker
            ]

        if moves.Length > 0 then
            moves[random.Next moves.Length]()
        elif clientEnd.IsNone && client.IdleTimeout.IsSome then
            client.Event ClientEvent.IdleTimeout |> List.iter onClient
        elif workerEnd.IsNone && worker.IdleTimeout.IsSome then
            worker.Event WorkerEvent.IdleTimeout |> List.iter onWorker
        else
            if clientEnd.IsNone then
                client.Event ClientEvent.DeadlinePassed |> List.iter onClient

            if workerEnd.IsNone then
                worker.Event WorkerEvent.DeadlinePassed |> List.iter onWorker

    {
        Client = clientEnd
        Worker = workerEnd
        Recognized = recognized
        Requested = worker.Requested
    }
