namespace Web.Giraffe

open System
open System.Threading.Tasks
open StackExchange.Redis
open Node.Hosting.Redis

/// The registry's content in Redis.
type RegistrySnapshot =
    {
        Version: string
        /// Changes when Redis has lost its data.
        IncarnationId: string
        Shared: SharedWorkers
        /// Announcements that were not renewed in time. A worker that stops removes its own.
        Expired: Map<WorkerAddress, int64>
    }

/// A web node's connection to the Redis with the shared list. Errors are exceptions that
/// `RedisConnection.IsExpected` accepts.
[<Sealed>]
type RedisLink private (connection: RedisConnection) =
    let values (texts: string list) : RedisValue[] =
        texts |> List.map RedisValue.op_Implicit |> Array.ofList

    let texts (result: RedisResult) : string list =
        match RedisResult.op_Explicit result: (string | null)[] | null with
        | null -> []
        | texts -> [ for text in texts -> string text ]

    let schema = connection.Schema

    /// Connects without waiting for an unreachable Redis; retries in the background.
    static member Connect(address: RedisAddress) : Task<RedisLink> =
        task {
            let! connection = RedisConnection.ConnectAsync(address, "recognition-web")
            return new RedisLink(connection)
        }

    /// Calls `changed` for every published change, and when the connection is restored.
    member _.Listen(changed: unit -> unit) : Task =
        connection.add_Restored (Action changed)
        connection.SubscribeAsync(schema.Changed, Action changed)

    /// Describes an error in one line.
    member _.Describe(error: exn) = connection.Describe error

    /// Reads the registry. Returns nothing if `known` is still the current version.
    member _.Read(known: string) : Task<RegistrySnapshot option> =
        task {
            let! answer =
                connection.EvaluateAsync(
                    RedisSchema.Read,
                    [| schema.Entries; schema.Announced; schema.Version; schema.IncarnationId |],
                    values [ known; string RedisSchema.Retention ]
                )

            if answer.Length < 5 then
                return None
            else
                let entries =
                    texts answer[2]
                    |> List.chunkBySize 2
                    |> List.choose (function
                        | [ address; entry ] -> SharedWorkers.tryEntry address entry
                        | _ -> None)

                let announcements (result: RedisResult) =
                    texts result |> List.choose SharedWorkers.tryAnnouncement |> Map.ofList

                return
                    Some
                        {
                            Version = string answer[0]
                            IncarnationId = string answer[1]
                            Shared =
                                {
                                    Entries = Map.ofList entries
                                    Announced = announcements answer[3]
                                }
                            Expired = announcements answer[4]
                        }
        }

    member _.Write(entries: Map<WorkerAddress, SharedEntry>) : Task =
        let arguments =
            [
                schema.Changed

                for KeyValue(address, entry) in entries do
                    let stamp, word = SharedWorkers.writeEntry entry
                    string address
                    stamp
                    word
            ]

        connection.EvaluateAsync(RedisSchema.Write, [| schema.Entries; schema.Version |], values arguments)

    interface IDisposable with
        member _.Dispose() = connection.Dispose()
