/// The metrics of both nodes, as Prometheus's own programs read them.
module Tests.Expecto.Operations.MetricsTests

open System
open System.IO
open System.Net.Http
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Scenarios.Nodes
open Node.Hosting
open Tests.Expecto

let private token = "a token of more than sixteen characters"

/// A worker and a web node that also knows a dead worker; both scraped on ports of their own. They use TLS and a Redis,
/// so that all series are there.
let private nodes (authority: Authority) (redis: RedisNode) =
    task {
        let worker, dead = Nodes.freePort (), Nodes.freePort ()
        let workerMetrics, webMetrics = Nodes.freePort (), Nodes.freePort ()
        let server = authority.Sign("worker", Server [ "127.0.0.1" ])
        let client = authority.Sign("web", Client)

        let! workerNode =
            $"--metrics {workerMetrics} --announce {redis.Address} --tls-certificate {server.Certificate} "
            + $"--tls-key {server.Key} --tls-client-ca {authority.File}"
            |> Programs.arguments
            |> Nodes.worker worker

        let! web =
            Nodes.web
                [ dead ]
                [
                    $"--worker=tls://127.0.0.1:{worker}"
                    $"--Registry:Redis={redis.Address}"
                    $"--Client:TlsCa={authority.File}"
                    $"--Client:TlsCertificate={client.Certificate}"
                    $"--Client:TlsKey={client.Key}"
                    "--Pool:CheckSeconds=0"
                    $"--Metrics:Port={webMetrics}"
                    "--Metrics:Address=127.0.0.1"
                    $"--Admin:Token={token}"
                ]

        return workerNode, web, workerMetrics, webMetrics
    }

let private read (port: int) (path: string) =
    task {
        use client = new HttpClient()
        use! answer = client.GetAsync $"http://127.0.0.1:{port}{path}"
        let! text = answer.Content.ReadAsStringAsync()
        return int answer.StatusCode, text
    }

/// Every series that the dashboard's queries name.
let private dashboard () =
    let text =
        File.ReadAllText(Path.Combine(Repository.root, "deploy", "grafana", "recognition.json"))

    use document = JsonDocument.Parse text

    [
        for panel in document.RootElement.GetProperty("panels").EnumerateArray() do
            for target in panel.GetProperty("targets").EnumerateArray() do
                let expr = string (target.GetProperty "expr")

                for name in Regex.Matches(expr, @"\b(recognition|dotnet|http_server|kestrel)_[a-z_]+\b") do
                    if name.Value <> "http_response_status_code" then
                        name.Value
    ]
    |> Set.ofList

let private documented () =
    let text = File.ReadAllText(Path.Combine(Repository.root, "docs", "operations.md"))

    set
        [
            for name in Regex.Matches(text, @"`(recognition_[a-z_]+)`") -> name.Groups[1].Value
        ]

/// The families of a scrape, as their HELP lines name them.
let private families (text: string) =
    set
        [
            for name in Regex.Matches(text, @"^# HELP (recognition_[a-z_]+) ", RegexOptions.Multiline) ->
                name.Groups[1].Value
        ]

let private scraped =
    testTask "promtool accepts the metrics, Prometheus counts correctly, and dashboard and docs name existing metrics" {
        use authority = new Authority("Metrics")
        use redis = new RedisNode()
        do! redis.StartAsync()
        let! worker, web, workerMetrics, webMetrics = nodes authority redis
        use _ = worker
        use _ = web

        use! prometheus =
            Prometheus.Start
                [
                    "web", $"localhost:{web.Port}", Some token
                    "worker", $"127.0.0.1:{workerMetrics}", None
                ]

        for _ in 1..5 do
            let! status, answer = web.Classify(Repository.photograph "dog.jpg")
            Expect.equal status 200 $"{answer}"

        let! status, _ =
            web.Classify(Array.append [| 0xFFuy; 0xD8uy; 0xFFuy; 0xE0uy |] (Array.zeroCreate 2000))

        Expect.equal status 422 "no picture"

        let is (query: string) expected =
            Programs.eventually 20.0 (fun () -> $"{query} = {expected}\n{prometheus.Text}") (fun () ->
                task {
                    let! value = prometheus.Value query
                    return value = Some expected
                })

        do! is "sum(recognition_web_requests_total{job=\"web\",outcome=\"answered\"})" 5.0
        do! is "sum(recognition_web_requests_total{job=\"web\",outcome=\"image_refused\"})" 1.0
        do! is "sum(recognition_web_request_duration_seconds_count)" 6.0
        do! is "sum(recognition_web_ejections_total)" 1.0
        do! is "sum(recognition_web_workers{state=\"active\"})" 1.0
        do! is "recognition_web_redis_up" 1.0
        do! is "recognition_worker_redis_up" 1.0
        do! is $"recognition_worker_executors" (float Environment.ProcessorCount)
        do! is $"recognition_web_build_info{{commit=\"{BuildInfo.Current.Commit}\"}}" 1.0
        do! is $"recognition_worker_build_info{{version=\"{BuildInfo.Current.Version}\"}}" 1.0
        // The authority is good for ten days, the certificates for one.
        do!
            is
                "floor((recognition_worker_certificate_expiry_timestamp_seconds{certificate=\"ca\"} - time()) / 86400)"
                9.0

        do! is "floor((recognition_web_certificate_expiry_timestamp_seconds{certificate=\"own\"} - time()) / 3600)" 23.0

        do! is "sum(recognition_web_workers{state=\"inactive\"})" 1.0
        // The web node's negotiation and its question for the models are exchanges as well.
        do! is "sum(recognition_worker_exchanges_total{job=\"worker\",outcome=\"answered\"})" 7.0

        for stage in [ "transfer"; "queue"; "decode"; "inference" ] do
            let expected = if stage = "transfer" then 7.0 else 6.0
            do! is $"recognition_worker_stage_duration_seconds_count{{stage=\"{stage}\"}}" expected

        for stage in [ "queue"; "exchange" ] do
            let! value =
                prometheus.Value $"recognition_web_stage_duration_seconds_count{{stage=\"{stage}\"}}"

            Expect.isGreaterThanOrEqual (Option.defaultValue 0.0 value) 6.0 stage

        for stage in [ "transfer"; "worker_queue"; "decode"; "inference" ] do
            do! is $"recognition_web_stage_duration_seconds_count{{stage=\"{stage}\"}}" 5.0

        let! _, fromWeb = read webMetrics "/metrics"
        let! _, fromWorker = read workerMetrics "/metrics"

        for text in [ fromWeb; fromWorker ] do
            let! code, output = Programs.run "promtool" [ "check"; "metrics" ] text
            Expect.equal (code, output) (0, "") "no complaints"

        let there = MetricsText.names fromWeb + MetricsText.names fromWorker
        Expect.isEmpty (dashboard () - there) "the dashboard queries existing series"
        Expect.isNonEmpty (dashboard ()) "and some"

        Expect.equal
            (documented ())
            (families fromWeb + families fromWorker)
            "docs/operations.md lists all metrics, and no others"
    }

let private access =
    testTask
        "on the page's port administrators read the metrics, on their own port everyone does, and nothing else is served there" {
        use authority = new Authority("Metrics")
        use redis = new RedisNode()
        do! redis.StartAsync()
        let! worker, web, workerMetrics, webMetrics = nodes authority redis
        use _ = worker
        use _ = web
        let! status, _ = read web.Port "/metrics"
        Expect.equal status 401 "not without the token"

        for port in [ webMetrics; workerMetrics ] do
            for path, expected in
                [
                    "/metrics", 200
                    "/health/live", 200
                    "/workers", 404
                    "/add/127.0.0.1:1", 404
                ] do
                let! status, text = read port path
                Expect.equal status expected $"{path}: {text}"

        let! status, _ = read workerMetrics "/health/ready"
        Expect.equal status 200 "the worker has classified its own picture"
    }

let private wrong =
    testTask "a port in use and an invalid port are one line that names the option" {
        use busy = new Net.Sockets.TcpListener(Net.IPAddress.Loopback, 0)
        busy.Start()
        let taken = string (busy.LocalEndpoint :?> Net.IPEndPoint).Port
        let port = Nodes.freePort ()

        for option, start, arguments in
            [
                "--metrics", Nodes.startWorker, [ "--metrics"; taken ]
                "--metrics", Nodes.startWorker, [ "--metrics"; "many" ]
                "Metrics:Port", Nodes.startWeb, [ $"--Metrics:Port={port}"; "--Registry:Path=" ]
                "Metrics:Prot", Nodes.startWeb, [ "--Metrics:Prot=1"; "--Registry:Path=" ]
            ] do
            use node = start port arguments
            do! Programs.refuses option node
    }

let tests =
    testSequencedGroup "programs" <| testList "Metrics" [ scraped; access; wrong ]
