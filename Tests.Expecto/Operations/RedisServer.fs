namespace Tests.Expecto.Operations

open System
open System.IO
open System.Threading.Tasks
open Tests.Expecto.EndToEnd

/// A redis-server on loopback that keeps nothing on disk, with a password; it can be ended and started again.
[<Sealed>]
type RedisServer private (port: int, folder: string) =
    static let password = "redis-7d1f0c5e-secret"

    let start () =
        task {
            let node =
                Node.Start(
                    "redis",
                    "redis-server",
                    [
                        "--port"
                        string port
                        "--bind"
                        "127.0.0.1"
                        "--save"
                        ""
                        "--appendonly"
                        "no"
                        "--requirepass"
                        password
                        "--dir"
                        folder
                    ],
                    []
                )

            do! node.Until("listening", TimeSpan.FromSeconds 20.0, (fun () -> Nodes.listens port))
            return node
        }

    let mutable node: Node option = None

    static member Start() =
        task {
            let server = new RedisServer(Nodes.freePort (), Programs.folder "redis")
            do! server.Begin()
            return server
        }

    static member Password = password

    /// As the nodes take it.
    member _.Url = $"redis://:{password}@127.0.0.1:{port}"

    member _.Begin() : Task<unit> =
        task {
            let! started = start ()
            node <- Some started
        }

    /// At once, with all that it held.
    member _.Kill() =
        node |> Option.iter (fun node -> (node :> IDisposable).Dispose())
        node <- None

    interface IDisposable with
        member server.Dispose() = server.Kill()
