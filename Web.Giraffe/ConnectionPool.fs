namespace Web.Giraffe

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Threading

/// What the web node has with one worker: connections that lie ready, and what is known about it. Closed for good when
/// the worker fails or goes; whoever still holds a connection of it then finds nowhere to lay it.
[<Sealed>]
type WorkerPeer(most: int, known: Acquaintance) =
    let gate = obj ()
    let idle = LinkedList<struct (WorkerConnection * TimeSpan)>()
    let mutable known = known
    let mutable isClosed = false

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

    member _.Known = lock gate (fun () -> known)

    /// What one try taught, and what the next one is to be.
    member _.Learn(change: Acquaintance -> struct (Acquaintance * 'said)) =
        lock gate (fun () ->
            let struct (next, said) = change known
            known <- next
            said)

    /// The one that was used last; the others grow old and go.
    member _.TryTake() : WorkerConnection voption =
        let rec take () =
            match idle.Last with
            | null -> ValueNone
            | last ->
                idle.RemoveLast()
                let struct (connection, _) = last.Value

                if connection.IsQuiet then
                    ValueSome connection
                else
                    close [ connection ]
                    take ()

        lock gate take

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

    /// Closes what has lain ready since before `moment`, or whose peer has ended it.
    member _.Sweep(moment: TimeSpan) =
        takeOut (fun connection since -> since < moment || not connection.IsQuiet)
        |> close

    member _.Close() =
        lock gate (fun () -> isClosed <- true)
        takeOut (fun _ _ -> true) |> close

/// The web node's side of all its workers' connections.
[<Sealed>]
type ConnectionPool(settings: ClientSettings, time: TimeProvider) =
    let peers = ConcurrentDictionary<WorkerAddress, WorkerPeer>()
    let began = time.GetTimestamp()
    let now () = time.GetElapsedTime began

    let sweep () =
        for peer in peers.Values do
            peer.Sweep(now () - settings.Idle)

    let sweeper =
        let often = TimeSpan.FromSeconds 1.0
        time.CreateTimer((fun _ -> sweep ()), null, often, often)

    /// On the clock that `Acquaintance` is kept by.
    member _.Now = now ()

    member _.For(address: WorkerAddress) : WorkerPeer =
        peers.GetOrAdd(address, (fun _ -> WorkerPeer(settings.IdleConnections, Approach.stranger)))

    /// The worker failed: its connections go, and it may come back as another one. That it has answered the extended
    /// exchange is a hint that outlives it.
    member _.Renew(address: WorkerAddress, peer: WorkerPeer) =
        let hint =
            { peer.Known with
                PlainUntil = ValueNone
            }

        if peers.TryUpdate(address, WorkerPeer(settings.IdleConnections, hint), peer) then
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
