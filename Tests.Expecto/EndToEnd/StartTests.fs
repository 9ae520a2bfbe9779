/// What keeps the programs from starting: the line that says so, and the exit code.
module Tests.Expecto.EndToEnd.StartTests

open System
open System.IO
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto
open Transport
open Tests.Expecto
open Tests.Expecto.EndToEnd.LifeTests

let private wrong =
    testTask "a port in use, a missing model and an unknown option are one clear line and a non-zero exit code" {
        use busy = new Net.Sockets.TcpListener(Net.IPAddress.Loopback, 0)
        busy.Start()
        let port = (busy.LocalEndpoint :?> Net.IPEndPoint).Port

        let fails (node: Node) (word: string) =
            task {
                use node = node
                let! code = node.EndedAsync(TimeSpan.FromSeconds 30.0)
                Expect.isGreaterThan code 0 node.Text
                let output = node.Errors
                Expect.equal output.Length 1 $"one line:\n{node.Text}"
                Expect.stringContains output[0] word "that says what is wrong"
            }

        do! fails (Nodes.startWorker port []) (string port)
        do! fails (Nodes.startWeb port [ "--Http:Address=127.0.0.1"; "--Registry:Path=" ]) (string port)
        do! fails (Nodes.startWeb (Nodes.freePort ()) [ "--Pool:InFlight=many" ]) "Pool:InFlight"
        do! fails (Nodes.startWeb (Nodes.freePort ()) [ "--worker"; "127.0.0.1:70000" ]) "70000"
        do! fails (Nodes.startWorker (Nodes.freePort ()) [ "--cores"; "many" ]) "cores"
        do! fails (Nodes.startWeb (Nodes.freePort ()) [ "--Pol:InFlight=4" ]) "Did you mean --Pool:InFlight?"
        do! fails (Nodes.startWorker (Nodes.freePort ()) [ "--coers"; "1" ]) "Did you mean --cores?"
        let variables = [ "Worker__Corse", "1" ]
        do! fails (Nodes.startWorkerAt "127.0.0.1" variables (Nodes.freePort ()) []) "Did you mean Worker:Cores?"

        let empty = Repository.artifacts "no-models"
        Directory.CreateDirectory(Path.Combine(empty, "squeezenet1_1")) |> ignore

        File.Copy(
            Path.Combine(Repository.root, "models", "squeezenet1_1", "model.json"),
            Path.Combine(empty, "squeezenet1_1", "model.json"),
            true
        )

        let without = [ "--models"; empty; "--mirror"; empty; "--offline" ]
        do! fails (Nodes.startWorker (Nodes.freePort ()) without) "squeezenet1_1"
    }

let private unusable =
    testTask "an appsettings.json that can't be used is one clear line and exit code 2" {
        for project, arguments in [ "Web.Giraffe", [ "--port"; "0" ]; "Worker.Cs", [ "127.0.0.1"; "0" ] ] do
            let folder = copied project ""
            let settings = Path.Combine(folder.FullName, "appsettings.json")

            try
                for write, says in
                    [
                        (fun () -> ()), "at line 1, byte 1."
                        (fun () -> File.WriteAllText(settings, "{\n \"Logging\": { ")), "at line 2, byte 15."
                        (fun () -> File.WriteAllText(settings, "[]")), "must be an object"
                        (fun () -> File.WriteAllText(settings, """{ "Logging": 1, "logging": 2 }""")), "duplicate"
                        (fun () ->
                            File.Delete settings
                            File.CreateSymbolicLink(settings, "/nowhere/appsettings.json") |> ignore),
                        "Could not find"
                    ] do
                    write ()

                    use node =
                        Node.Start(project, Path.Combine(folder.FullName, project), arguments, [])

                    let! code = node.EndedAsync(TimeSpan.FromSeconds 30.0)
                    Expect.equal code 2 node.Text
                    Expect.equal node.Lines.Length 1 $"one line:\n{node.Text}"
                    Expect.stringContains node.Errors[0] settings "the file"
                    Expect.stringContains node.Errors[0] says "what is wrong"
            finally
                folder.Delete true
    }

let private exitCodes =
    testTask "a wrong setting is exit code 2 from both programs, a port in use is 1" {
        let ends (code: int) (node: Node) =
            task {
                use node = node
                let! ended = node.EndedAsync(TimeSpan.FromSeconds 60.0)
                Expect.equal ended code node.Text
                Expect.isFalse (node.Text.Contains "   at ") $"no stack trace:\n{node.Text}"
            }

        let web options =
            Nodes.startWeb (Nodes.freePort ()) ("--Registry:Path=" :: options)

        let worker options =
            Nodes.startWorker (Nodes.freePort ()) options

        for option in
            [
                "--Client:TlsCa=/nowhere.pem"
                "--Client:TlsCertificate=/nowhere.pem"
                "--Api:KeysFile=/nowhere"
                "--Http:TrustedProxies=nonsense"
                "--Admin:AllowedNetworks=nonsense"
                "--Registry:Redis=http://x"
                "--worker=nonsense"
                "--Pool:Policy=Nonsense"
                "--Discovery:Server=nonsense"
            ] do
            do! ends 2 (web [ option ])

        for options in
            [
                [ "--tls-certificate"; "/nowhere.pem" ]
                [ "--announce"; "http://x" ]
                [ "--cores"; "none" ]
            ] do
            do! ends 2 (worker options)

        use busy = new Net.Sockets.TcpListener(Net.IPAddress.Loopback, 0)
        busy.Start()
        let taken = (busy.LocalEndpoint :?> Net.IPEndPoint).Port
        do! ends 1 (Nodes.startWeb taken [ "--Registry:Path="; "--Http:Address=127.0.0.1" ])
        do! ends 1 (Nodes.startWorker taken [])
    }

/// Both programs of a machine want the same port.
let private grpcPorts =
    testTask "gRPC is off where its default port is taken; a port that was asked for and is taken is exit code 1" {
        // Whoever has it.
        let other = new Net.Sockets.TcpListener(Net.IPAddress.Loopback, 8001)

        try
            other.Start()
        with :? Net.Sockets.SocketException ->
            ()

        use _ = other

        let start options =
            let arguments =
                [
                    "--port"
                    string (Nodes.freePort ())
                    "--Http:Address=localhost"
                    "--Registry:Path="
                    "--Admin:TrustLoopback=true"
                ]

            Node.Start("web", Nodes.program "Web.Giraffe", arguments @ options, [])

        let saying (node: Node) =
            node.UntilAsync(
                "started",
                TimeSpan.FromSeconds 60.0,
                (fun () -> Task.FromResult(node.Text.Contains "Application started"))
            )

        use first = start []
        do! saying first

        Expect.stringContains
            first.Text
            "[3020] gRPC is off: port 8001 is in use. Choose another port"
            "why, and what to do"

        let port = Nodes.freePort ()
        use second = start [ $"--Http:GrpcPort={port}" ]
        do! saying second
        use third = start [ $"--Http:GrpcPort={port}" ]
        let! code = third.EndedAsync(TimeSpan.FromSeconds 60.0)
        Expect.equal code 1 third.Text

        Expect.equal
            (List.ofSeq third.Errors)
            [ $"Port {port} is in use: choose another one with Http:GrpcPort." ]
            "one line"
    }

let tests =
    testSequencedGroup "programs"
    <| testList "Start" [ wrong; unusable; exitCodes; grpcPorts ]
