/// Two exchanges joined by a network that splits, joins, duplicates, corrupts and cuts.
module Tests.Expecto.Protocol.NetworkTests

open System
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Generators
open Tests.Expecto.Protocol.Script

/// One direction: bytes on their way, and whether the sender has closed behind them.
type private Wire() =
    member val Bytes: byte[] = [||] with get, set
    member val Closed = false with get, set

type private Outcome =
    {
        Client: Did option
        Worker: Did option
        /// What the worker was given to recognise.
        Recognized: string list
        Steps: int
    }

let private recognition =
    {
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

/// As much of it as an exchange with these parameters carries.
let private carried (parameters: Parameters) =
    if parameters.Json then
        recognition
    else
        Recognition.ofPredictions (Recognition.predictions recognition)

let private flip (bytes: byte[]) bit =
    let copy = Array.copy bytes
    let bit = bit % (bytes.Length * 8)
    copy[bit / 8] <- copy[bit / 8] ^^^ (1uy <<< bit % 8)
    copy

/// Runs both sides over the network until both have ended, or for far more steps than they may need.
let private run (network: Network) (picture: byte[]) =
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
            | Flip bit -> wire.Bytes <- Array.append wire.Bytes (flip bytes bit)
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
                             WorkerEvent.Recognized recognition
                         else
                             WorkerEvent.Undecodable "no picture")
                        |> worker.Event
                        |> List.iter onWorker
            ]

        if moves.Length > 0 then
            moves[random.Next moves.Length]()
        elif clientEnd.IsNone && client.Patience.IsSome then
            client.Event ClientEvent.Quiet |> List.iter onClient
        elif workerEnd.IsNone && worker.Patience.IsSome then
            worker.Event WorkerEvent.Quiet |> List.iter onWorker
        else
            if clientEnd.IsNone then
                client.Event ClientEvent.DeadlinePassed |> List.iter onClient

            if workerEnd.IsNone then
                worker.Event WorkerEvent.DeadlinePassed |> List.iter onWorker

    {
        Client = clientEnd
        Worker = workerEnd
        Recognized = recognized
        Steps = steps
    }

let private agrees (network: Network) (picture: byte[]) outcome =
    match outcome.Client, outcome.Worker with
    | Some(Answered(ClientAnswer.Recognized got)), Some _ ->
        got = carried network.Parameters
        && network.Decodable
        && outcome.Recognized = [ Bytes.toText picture ]
    // The client may take the answer to a duplicate for the answer to what it sent next; it then ends early, with a
    // reason, and its picture is never misnamed.
    | Some(Answered(ClientAnswer.ImageRefused _)), Some _ ->
        not network.Decodable
        || List.contains Duplicate network.Faults
        || network.DoubleSends
    | Some(Answered ClientAnswer.Declined), Some _ -> not (Parameters.isNone network.Parameters) && network.Faults <> []
    | Some(Failed _), Some(Failed _ | Served _) -> true
    | _ -> false

let tests =
    testList
        "Network"
        [
            testPropertyWithConfig
                { config with maxTest = 20_000 }
                "both sides agree on the result or both end with a reason"
            <| fun (network: Network) (Picture picture) -> run network picture |> agrees network picture

            testPropertyWithConfig config "a network that only splits and joins loses nothing"
            <| fun (network: Network) (Picture picture) ->
                let outcome = run { network with Faults = [] } picture

                match outcome.Client, outcome.Worker with
                | Some(Answered(ClientAnswer.Recognized got)), Some(Served WorkerOutcome.Answered) ->
                    network.Decodable && got = carried network.Parameters
                | Some(Answered(ClientAnswer.ImageRefused _)), Some(Served WorkerOutcome.Refused) ->
                    not network.Decodable
                | _ -> false

            testPropertyWithConfig
                { config with maxTest = 5_000 }
                "one flipped bit in any message is healed, however it is split"
            <| fun (network: Network) (Picture picture) (message: FsCheck.NonNegativeInt) (bit: FsCheck.NonNegativeInt) ->
                let network =
                    { network with
                        Faults = List.replicate (message.Get % 6) Clean @ [ Flip bit.Get ]
                        Decodable = true
                    }

                match (run network picture).Client with
                | Some(Answered(ClientAnswer.Recognized got)) -> got = carried network.Parameters
                // The worker can't know how long the image behind a damaged size is, and closes.
                | Some(Answered ClientAnswer.Declined) -> not (Parameters.isNone network.Parameters)
                // Nor that there is one, where its only parameter was damaged.
                // And a connection that is to serve again ends where an answer was damaged.
                | Some(Failed _) ->
                    network.Parameters.Keep
                    || network.Parameters = { Parameters.none with Eager = true }
                | _ -> false

            testPropertyWithConfig config "with CRC-32C flipped bits in any messages never give a wrong answer"
            <| fun (network: Network) (Picture picture) (bits: int list) ->
                let flips = [ for bit in bits -> Flip(abs (bit % 50_000)) ]

                let network =
                    { network with
                        Faults = List.collect (fun flip -> [ flip; Clean ]) flips
                        Parameters =
                            { network.Parameters with
                                Crc32c = true
                            }
                        DoubleSends = false
                    }

                run network picture |> agrees network picture
        ]
