/// Web node and workers as real processes over real sockets with the real model.
module Tests.Expecto.EndToEnd.ServiceTests

open System
open System.IO
open System.Net.Http
open System.Text.Json
open System.Threading.Tasks
open Expecto
open Tests.Expecto

let private top (answer: JsonElement) =
    let first = answer.GetProperty("predictions")[0]
    string (first.GetProperty "label"), first.GetProperty("probability").GetDouble()

let private workers count =
    task {
        let ports = [ for _ in 1..count -> Nodes.freePort () ]
        let! nodes = ports |> List.map (fun port -> Nodes.worker port []) |> Task.WhenAll
        return ports, nodes
    }

let private disposeAll (nodes: Node[]) =
    for node in nodes do
        (node :> IDisposable).Dispose()

let private uses (web: WebNode) =
    task {
        let! _, report = web.Get "/api/workers"

        return
            [
                for worker in report.GetProperty("workers").EnumerateArray() ->
                    string (worker.GetProperty "address"), worker.GetProperty("uses").GetInt32()
            ]
    }

let private reference =
    testCaseTask "every reference photograph, over HTTP and the wire"
    <| fun () ->
        task {
            let! ports, nodes = workers 1

            try
                use! web = Nodes.web ports []

                use expected =
                    JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.photographs, "reference.json")))

                for image in expected.RootElement.EnumerateObject() do
                    let! status, answer = web.Classify(Repository.photograph image.Name)
                    Expect.equal status 200 $"{answer}"
                    let label, probability = top answer
                    let best = image.Value.GetProperty("top5")[0]
                    Expect.equal label (string (best.GetProperty "label")) image.Name

                    Expect.floatClose
                        { absolute = 0.01; relative = 0.0 }
                        probability
                        (best.GetProperty("probability").GetDouble())
                        image.Name
            finally
                disposeAll nodes
        }

let private turns =
    testCaseTask "five uploads at once to three workers: all answered, the turns shared 2-2-1"
    <| fun () ->
        task {
            let! ports, nodes = workers 3

            try
                use! web = Nodes.web ports [ "--Pool:CheckSeconds=0" ]
                let dog = Repository.photograph "dog.jpg"
                let! answers = [ for _ in 1..5 -> web.Classify dog ] |> Task.WhenAll

                for status, answer in answers do
                    Expect.equal status 200 $"{answer}"
                    Expect.equal (fst (top answer)) "Samoyed" "the right answer"

                let! uses = uses web
                Expect.equal (List.map snd uses) [ 2; 2; 1 ] "in the order of the list"
            finally
                disposeAll nodes
        }

let private dead =
    testCaseTask "five uploads at once to three dead addresses: each inactive once, five clear errors"
    <| fun () ->
        task {
            let ports = [ for _ in 1..3 -> Nodes.freePort () ]
            use! web = Nodes.web ports [ "--Pool:CheckSeconds=0" ]
            let cheetah = Repository.photograph "cheetah1.jpg"
            let! answers = [ for _ in 1..5 -> web.Classify cheetah ] |> Task.WhenAll

            for status, answer in answers do
                Expect.equal status 503 $"{answer}"
                Expect.equal (string (answer.GetProperty "title")) "No active worker" "in JSON"

            for port in ports do
                let reports =
                    web.Node.Lines
                    |> Array.filter (fun line -> line.Contains $"127.0.0.1:{port}" && line.Contains "inactive")

                Expect.equal reports.Length 1 $"reported once:\n{web.Node.Text}"

            use form = new MultipartFormDataContent()
            form.Add(new ByteArrayContent(cheetah), "file", "cheetah.jpg")
            use! page = web.Client.PostAsync("/", form)
            let! text = page.Content.ReadAsStringAsync()
            Expect.equal (int page.StatusCode) 503 "the page's status"
            Expect.stringContains text "No active worker" "on the page"
        }

/// Asks without a pause until `stop`; every answer's worker, all of them 200.
let private load (web: WebNode) (picture: byte[]) (stop: unit -> bool) =
    task {
        let asked = ResizeArray<string>()

        while not (stop ()) do
            let! status, answer = web.Classify picture
            Expect.equal status 200 $"{answer}"
            asked.Add(string (answer.GetProperty "worker"))

        return asked
    }

let private whileRunning =
    testCaseTask "a worker added by its URL while requests run is used from then on, a removed one no more"
    <| fun () ->
        task {
            let! ports, nodes = workers 2

            try
                let first, second = ports[0], ports[1]
                use! web = Nodes.web [ first ] [ "--Pool:CheckSeconds=0" ]
                let cheetah = Repository.photograph "cheetah1.jpg"
                let mutable over = false
                let clients = [ for _ in 1..4 -> load web cheetah (fun () -> over) ]

                let counts () =
                    task {
                        let! uses = uses web
                        return Map.ofList uses
                    }

                let until condition =
                    task {
                        let clock = Diagnostics.Stopwatch.StartNew()
                        let! now = counts ()
                        let mutable holds = condition now

                        while not holds do
                            Expect.isLessThan clock.Elapsed (TimeSpan.FromSeconds 20.0) "in time"
                            do! Task.Delay 20
                            let! now = counts ()
                            holds <- condition now
                    }

                do! until (fun uses -> uses[$"127.0.0.1:{first}"] >= 10)
                use! added = web.Client.GetAsync $"/add/127.0.0.1:{second}"
                Expect.isTrue added.IsSuccessStatusCode "added"
                do! until (fun uses -> uses[$"127.0.0.1:{second}"] >= 10)

                use! removed = web.Client.GetAsync $"/del/127.0.0.1:{first}"
                Expect.isTrue removed.IsSuccessStatusCode "removed"
                // What was asked before the removal may still be on its way.
                do! Task.Delay 500
                let! _ = uses web
                let! after = web.Classify cheetah
                over <- true
                let! asked = Task.WhenAll clients
                Expect.equal (string ((snd after).GetProperty "worker")) $"127.0.0.1:{second}" "the other one"

                for answers in asked do
                    Expect.contains answers $"127.0.0.1:{first}" "used at first"
                    Expect.equal answers[answers.Count - 1] $"127.0.0.1:{second}" "no more at last"
            finally
                disposeAll nodes
        }

let private refused =
    testCaseTask "what the worker can't decode is the user's error, and costs no worker its place"
    <| fun () ->
        task {
            let! ports, nodes = workers 1

            try
                use! web = Nodes.web ports []
                // A JPEG's first bytes, so that the web node takes it for one.
                let broken =
                    Array.append [| 0xFFuy; 0xD8uy; 0xFFuy; 0xE0uy |] (Array.zeroCreate 2000)

                let! status, answer = web.Classify broken
                Expect.equal status 422 $"{answer}"
                let! status, _ = web.Classify(Repository.photograph "lion.webp")
                Expect.equal status 200 "the worker has its place"
            finally
                disposeAll nodes
        }

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
                    let! uses = uses web
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
    testCaseTask "SIGTERM: running exchanges finish, nothing new is taken, exit 0"
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

            let! code = web.Node.Ended(TimeSpan.FromSeconds 15.0)
            Expect.equal code 0 "the web node"
            worker.Send Signal.Terminate
            let! code = worker.Ended(TimeSpan.FromSeconds 15.0)
            Expect.equal code 0 "the worker"
        }

let private wrong =
    testCaseTask "a taken port, a missing model and a wrong option are one clear line and a non-zero exit"
    <| fun () ->
        task {
            use busy = new Net.Sockets.TcpListener(Net.IPAddress.Loopback, 0)
            busy.Start()
            let port = (busy.LocalEndpoint :?> Net.IPEndPoint).Port

            let fails (node: Node) (word: string) =
                task {
                    use node = node
                    let! code = node.Ended(TimeSpan.FromSeconds 30.0)
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

            let empty = Repository.artifacts "no-models"

            File.Copy(
                Path.Combine(Repository.root, "models", "squeezenet1_1.json"),
                Path.Combine(empty, "squeezenet1_1.json"),
                true
            )

            let without = [ "--models"; empty; "--mirror"; empty; "--offline" ]
            do! fails (Nodes.startWorker (Nodes.freePort ()) without) "squeezenet1_1"
        }

let tests =
    testSequenced
    <| testList "Service" [ reference; turns; dead; whileRunning; refused; restart; ends; wrong ]
