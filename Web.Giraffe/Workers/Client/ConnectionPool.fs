namespace Web.Giraffe

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Threading.Tasks

/// One worker's connections that lie ready, and what negotiation has found out about it. Closed for good when the
/// worker fails or goes; whoever still holds a connection of it then finds nowhere to lay it.
[<Sealed>]
type WorkerPeer(most: int, initial: Negotiation) =
    let gate = obj ()
    let idle = LinkedList<struct (WorkerConnection * TimeSpan)>()
    let mutable negotiation = initial
    let mutable negotiating: Task = Task.CompletedTask
    let mutable isClosed = false
    let mutable used = TimeSpan.Zero

    let close (connections: WorkerConnection list) =
        for connection in connections do
            (connection :> IDisposable).Dispose()

    /// Those that `condition` holds for, no longer ready.
    let takeOut condition =
        lock gate (fun () ->
            let gone =
                idle
                |> Seq.filter (fun (struct (connection, since)) -> condition connection since)
                |> List.ofSeq

            for each in gone do
                idle.Remove each |> ignore

            gone |> List.map (fun (struct (connection, _)) -> connection))

    member _.Negotiation = lock gate (fun () -> negotiation)

    member peer.Capabilities = peer.Negotiation.Capabilities

    member _.Update(change: Negotiation -> Negotiation) =
        lock gate (fun () -> negotiation <- change negotiation)

    /// Starts a negotiation unless one is under way, and returns the one that is.
    member _.Negotiate(run: unit -> Task) : Task =
        lock gate (fun () ->
            if negotiating.IsCompleted then
                negotiating <- Task.Run(Func<Task> run)

            negotiating)

    /// The one that was used last; the others grow old and go. Where the worker has ended all of them, it was away.
    member _.TryTake() : WorkerConnection voption =
        let rec take ended =
            match idle.Last with
            | null ->
                if ended then
                    negotiation <- Negotiation.away negotiation

                ValueNone
            | last ->
                idle.RemoveLast()
                let struct (connection, _) = last.Value

                if connection.IsQuiet then
                    ValueSome connection
                else
                    close [ connection ]
                    take true

        lock gate (fun () -> take false)

    /// Lays a connection ready from `now` on, where there is room.
    member _.Give(connection: WorkerConnection, now: TimeSpan) =
        let taken =
            lock gate (fun () ->
                let taken = not isClosed && idle.Count < most

                if taken then
                    idle.AddLast(struct (connection, now)) |> ignore

                taken)

        if not taken then
            close [ connection ]

    /// Closes what has lain ready since before `moment`, or whose peer has ended it. Returns whether the worker has ended
    /// all that was left, and so was away.
    member _.Sweep(moment: TimeSpan) : bool =
        takeOut (fun _ since -> since < moment) |> close
        let ended = takeOut (fun connection _ -> not connection.IsQuiet)
        close ended

        lock gate (fun () ->
            let isAway = not ended.IsEmpty && idle.Count = 0

            if isAway then
                negotiation <- Negotiation.away negotiation

            isAway)

    /// Records that the worker is asked now.
    member _.Use(now: TimeSpan) = lock gate (fun () -> used <- now)

    /// Whether nothing has been asked of the worker since `moment`, and nothing is open.
    member _.IsUnused(moment: TimeSpan) : bool =
        lock gate (fun () -> used < moment && idle.Count = 0 && negotiating.IsCompleted)

    member _.Close() =
        lock gate (fun () -> isClosed <- true)
        takeOut (fun _ _ -> true) |> close

/// The web node's side of all its workers' connections.
[<Sealed>]
type ConnectionPool(settings: ClientSettings, time: TimeProvider) =
    let peers = ConcurrentDictionary<WorkerAddress, WorkerPeer>()
    let began = time.GetTimestamp()
    let now () = time.GetElapsedTime began
    let wasAway = Event<struct (WorkerAddress * WorkerPeer)>()

    // A worker that has left the list may still be asked by a request that was given it before. What is found out about one
    // that is on the list is found out again, should nobody have asked it for as long.
    let unused = TimeSpan.FromMinutes 10.0

    let sweep () =
        for KeyValue(address, peer) in peers do
            if peer.Sweep(now () - settings.Idle) then
                wasAway.Trigger(struct (address, peer))

            if peer.IsUnused(now () - unused) && peers.TryRemove(KeyValuePair(address, peer)) then
                peer.Close()

    let sweeper =
        let often = TimeSpan.FromSeconds 1.0
        time.CreateTimer((fun _ -> sweep ()), null, often, often)

    /// On the clock of `Negotiation`.
    member _.Now = now ()

    /// A worker has ended all its idle connections.
    [<CLIEvent>]
    member _.WasAway = wasAway.Publish

    member _.For(address: WorkerAddress) : WorkerPeer =
        let peer =
            peers.GetOrAdd(address, (fun _ -> WorkerPeer(settings.IdleConnections, Negotiation.initial)))

        peer.Use(now ())
        peer

    /// How many workers something is kept of.
    member _.Count = peers.Count

    /// The worker failed: its connections go, and it may come back as another one.
    member _.Renew(address: WorkerAddress, peer: WorkerPeer) =
        let known = Negotiation.away peer.Negotiation

        if peers.TryUpdate(address, WorkerPeer(settings.IdleConnections, known), peer) then
            peer.Close()

    /// The worker is off the list: its connections go, those in use as soon as they are free.
    member _.Forget(address: WorkerAddress) =
        match peers.TryRemove address with
        | true, peer -> peer.Close()
        | _ -> ()

    interface IDisposable with
        member _.Dispose() =
            sweeper.Dispose()

            for address in peers.Keys do
                match peers.TryRemove address with
                | true, peer -> peer.Close()
                | _ -> ()
