/// Faults at the start of the programs: one line that explains each, and the exit code.
module Tests.Expecto.EndToEnd.StartTests

open System
open System.IO
open System.Net
open System.Net.Sockets
open Expecto
open Tests.Expecto
open Tests.Expecto.EndToEnd.LifeTests

let private web options () =
    Nodes.startWeb (Nodes.freePort ()) ("--Registry:Path=" :: options)

let private worker options () =
    Nodes.startWorker (Nodes.freePort ()) options

/// The program ends with this code, and with one line that has `word`.
let private ends (code: int) (word: string) (start: unit -> Node) =
    task {
        use node = start ()
        do! Programs.refuses word node
        let! ended = node.EndedAsync(TimeSpan.FromSeconds 1.0)
        Expect.equal ended code node.Text
    }

let private ports =
    testTask "a port in use is one clear line and exit code 1" {
        use busy = new TcpListener(IPAddress.Loopback, 0)
        busy.Start()
        let port = (busy.LocalEndpoint :?> IPEndPoint).Port
        do! ends 1 (string port) (fun () -> Nodes.startWorker port [])
        let options = [ "--Http:Address=127.0.0.1"; "--Registry:Path=" ]
        do! ends 1 (string port) (fun () -> Nodes.startWeb port options)
    }

let private missing =
    testTask "a missing model is one clear line" {
        let empty = Repository.artifacts "no-models"

        let folder =
            Directory.CreateDirectory(Path.Combine(empty, "squeezenet1_1")).FullName

        let manifest =
            Path.Combine(Repository.root, "models", "squeezenet1_1", "model.json")

        File.Copy(manifest, Path.Combine(folder, "model.json"), true)
        use node = worker [ "--models"; empty; "--mirror"; empty; "--offline" ] ()
        do! Programs.refuses "squeezenet1_1" node
    }

let private settings =
    testTask "a setting that is unknown or invalid is one clear line and exit code 2" {
        for word, start in
            [
                "Pool:InFlight", web [ "--Pool:InFlight=many" ]
                "70000", web [ "--worker"; "127.0.0.1:70000" ]
                "Did you mean --Pool:InFlight?", web [ "--Pol:InFlight=4" ]
                "/nowhere.pem", web [ "--Client:TlsCa=/nowhere.pem" ]
                "/nowhere.pem", web [ "--Client:TlsCertificate=/nowhere.pem" ]
                "/nowhere", web [ "--Api:KeysFile=/nowhere" ]
                "nonsense", web [ "--Http:TrustedProxies=nonsense" ]
                "nonsense", web [ "--Admin:AllowedNetworks=nonsense" ]
                "Registry:Redis must be", web [ "--Registry:Redis=http://x" ]
                "nonsense", web [ "--worker=nonsense" ]
                "Nonsense", web [ "--Pool:Policy=Nonsense" ]
                "nonsense", web [ "--Discovery:Server=nonsense" ]
                "cores", worker [ "--cores"; "many" ]
                "Did you mean --cores?", worker [ "--coers"; "1" ]
                "/nowhere.pem", worker [ "--tls-certificate"; "/nowhere.pem" ]
                "Worker:Announce", worker [ "--announce"; "http://x" ]
                "Did you mean Worker:Cores?",
                (fun () -> Nodes.startWorkerAt "127.0.0.1" [ "Worker__Corse", "1" ] (Nodes.freePort ()) [])
            ] do
            do! ends 2 word start
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

/// Both programs of a machine want the same port.
let private grpcPorts =
    testTask "gRPC is off where its default port is taken; a port that was asked for and is taken is exit code 1" {
        // Whoever has it.
        use other = new TcpListener(IPAddress.Loopback, 8001)

        try
            other.Start()
        with :? SocketException ->
            ()

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

        let starts (node: Node) =
            Programs.logs 60.0 node (fun () -> node.Text.Contains "Application started")

        use first = start []
        do! starts first

        Expect.stringContains
            first.Text
            "[3020] gRPC is off: port 8001 is in use. Choose another port"
            "why, and what to do"

        let port = Nodes.freePort ()
        use second = start [ $"--Http:GrpcPort={port}" ]
        do! starts second
        use third = start [ $"--Http:GrpcPort={port}" ]
        do! Programs.refuses $"Port {port} is in use: choose another one with Http:GrpcPort." third
        let! code = third.EndedAsync(TimeSpan.FromSeconds 1.0)
        Expect.equal code 1 third.Text
    }

let tests =
    testSequencedGroup "programs"
    <| testList "Start" [ ports; missing; settings; unusable; grpcPorts ]
