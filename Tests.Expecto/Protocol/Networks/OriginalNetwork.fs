/// One of our exchanges against an original peer, on a clock of its own: bytes take their time, and so does the original
/// before each of its reads.
module Tests.Expecto.Protocol.OriginalNetwork

open System
open System.Collections.Generic
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Generators
open Tests.Expecto.Protocol.OriginalPeers
open Tests.Expecto.Protocol.Script

/// What happens, in the order of its time; milliseconds.
type private Schedule() =
    let queue = PriorityQueue<unit -> unit, struct (int * int)>()
    let mutable number = 0
    member val Now = 0 with get, set

    member _.At(time: int, act: unit -> unit) =
        number <- number + 1
        queue.Enqueue(act, struct (time, number))

    /// Until nothing is left to happen, or a minute is over.
    member schedule.Run() =
        let mutable act = Unchecked.defaultof<unit -> unit>
        let mutable due = struct (0, 0)

        while queue.TryDequeue(&act, &due) && schedule.Now < 60_000 do
            let struct (time, _) = due
            schedule.Now <- time
            act ()

/// One direction of the connection. Bytes arrive in the order in which they were sent, in pieces or not.
type private Direction(schedule: Schedule, random: Random, latency: int, arrive: byte[] -> unit) =
    /// When all that was sent is there.
    member val Arrived = 0 with get, set

    member direction.Send(time: int, bytes: byte[]) =
        let mutable rest = bytes

        while rest.Length > 0 do
            // Small messages come in one piece, as TCP brings them.
            let count =
                if bytes.Length <= OneRead then
                    rest.Length
                else
                    1 + random.Next rest.Length

            let piece = rest[.. count - 1]
            rest <- rest[count..]
            direction.Arrived <- max direction.Arrived (time + random.Next(latency + 1))
            schedule.At(direction.Arrived, (fun () -> arrive piece))

    member direction.End(time: int) =
        schedule.At(max direction.Arrived time, (fun () -> arrive [||]))

/// Reads as a blocking `recv(1024)` does, each read up to `delay` after the first byte that it takes has arrived.
type private Reader(schedule: Schedule, random: Random, delay: int, take: byte[] -> unit, wants: unit -> bool) =
    let mutable unread: byte[] = [||]
    let mutable ended = false
    let mutable isDue = false

    member private reader.Schedule() =
        if not isDue && wants () && (unread.Length > 0 || ended) then
            isDue <- true

            schedule.At(
                schedule.Now + random.Next(delay + 1),
                fun () ->
                    isDue <- false
                    let count = min OneRead unread.Length
                    let bytes = unread[.. count - 1]
                    unread <- unread[count..]

                    if wants () then
                        take bytes
                        reader.Schedule()
            )

    member reader.Arrive(bytes: byte[]) =
        if bytes.Length = 0 then
            ended <- true
        else
            unread <- Array.append unread bytes

        reader.Schedule()

let predictions =
    [|
        {
            Label = "Samoyed"
            Probability = 0.9284364581108093
        }
        {
            Label = "Great Pyrenees"
            Probability = 0.014907
        }
        {
            Label = "Pomeranian"
            Probability = 8.1e-05
        }
    |]

let private payload = Bytes.toText (Prediction.write predictions)

/// The original client against our worker: what it took for the result.
let askOurs (network: OriginalNetwork) (picture: byte[]) =
    let random = Random network.Seed
    let schedule = Schedule()
    let worker = Worker Limits.Standard
    let base64 = Convert.ToBase64String picture
    let mutable client = AwaitsSizeAnswer
    let mutable isOver = false
    let mutable moves = 0
    let mutable up = Unchecked.defaultof<Direction>
    let mutable down = Unchecked.defaultof<Direction>

    let rec perform dids =
        let mutable time = schedule.Now
        moves <- moves + 1

        for did in dids do
            match did with
            | Sent text -> down.Send(time, Bytes.ofText text)
            // All that was sent is with the client's kernel; its program may not have read it.
            | Settled -> time <- max time down.Arrived
            | Began _ ->
                schedule.At(
                    time + random.Next 200,
                    fun () ->
                        if not isOver then
                            worker.Recognized predictions |> perform
                )
            | _ -> isOver <- true

        match worker.IdleTimeout with
        | ValueSome timeout when not isOver ->
            let before = moves

            schedule.At(
                max time down.Arrived + int timeout.TotalMilliseconds,
                fun () ->
                    if moves = before && not isOver then
                        worker.Event WorkerEvent.IdleTimeout |> perform
            )
        | _ -> ()

    let take (bytes: byte[]) =
        if bytes.Length > 0 then
            let next, messages = OriginalClient.read base64 client (Bytes.toText bytes)
            client <- next

            for message in messages do
                up.Send(schedule.Now, Bytes.ofText message)

            if OriginalClient.isOver client then
                up.End schedule.Now

    let reader =
        Reader(schedule, random, network.Delay, take, (fun () -> not (OriginalClient.isOver client)))

    down <- Direction(schedule, random, network.Latency, reader.Arrive)

    up <-
        Direction(
            schedule,
            random,
            network.Latency,
            fun bytes ->
                if not isOver then
                    if bytes.Length = 0 then
                        worker.Event WorkerEvent.PeerEnded |> perform
                    else
                        worker.Receive bytes |> perform
        )

    up.Send(0, Bytes.ofText (OriginalClient.size base64))
    schedule.Run()
    client, payload

/// Our client against the original worker: its answer, where it has one, and what became of the worker's thread.
let askOriginal (network: OriginalNetwork) (parameters: Parameters) (picture: byte[]) =
    let random = Random network.Seed
    let schedule = Schedule()
    let client = Client(Limits.Standard, parameters, picture)
    let base64 = Convert.ToBase64String picture
    let mutable worker = AwaitsSize
    let mutable answer = None
    let mutable up = Unchecked.defaultof<Direction>
    let mutable down = Unchecked.defaultof<Direction>

    let perform dids =
        for did in dids do
            match did with
            | Sent text -> up.Send(schedule.Now, Bytes.ofText text)
            | did ->
                answer <- Some did
                up.End schedule.Now

    let result image =
        if image = base64 || image = "" then
            payload
        else
            "another:1"

    let take (bytes: byte[]) =
        let next, messages = OriginalWorker.read result worker (decoded bytes)
        worker <- next

        for number, message in List.indexed messages do
            // Its network takes some time, and its result is a write of its own.
            down.Send(schedule.Now + number * 50, Bytes.ofText message)

    let lives () =
        match worker with
        | OriginalWorker.Dead
        | OriginalWorker.Spins
        | OriginalWorker.Served -> false
        | _ -> true

    let reader = Reader(schedule, random, network.Delay, take, lives)
    up <- Direction(schedule, random, network.Latency, reader.Arrive)

    down <-
        Direction(
            schedule,
            random,
            network.Latency,
            fun bytes ->
                if answer.IsNone then
                    client.Receive bytes |> perform
        )

    perform client.Opening
    schedule.Run()

    // Nothing more will come: the deadline of whoever waits.
    if answer.IsNone then
        client.Event ClientEvent.DeadlinePassed |> perform
        schedule.Run()

    answer, worker
