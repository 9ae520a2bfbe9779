namespace Web.Giraffe

open System
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging
open Node.Hosting.Redis

/// The worker list that several web nodes share in Redis. It is notified of changes and also polls every second.
/// Without Redis it continues with its last list, and writes the operators' changes when Redis is back.
/// `freshness` is how long an answer proves that a worker is healthy; none without health checks.
[<Sealed>]
type RedisRegistry
    (
        redis: RedisAddress,
        allowed: AllowedNetworks,
        freshness: TimeSpan option,
        time: TimeProvider,
        log: ILogger<RedisRegistry>
    ) =
    inherit BackgroundService()

    /// The polling interval.
    static let pollInterval = TimeSpan.FromSeconds 1.0

    /// How long startup waits for Redis, so that the list is complete for the first request.
    static let startupTimeout = TimeSpan.FromSeconds 3.0

    /// How long announcements stay valid after Redis was unreachable or lost its data.
    static let grace =
        TimeSpan.FromMilliseconds(float (RedisSchema.Lifetime + 2 * RedisSchema.Heartbeat))

    let gate = obj ()
    let stopping = new CancellationTokenSource()
    let signal = new SemaphoreSlim(1)
    // Under the lock: operators' threads and the loop change it.
    let mutable shared = SharedWorkers.empty
    let mutable list: WorkerPool voption = ValueNone
    // Whether an operator's change may not be in Redis yet.
    let mutable pending = false

    // Used by the loop only.
    let mutable version = ""
    let mutable incarnation = ""
    let mutable isUp = true
    let reasons = OutageReasons()
    let mutable graceUntil = DateTimeOffset.MinValue
    let mutable applied: Set<WorkerAddress> = Set.empty
    let announcements = AllowedAnnouncements(allowed, log)
    let expired = ExpiredAnnouncements(freshness, string redis, log)
    let mutable link: RedisLink voption = ValueNone
    let mutable firstRound: Task = Task.CompletedTask

    let wake () =
        // One pending signal is enough.
        if signal.CurrentCount = 0 then
            signal.Release() |> ignore

    let edited (edit: ListEdit) =
        if edit.By = EditedBy.Operator then
            lock gate (fun () ->
                let entry =
                    {
                        Stamp = SharedWorkers.nextStamp (time.GetUtcNow()) shared.Entries
                        Listed = (edit.Change = Added)
                    }

                pending <- true

                shared <-
                    { shared with
                        Entries = shared.Entries.Add(edit.Address, entry)
                    })

            wake ()

    let apply (wanted: WorkerAddress list) =
        let now = Set.ofList wanted

        match list with
        | ValueNone -> ()
        | ValueSome list ->
            for address in wanted do
                if not (applied.Contains address) then
                    list.ApplyDiscovery(address, true)

            for address in applied - now do
                list.ApplyDiscovery(address, false)

            applied <- now

    /// Removes DNS-discovered workers that an operator removed on another node.
    let removeOthers (before: SharedWorkers) (after: SharedWorkers) (wanted: WorkerAddress list) =
        for KeyValue(address, entry) in after.Entries do
            if
                not entry.Listed
                && before.Entries.TryFind address <> Some entry
                && not (List.contains address wanted)
            then
                list |> ValueOption.iter (fun list -> list.ApplyDiscovery(address, false))

    let applySnapshot (link: RedisLink) (snapshot: RegistrySnapshot) =
        task {
            let! announced = announcements.Filter(snapshot.Shared.Announced, stopping.Token)

            if incarnation <> "" && incarnation <> snapshot.IncarnationId then
                graceUntil <- time.GetUtcNow() + grace

            incarnation <- snapshot.IncarnationId

            let known = lock gate (fun () -> shared.Announced)

            let kept =
                if time.GetUtcNow() < graceUntil then
                    known
                else
                    expired.Keep(
                        list
                        |> ValueOption.map (fun list -> (list :> IWorkerList).Report())
                        |> ValueOption.defaultValue [||],
                        known,
                        announced,
                        snapshot.Expired
                    )

            let struct (before, after, lacking) =
                lock gate (fun () ->
                    let before = shared

                    let struct (entries, lacking) =
                        SharedWorkers.merge shared.Entries snapshot.Shared.Entries

                    shared <-
                        {
                            Entries = entries
                            Announced =
                                (kept, announced)
                                ||> Map.fold (fun all address since -> Map.add address since all)
                        }

                    struct (before, shared, lacking))

            if not lacking.IsEmpty then
                do! link.Write lacking

            let wanted = SharedWorkers.listed after
            removeOthers before after wanted
            apply wanted
            // While a worker stays without an announcement, the next round reads everything again.
            version <-
                if after.Announced.Count > announced.Count then
                    ""
                else
                    snapshot.Version
        }

    let synchronize () =
        task {
            try
                if link.IsNone then
                    let! connected = RedisLink.Connect redis
                    link <- ValueSome connected
                    do! connected.Listen wake

                // Without a known version everything is read, and entries missing in Redis are detected.
                let known =
                    lock gate (fun () ->
                        let known = if pending then "" else version
                        pending <- false
                        known)

                match! link.Value.Read known with
                | Some snapshot -> do! applySnapshot link.Value snapshot
                | None -> ()

                if not isUp then
                    RegistryLog.redisBack log (string redis)
                    isUp <- true
                    reasons.Clear()
            with
            | ex when RedisConnection.IsExpected ex ->
                version <- ""
                graceUntil <- time.GetUtcNow() + grace
                isUp <- false

                let reason =
                    match link with
                    | ValueSome link -> link.Describe ex
                    | ValueNone -> RedisConnection.Describe(ex, redis)

                if reasons.TryAdd reason then
                    RegistryLog.redisGone log (string redis) reason
            // An unexpected error must not stop the loop, which would go unnoticed: the next round may succeed.
            | ex when not stopping.IsCancellationRequested ->
                version <- ""
                RegistryLog.synchronizationFailed log (string redis) ex
        }

    /// Whether Redis answered the last time.
    member _.IsUp = isUp

    interface IWorkerStore with
        member _.Attach(workers, configured) =
            list <- ValueSome workers

            lock gate (fun () ->
                shared <-
                    { shared with
                        Entries = Map.ofList [ for address in configured -> address, { Stamp = 0L; Listed = true } ]
                    })

            apply configured
            workers.Edited.Add edited

    override _.ExecuteAsync(_: CancellationToken) =
        task {
            try
                do! firstRound

                while true do
                    let! _ = signal.WaitAsync(pollInterval, stopping.Token)
                    do! synchronize ()
            with :? OperationCanceledException when stopping.IsCancellationRequested ->
                ()
        }

    override _.StartAsync(cancel: CancellationToken) =
        let configured = List.ofSeq applied
        firstRound <- synchronize ()

        let waitForStart =
            task {
                let! _ = Task.WhenAny(firstRound, Task.Delay(startupTimeout, time, cancel))

                for address in SharedWorkers.suppressed configured shared do
                    WorkersLog.workerSuppressed log address (string redis)
            }

        Task.WhenAll(waitForStart, base.StartAsync cancel)

    override _.StopAsync(cancel: CancellationToken) =
        stopping.Cancel()
        base.StopAsync cancel

    override _.Dispose() =
        link |> ValueOption.iter (fun link -> (link :> IDisposable).Dispose())
        stopping.Dispose()
        signal.Dispose()
        base.Dispose()
