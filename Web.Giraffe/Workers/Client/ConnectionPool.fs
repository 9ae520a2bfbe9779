namespace Web.Giraffe

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Threading.Tasks

/// The idle connections to one worker, and the result of its negotiation. Closed permanently when the worker fails or
/// is removed; connections that are returned later are closed.
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

    /// Removes and returns the idle connections for which `condition` holds.
    let removeWhere condition =
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

    /// Starts a negotiation unless one is running, and returns the running one.
    member _.Negotiate(run: unit -> Task) : Task =
        lock gate (fun () ->
            if negotiating.IsCompleted then
                negotiating <- Task.Run(Func<Task> run)

            negotiating)

    /// Takes the most recently used connection, so that the others expire. A worker that closed all of them
    /// was away.
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

                if connection.IsIdle then
                    ValueSome connection
                else
                    close [ connection ]
                    take true

        lock gate (fun () -> take false)

    /// Adds a connection to the idle ones as of `now`, or closes it if there is no room.
    member _.Return(connection: WorkerConnection, now: TimeSpan) =
        let isKept =
            lock gate (fun () ->
                let isKept = not isClosed && idle.Count < most

                if isKept then
                    idle.AddLast(struct (connection, now)) |> ignore

                isKept)

        if not isKept then
            close [ connection ]

    /// Closes connections that have been idle since before `moment` or that the worker closed. Returns whether the
    /// worker closed all remaining ones, and so was away.
    member _.Sweep(moment: TimeSpan) : bool =
        removeWhere (fun _ since -> since < moment) |> close
        let ended = removeWhere (fun connection _ -> not connection.IsIdle)
        close ended

        lock gate (fun () ->
            let isAway = not ended.IsEmpty && idle.Count = 0

            if isAway then
                negotiation <- Negotiation.away negotiation

            isAway)

    /// Records the last use of the worker.
    member _.Use(now: TimeSpan) = lock gate (fun () -> used <- now)

    /// Returns whether the worker is unused since `moment`, with no idle connection and no running negotiation.
    member _.IsUnused(moment: TimeSpan) : bool =
        lock gate (fun () -> used < moment && idle.Count = 0 && negotiating.IsCompleted)

    member _.Close() =
        lock gate (fun () -> isClosed <- true)
        removeWhere (fun _ _ -> true) |> close

/// The connections to all workers.
[<Sealed>]
type ConnectionPool(settings: ClientSettings, time: TimeProvider) =
    let peers = ConcurrentDictionary<WorkerAddress, WorkerPeer>()
    let began = time.GetTimestamp()
    let now () = time.GetElapsedTime began
    let reconnected = Event<struct (WorkerAddress * WorkerPeer)>()

    // A request may still use a worker that has just left the list. A listed worker that is unused for this long is
    // negotiated with again.
    let unused = TimeSpan.FromMinutes 10.0

    let sweep () =
        for KeyValue(address, peer) in peers do
            if peer.Sweep(now () - settings.Idle) then
                reconnected.Trigger(struct (address, peer))

            if peer.IsUnused(now () - unused) && peers.TryRemove(KeyValuePair(address, peer)) then
                peer.Close()

    let sweeper =
        let often = TimeSpan.FromSeconds 1.0
        time.CreateTimer((fun _ -> sweep ()), null, often, often)

    /// The current time on the clock of `Negotiation`.
    member _.Now = now ()

    /// Raised when a worker has closed all its idle connections.
    [<CLIEvent>]
    member _.Reconnected = reconnected.Publish

    member _.GetPeer(address: WorkerAddress) : WorkerPeer =
        let peer =
            peers.GetOrAdd(address, (fun _ -> WorkerPeer(settings.IdleConnections, Negotiation.initial)))

        peer.Use(now ())
        peer

    /// The number of workers with an entry in the pool.
    member _.Count = peers.Count

    /// Closes a failed worker's connections and resets its capabilities: another worker may replace it.
    member _.Reset(address: WorkerAddress, peer: WorkerPeer) =
        let known = Negotiation.away peer.Negotiation

        if peers.TryUpdate(address, WorkerPeer(settings.IdleConnections, known), peer) then
            peer.Close()

    /// Closes the connections of a removed worker; those in use close when they are released.
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
