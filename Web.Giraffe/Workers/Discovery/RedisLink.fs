namespace Web.Giraffe

open System
open System.Threading.Tasks
open StackExchange.Redis
open Transport.Redis

/// The registry's content in Redis.
type Snapshot =
    {
        Version: string
        /// Changes when Redis has lost its data.
        IncarnationId: string
        Shared: SharedWorkers
    }

/// A web node's connection to the Redis with the shared list. Errors are exceptions of StackExchange.Redis or
/// TimeoutException.
[<Sealed>]
type RedisLink private (connection: ConnectionMultiplexer, database: int) =
    let keys (names: string list) =
        names |> List.map RedisKey.op_Implicit |> Array.ofList

    let values (texts: string list) : RedisValue[] =
        texts |> List.map RedisValue.op_Implicit |> Array.ofList

    let texts (result: RedisResult) : string list =
        match RedisResult.op_Explicit result: (string | null)[] | null with
        | null -> []
        | texts -> [ for text in texts -> string text ]

    let rec pairs (texts: string list) =
        match texts with
        | first :: second :: rest -> (first, second) :: pairs rest
        | _ -> []

    /// The maximum wait for an unreachable Redis, in milliseconds.
    static let patience = 1000

    static let options (address: RedisAddress) =
        let options =
            ConfigurationOptions(
                AbortOnConnectFail = false,
                ConnectTimeout = patience,
                AsyncTimeout = patience,
                ConnectRetry = 1,
                ReconnectRetryPolicy = LinearRetry 250,
                // Commands fail at once while Redis is unreachable, since no request should wait for it.
                BacklogPolicy = BacklogPolicy.FailFast,
                Ssl = address.Tls,
                ClientName = "recognition-web",
                User = address.User,
                Password = address.Password
            )

        options.EndPoints.Add(address.Host, address.Port)
        options

    /// Connects without waiting for an unreachable Redis; retries in the background.
    static member Connect(address: RedisAddress) : Task<RedisLink> =
        task {
            let! connection = ConnectionMultiplexer.ConnectAsync(options address)
            return new RedisLink(connection, address.Database)
        }

    /// Calls `changed` for every published change, and when the connection is restored.
    member _.Listen(changed: unit -> unit) =
        task {
            connection.ConnectionRestored.Add(fun _ -> changed ())

            do!
                connection
                    .GetSubscriber()
                    .SubscribeAsync(
                        RedisChannel.Literal RedisSchema.Changed,
                        (fun _ _ -> changed ()),
                        CommandFlags.FireAndForget
                    )
        }

    /// Reads the registry. Returns nothing if `known` is still the current version.
    member _.Read(known: string) : Task<Snapshot option> =
        task {
            let! answer =
                connection
                    .GetDatabase(database)
                    .ScriptEvaluateAsync(
                        RedisSchema.Read,
                        keys
                            [
                                RedisSchema.Entries
                                RedisSchema.Announced
                                RedisSchema.Version
                                RedisSchema.IncarnationId
                            ],
                        values [ known; RedisSchema.Changed ]
                    )

            if answer.Length < 4 then
                return None
            else
                let entries =
                    pairs (texts answer[2])
                    |> List.choose (fun (address, text) -> SharedWorkers.tryEntry address text)

                let announced = texts answer[3] |> List.choose SharedWorkers.tryAnnouncement

                return
                    Some
                        {
                            Version = string answer[0]
                            IncarnationId = string answer[1]
                            Shared =
                                {
                                    Entries = Map.ofList entries
                                    Announced = Map.ofList announced
                                }
                        }
        }

    member _.Write(entries: Map<WorkerAddress, SharedEntry>) : Task =
        let arguments =
            [
                RedisSchema.Changed

                for KeyValue(address, entry) in entries do
                    let stamp, word = SharedWorkers.writeEntry entry
                    string address
                    stamp
                    word
            ]

        connection
            .GetDatabase(database)
            .ScriptEvaluateAsync(RedisSchema.Write, keys [ RedisSchema.Entries; RedisSchema.Version ], values arguments)

    interface IDisposable with
        member _.Dispose() = connection.Dispose()
