/// How the programs begin and end: what a restart remembers, what SIGTERM waits for, what keeps them from starting.
module Tests.Expecto.EndToEnd.LifeTests

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Tests.Expecto

let private restart =
    testCaseTask "the worker list survives a restart, and a damaged one is set aside"
    <| fun () ->
        task {
            let folder =
                Path.Combine(Repository.artifacts "registry", Guid.NewGuid().ToString "N")

            let file = Path.Combine(folder, "workers.json")

            let start () =
                Nodes.web [] [ $"--Registry:Path={file}" ]

            let listed () =
                task {
                    use! web = start ()
                    let! uses = web.Uses()
                    return List.map fst uses, web.Node.Text
                }

            do!
                task {
                    use! web = start ()
                    use! _ = web.Client.GetAsync "/add/127.0.0.1:7001"
                    use! _ = web.Client.GetAsync "/add/127.0.0.1:7002"
                    use! _ = web.Client.GetAsync "/del/127.0.0.1:7001"
                    web.Node.Send Signal.Kill
                }

            let! after, _ = listed ()
            Expect.equal after [ "127.0.0.1:7002" ] "as it was when the node was killed"
            File.WriteAllText(file, "{ \"workers\": [ 7")
            let! after, said = listed ()
            Expect.equal after [] "a damaged list is not fatal"
            Expect.stringContains said "damaged" "it is said"
            Expect.isNonEmpty (Directory.GetFiles(folder, "*damaged*")) "and kept aside"
        }

let private ends =
    testCaseTask "on SIGTERM running exchanges finish, new ones are refused, and the exit code is 0"
    <| fun () ->
        task {
            let port = Nodes.freePort ()
            use! worker = Nodes.worker port []
            use! web = Nodes.web [ port ] []
            let running = [ for _ in 1..6 -> web.Classify(Repository.photograph "dog.jpg") ]
            do! Task.Delay 30
            web.Node.Send Signal.Terminate
            let! answers = Task.WhenAll running

            for status, answer in answers do
                Expect.equal status 200 $"{answer}"

            let! code = web.Node.EndedAsync(TimeSpan.FromSeconds 15.0)
            Expect.equal code 0 "the web node"
            worker.Send Signal.Terminate
            let! code = worker.EndedAsync(TimeSpan.FromSeconds 15.0)
            Expect.equal code 0 "the worker"
        }

let private wrong =
    testCaseTask "a port in use, a missing model and an unknown option are one clear line and a non-zero exit code"
    <| fun () ->
        task {
            use busy = new Net.Sockets.TcpListener(Net.IPAddress.Loopback, 0)
            busy.Start()
            let port = (busy.LocalEndpoint :?> Net.IPEndPoint).Port

            let fails (node: Node) (word: string) =
                task {
                    use node = node
                    let! code = node.EndedAsync(TimeSpan.FromSeconds 30.0)
                    Expect.isGreaterThan code 0 node.Text
                    let said = node.Errors
                    Expect.equal said.Length 1 $"one line:\n{node.Text}"
                    Expect.stringContains said[0] word "that says what is wrong"
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

let private truncated =
    testCaseTask "a truncated appsettings.json is one clear line and exit code 2"
    <| fun () ->
        task {
            for project, arguments in [ "Web.Giraffe", [ "--port"; "0" ]; "Worker.Cs", [ "127.0.0.1"; "0" ] ] do
                let folder = Directory.CreateTempSubdirectory "truncated-"

                try
                    let program = Nodes.program project

                    for file in Directory.GetFiles(Unchecked.nonNull (Path.GetDirectoryName program)) do
                        File.Copy(file, Path.Combine(folder.FullName, Unchecked.nonNull (Path.GetFileName file)))

                    let settings = Path.Combine(folder.FullName, "appsettings.json")
                    File.WriteAllText(settings, """{ "Logging": { """)

                    use node =
                        Node.Start(project, Path.Combine(folder.FullName, project), arguments, [])

                    let! code = node.EndedAsync(TimeSpan.FromSeconds 30.0)
                    Expect.equal code 2 node.Text
                    Expect.equal node.Lines.Length 1 $"one line:\n{node.Text}"
                    Expect.stringContains node.Errors[0] settings "the file"
                finally
                    folder.Delete true
        }

let tests = testSequenced <| testList "Life" [ restart; ends; wrong; truncated ]
