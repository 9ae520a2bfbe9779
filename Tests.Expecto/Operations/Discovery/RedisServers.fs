/// Redis servers, and nodes that share a list in them.
module Tests.Expecto.Operations.RedisServers

open System
open System.Threading.Tasks
open Expecto
open Scenarios.Nodes
open Tests.Expecto

let password = RedisNode.Password
let within (seconds: float) = TimeSpan.FromSeconds seconds

/// A redis-server with these options, which make it listen on `port`.
let server (port: int) (options: string) =
    task {
        let common =
            [ "--bind"; "127.0.0.1"; "--save"; ""; "--dir"; Programs.folder "redis" ]

        let node =
            Node.Start("redis", "redis-server", common @ Programs.arguments options, [])

        do! node.UntilAsync("listening", within 20.0, (fun () -> Nodes.listens port))
        return node
    }

let plain (port: int) =
    server port $"--port {port} --requirepass {password}"

let cli (port: int) (command: string) =
    task {
        let! code, output =
            Programs.run "redis-cli" (Programs.arguments $"-p {port} --no-auth-warning -a {password} {command}") ""

        Expect.equal code 0 output
        return output.Trim()
    }

let web (redis: string) =
    Nodes.web [] [ $"--Registry:Redis={redis}"; "--Pool:CheckSeconds=0" ]

let has (web: WebNode) (worker: int) =
    Programs.eventually 15.0 (fun () -> web.Node.Text) (fun () ->
        task {
            let! uses = web.Uses()
            return List.map fst uses = [ $"127.0.0.1:{worker}" ]
        })

/// A worker that announces itself at this Redis is used by a web node that has the same address.
let shares (redis: string) =
    task {
        let port = Nodes.freePort ()
        use! worker = Nodes.worker port [ "--announce"; redis ]
        use! node = web redis
        do! has node port

        for output in [ worker.Text; node.Node.Text ] do
            Expect.isFalse (output.Contains password) "no password in the log"
    }

/// Checks that both nodes log one line with the cause for a Redis that can't be used, and that SIGTERM ends them.
let refusesWith (redis: string) (cause: string) =
    task {
        let! node = web redis
        use node = node
        use! worker = Nodes.worker (Nodes.freePort ()) [ "--announce"; redis ]

        for program, event in [ node.Node, "[2050]"; worker, "[222]" ] do
            let lines () =
                program.Lines |> Array.filter _.Contains(event)

            // Where the machine is busy, the first attempt may only time out.
            do! Programs.logs 20.0 program (fun () -> lines () |> Array.exists _.Contains(cause))

            do! Task.Delay 2500
            let output = lines () |> Array.map (fun line -> line.Substring(line.IndexOf event))
            Expect.equal output.Length (Array.distinct output).Length $"each cause once:\n{program.Text}"
            Expect.isFalse (program.Text.Contains "   at ") $"no stack trace:\n{program.Text}"
            Expect.isFalse (program.Text.Contains password) "no password"
            do! Programs.terminate program
    }
