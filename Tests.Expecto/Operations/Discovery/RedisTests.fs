/// One worker list for several web nodes, in a real Redis that also dies.
module Tests.Expecto.Operations.RedisTests

open System
open System.Diagnostics
open System.Net.Http
open System.Threading.Tasks
open Expecto
open Scenarios.Nodes
open Tests.Expecto

let private listed (web: WebNode) =
    task {
        let! uses = web.Uses()
        return set (List.map fst uses)
    }

let private name (port: int) = $"127.0.0.1:{port}"

/// Until all of these have exactly these workers.
let private have seconds (webs: WebNode list) (ports: int list) =
    let wanted = set (List.map name ports)
    let mutable last = []

    Programs.eventually
        seconds
        (fun () ->
            $"{last} instead of {wanted}\n"
            + String.concat "\n" [ for web in webs -> web.Node.Text ])
        (fun () ->
            task {
                let! lists = Task.WhenAll(List.map listed webs)
                last <- List.ofArray lists
                return lists |> Array.forall (fun list -> list = wanted)
            })

let private change (web: WebNode) (method: HttpMethod) (port: int) =
    task {
        use! answer =
            web.Client.SendAsync(new HttpRequestMessage(method, $"/api/workers/{name port}"))

        Expect.isTrue answer.IsSuccessStatusCode $"{method} {port}: {answer.StatusCode}"
    }

let private node (redis: RedisNode) (workers: int list) =
    Nodes.web workers [ $"--Registry:Redis={redis.Address}"; "--Pool:CheckSeconds=0" ]

let private lines (web: WebNode) (event: int) =
    web.Node.Lines
    |> Array.filter (fun line -> line.Contains $"[{event}]")
    |> Array.length

let private together =
    testTask "a change at one web node reaches all within a second, also after a Redis restarts empty" {
        use redis = new RedisNode()
        do! redis.StartAsync()
        let a, b, c, d, e = 7101, 7102, 7103, 7104, 7105
        use! first = node redis [ a ]
        use! second = node redis [ a; b ]
        do! have 5.0 [ first; second ] [ a; b ]
        let watch = Stopwatch.StartNew()
        do! change first HttpMethod.Put c
        do! have 1.0 [ first; second ] [ a; b; c ]
        do! change second HttpMethod.Delete a
        do! have 1.0 [ first; second ] [ b; c ]
        Expect.isLessThan watch.Elapsed.TotalSeconds 2.0 "both within their second"

        // Removed by an operator: the settings of a node that starts don't bring it back.
        use! third = node redis [ a ]
        do! have 5.0 [ third ] [ b; c ]
        Expect.equal (lines third 2023) 1 "which is logged"

        // Without the Redis, each node goes on and accepts changes.
        redis.Kill()
        do! change first HttpMethod.Put d
        do! change second HttpMethod.Put e
        do! change third HttpMethod.Delete b
        do! have 3.0 [ first ] [ b; c; d ]
        do! have 1.0 [ second ] [ b; c; e ]
        do! have 1.0 [ third ] [ c ]
        do! Task.Delay 2500

        for web in [ first; second; third ] do
            // The lost connection, and why there is no other.
            let causes =
                web.Node.Lines |> Array.filter _.Contains("[2050]") |> Array.map _.Substring(24)

            Expect.isTrue (causes.Length = 1 || causes.Length = 2) $"it is logged\n{web.Node.Text}"
            Expect.equal causes (Array.distinct causes) "once for each cause"
            Expect.isFalse (causes |> Array.exists _.Contains("rediss://")) "no advice for a port that has worked"

        // It comes back empty, and receives all entries again.
        do! redis.StartAsync()
        do! have 10.0 [ first; second; third ] [ c; d; e ]

        for web in [ first; second; third ] do
            Expect.equal (lines web 2051) 1 "the recovery is logged once"
            Expect.isFalse (web.Node.Text.Contains RedisNode.Password) "no password in the log"

        use! fourth = node redis []
        do! have 5.0 [ fourth ] [ c; d; e ]
    }

let private announced =
    testTask
        "an announced worker is used by all, survives a restart of the Redis, and leaves when it is stopped or killed" {
        use redis = new RedisNode()
        do! redis.StartAsync()
        use! first = node redis []
        use! second = node redis []
        let one, two = Nodes.freePort (), Nodes.freePort ()
        use! worker = Nodes.worker one [ "--announce"; redis.Address ]

        use! other =
            Nodes.worker two [ "--announce"; redis.Address; "--announce-as"; name two ]

        do! have 5.0 [ first; second ] [ one; two ]

        for web in [ first; second ] do
            let! status, answer = web.Classify(Repository.photograph "dog.jpg")
            Expect.equal status 200 $"{answer}"

        // A new Redis lacks them for a moment; no web node's list does.
        redis.Kill()
        do! Task.Delay 1500
        do! redis.StartAsync()
        let watch = Stopwatch.StartNew()

        while watch.Elapsed.TotalSeconds < 3.0 do
            for web in [ first; second ] do
                let! list = listed web
                Expect.equal list (set [ name one; name two ]) "always"

        // An operator's removal holds while the worker runs.
        do! change first HttpMethod.Delete two
        do! have 1.0 [ first; second ] [ one ]
        do! Task.Delay 2000
        do! have 1.0 [ first; second ] [ one ]

        // On SIGTERM at once, without waiting for its heartbeat to end.
        do! Task.Delay 4000
        worker.Send Signal.Terminate
        do! have 1.5 [ first; second ] []

        let port = Nodes.freePort ()
        use! third = Nodes.worker port [ "--announce"; redis.Address ]
        do! have 5.0 [ first; second ] [ port ]
        third.Send Signal.Kill
        do! have 10.0 [ first; second ] []
        Expect.isFalse (worker.Text.Contains RedisNode.Password) "no password in the log"
    }

let private outside =
    testTask "a worker announced from outside of the allowed networks is not used, which is logged once" {
        use redis = new RedisNode()
        do! redis.StartAsync()

        use! web =
            Nodes.web
                []
                [
                    $"--Registry:Redis={redis.Address}"
                    "--Pool:CheckSeconds=0"
                    "--Admin:AllowedNetworks=10.0.0.0/8"
                ]

        let port = Nodes.freePort ()
        use! _ = Nodes.worker port [ "--announce"; redis.Address ]

        do! Programs.logs 10.0 web.Node (fun () -> lines web 2052 = 1)
        do! Task.Delay 2500
        Expect.equal (lines web 2052) 1 "once"
        do! have 1.0 [ web ] []
    }

let private wrong =
    testTask "an invalid Redis is one line without its password" {
        for option, start, arguments in
            [
                "Registry:Redis", Nodes.startWeb, [ "--Registry:Redis=http://x:s3cret@y" ]
                "--announce", Nodes.startWorker, [ "--announce"; "http://x:s3cret@y" ]
                "--announce-as", Nodes.startWorker, [ "--announce"; "localhost"; "--announce-as"; "me" ]
            ] do
            use node = start (Nodes.freePort ()) arguments
            do! Programs.refuses option node
            Expect.isFalse (node.Text.Contains "s3cret") node.Text
    }

let tests =
    testSequencedGroup "programs"
    <| testList "Redis" [ together; announced; outside; wrong ]
