namespace Tests.Expecto.Deployment

open System
open System.IO
open System.Threading.Tasks
open Tests.Expecto

/// Debian's nginx on loopback, in front of a web node.
[<Sealed>]
type Nginx private (node: Node, port: int) =
    /// `servers`: what belongs into nginx's block `http`; it makes nginx listen on `port`.
    static member Start(port: int, servers: string) : Task<Nginx> =
        task {
            let folder = Programs.folder "nginx"
            let file = Path.Combine(folder, "nginx.conf")

            File.WriteAllLines(
                file,
                [
                    "daemon off;"
                    // Who starts it as root must be able to read the test's folder.
                    if Environment.UserName = "root" then
                        "user root;"
                    "worker_processes 1;"
                    $"pid {folder}/nginx.pid;"
                    $"error_log {folder}/error.log;"
                    "events {}"
                    "http {"
                    $"access_log off;"
                    for kind in [ "client_body"; "proxy"; "fastcgi"; "uwsgi"; "scgi" ] do
                        $"{kind}_temp_path {folder}/{kind};"
                    servers
                    "}"
                ]
            )

            let node = Node.Start("nginx", "nginx", [ "-p"; folder; "-c"; file ], [])
            do! node.UntilAsync("listening", TimeSpan.FromSeconds 30.0, (fun () -> Nodes.listens port))
            return new Nginx(node, port)
        }

    member _.Port = port

    interface IDisposable with
        member _.Dispose() = (node :> IDisposable).Dispose()
