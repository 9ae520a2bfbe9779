namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Net
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open DnsClient
open DnsClient.Protocol
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging

/// The result of a query for one record type of a name.
type private DnsAnswer =
    /// The addresses and their time to live.
    | Addresses of IPAddress list * TimeSpan
    /// The server does not know the name, or has no address of this type.
    | NoAddress of reason: string
    /// No usable answer.
    | Unknown of reason: string

/// Keeps the workers of `dns://` names on the list: all A and AAAA records, queried again when their time to live
/// expires. If a query fails or returns no addresses, the name keeps its workers.
[<Sealed>]
type DnsDiscovery(settings: WorkersSettings, pool: WorkerPool, time: TimeProvider, log: ILogger<DnsDiscovery>) =
    static let minInterval = TimeSpan.FromSeconds 1.0
    static let maxInterval = TimeSpan.FromMinutes 5.0

    /// The query interval if no time to live is known.
    static let retryInterval = TimeSpan.FromSeconds 5.0

    /// How long startup waits for the first answers.
    static let startupTimeout = TimeSpan.FromSeconds 3.0

    let client =
        lazy
            (let options =
                match settings.NameServer with
                | Some server -> LookupClientOptions server
                | None -> LookupClientOptions()

             options.UseCache <- false
             options.Timeout <- TimeSpan.FromSeconds 2.0
             options.Retries <- 1
             LookupClient options)

    let stopping = new CancellationTokenSource()
    let mutable running: Task[] = [||]

    let query (name: string) kind =
        task {
            try
                let! answer = client.Value.QueryAsync(name, kind, cancellationToken = stopping.Token)

                let found =
                    answer.Answers
                    |> Seq.choose (fun record ->
                        match record with
                        | :? AddressRecord as record -> Some record
                        | _ -> None)
                    |> List.ofSeq

                if answer.Header.ResponseCode = DnsHeaderResponseCode.NotExistentDomain then
                    return NoAddress "no such name"
                elif answer.HasError then
                    return Unknown answer.ErrorMessage
                elif found.IsEmpty then
                    return NoAddress "no addresses"
                else
                    let seconds = answer.Answers |> Seq.map _.InitialTimeToLive |> Seq.min

                    return Addresses([ for record in found -> record.Address ], TimeSpan.FromSeconds(float seconds))
            with
            // A malformed answer from a name server can raise any exception.
            | ex when not stopping.IsCancellationRequested ->
                return Unknown ex.Message
        }

    /// Resolves a name by the system, which uses its hosts file and search domains but returns no time to live.
    let querySystem (name: string) =
        task {
            try
                let! found =
                    Dns.GetHostAddressesAsync(name, stopping.Token).WaitAsync(retryInterval, time, stopping.Token)

                return Some(Addresses(List.ofArray found, retryInterval))
            with
            | :? SocketException
            | :? TimeoutException -> return None
        }

    let lookUp name =
        task {
            let! both = Task.WhenAll [ query name QueryType.A; query name QueryType.AAAA ]

            if both |> Array.exists _.IsAddresses then
                return both
            else
                // A server can't resolve a short name: it may not know it, or forward it to servers that it can't
                // reach.
                match! querySystem name with
                | Some all -> return [| all; all |]
                | None -> return both
        }

    let follow (name: WorkerAddress) (first: TaskCompletionSource) =
        // The record types are independent: a failed query for one does not affect the other.
        let known = [| Set.empty; Set.empty |]
        let mutable current: Set<WorkerAddress> = Set.empty
        let mutable failing = false

        let apply () =
            let now =
                known
                |> Set.unionMany
                |> Set.map (fun host -> WorkerAddress.withoutTls host name.Port)

            for address in now - current do
                pool.ApplyDiscovery(address, true)

            for address in current - now do
                pool.ApplyDiscovery(address, false)

            if now <> current then
                current <- now
                RegistryLog.nameKnown log (string name) now.Count

        let round () =
            task {
                let! answers = lookUp name.Host
                let mutable next = maxInterval

                answers
                |> Array.iteri (fun kind answer ->
                    match answer with
                    | Addresses(found, timeToLive) ->
                        known[kind] <- set [ for address in found -> string address ]
                        next <- min next timeToLive
                    | NoAddress _ ->
                        // Only if the other type has addresses, since a name without any keeps its workers.
                        if answers |> Array.exists _.IsAddresses then
                            known[kind] <- Set.empty
                    | Unknown _ -> next <- min next retryInterval)

                match answers |> Array.tryFind _.IsAddresses, answers[0] with
                | None, (NoAddress reason | Unknown reason) ->
                    if not failing then
                        failing <- true
                        RegistryLog.nameUnknown log (string name) reason

                    next <- retryInterval
                | _ ->
                    failing <- false
                    apply ()

                first.TrySetResult() |> ignore
                return max minInterval (min maxInterval next)
            }

        task {
            try
                while true do
                    let! next =
                        task {
                            try
                                return! round ()
                            with ex when not stopping.IsCancellationRequested ->
                                RegistryLog.nameFailed log (string name) ex
                                return retryInterval
                        }

                    do! Task.Delay(next, time, stopping.Token)
            with _ when stopping.IsCancellationRequested ->
                ()
        }

    interface IHostedService with
        member _.StartAsync cancel =
            task {
                let firsts = [| for _ in settings.Names -> TaskCompletionSource() |]
                running <- [| for name, first in Seq.zip settings.Names firsts -> follow name first |]
                let all = Task.WhenAll [ for first in firsts -> first.Task ]
                let! _ = Task.WhenAny(all, Task.Delay(startupTimeout, time, cancel))
                ()
            }

        member _.StopAsync _ =
            stopping.Cancel()
            Task.WhenAll running

    interface IDisposable with
        member _.Dispose() = stopping.Dispose()
