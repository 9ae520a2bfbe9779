/// The parts of Kubernetes' manifests fit each other and the programs.
module Tests.Expecto.Deployment.ManifestsTests

open System
open System.IO
open System.Net
open System.Net.Http
open System.Net.Http.Headers
open System.Text.RegularExpressions
open Expecto
open YamlDotNet.RepresentationModel
open Tests.Expecto
open Tests.Expecto.Operations

let private deploy = Path.Combine(Repository.root, "deploy")

let private base' = lazy (Rendered.kustomize "base")
let private manifests = lazy (Yaml.parse base'.Value)

let private ofKind kind =
    manifests.Value |> List.filter (fun one -> Yaml.text [ "kind" ] one = kind)

let private workloads () =
    ofKind "Deployment" @ ofKind "StatefulSet"

let private pod = [ "spec"; "template"; "spec" ]
let private labels = Yaml.pairs [ "spec"; "template"; "metadata"; "labels" ]

let private containers workload =
    Yaml.list (pod @ [ "containers" ]) workload

let private ports container =
    Yaml.list [ "ports" ] container
    |> List.map (fun port -> Yaml.text [ "name" ] port, Yaml.text [ "containerPort" ] port)

let private workloadOf selector =
    match workloads () |> List.filter (fun one -> labels one = selector) with
    | [ one ] -> one
    | found -> failwithf "%A selects %d workloads" selector found.Length

let private fits =
    testCase "every selector matches a workload, and every named port is open"
    <| fun () ->
        Expect.equal (workloads ()).Length 2 "the web nodes and the workers"

        for workload in workloads () do
            Expect.equal (Yaml.pairs [ "spec"; "selector"; "matchLabels" ] workload) (labels workload) "its own pods"

            for container in containers workload do
                let names = ports container |> List.map fst

                for probe in [ "startupProbe"; "readinessProbe"; "livenessProbe" ] do
                    // A TCP probe would be a connection that says nothing.
                    Expect.contains names (Yaml.text [ probe; "httpGet"; "port" ] container) probe

        for service in ofKind "Service" do
            let workload = workloadOf (Yaml.pairs [ "spec"; "selector" ] service)
            let names = containers workload |> List.collect ports |> List.map fst

            for port in Yaml.list [ "spec"; "ports" ] service do
                Expect.contains names (Yaml.text [ "targetPort" ] port) "a port of the workload's"

        for budget in ofKind "PodDisruptionBudget" do
            workloadOf (Yaml.pairs [ "spec"; "selector"; "matchLabels" ] budget) |> ignore

        let scaled =
            Yaml.text [ "spec"; "scaleTargetRef"; "name" ] (List.exactlyOne (ofKind "HorizontalPodAutoscaler"))

        Expect.equal scaled (Yaml.text [ "metadata"; "name" ] (List.exactlyOne (ofKind "Deployment"))) "the web nodes"

        for policy in ofKind "NetworkPolicy" do
            let guarded =
                workloadOf (Yaml.pairs [ "spec"; "podSelector"; "matchLabels" ] policy)

            let opened = containers guarded |> List.collect ports |> List.map snd

            for rule in Yaml.list [ "spec"; "ingress" ] policy do
                for port in Yaml.list [ "ports" ] rule do
                    Expect.contains opened (Yaml.text [ "port" ] port) "a port of the workload's"

            Expect.isNonEmpty (Yaml.list [ "spec"; "egress" ] policy) "and what it may reach"

        let workers =
            ofKind "NetworkPolicy"
            |> List.find (fun one -> Yaml.text [ "metadata"; "name" ] one = "recognition-worker")

        let allowed =
            Yaml.list [ "spec"; "ingress" ] workers
            |> List.find (fun rule ->
                Yaml.list [ "ports" ] rule
                |> List.exists (fun port -> Yaml.text [ "port" ] port = "8888"))
            |> Yaml.list [ "from" ]
            |> List.exactlyOne

        Expect.equal
            (Yaml.text [ "kind" ] (workloadOf (Yaml.pairs [ "podSelector"; "matchLabels" ] allowed)))
            "Deployment"
            "pictures come from the web nodes alone"

let private confined =
    testCase "no pod runs as root, writes to its root file system, gains privileges or lacks resource limits"
    <| fun () ->
        for workload in workloads () do
            Expect.equal (Yaml.text (pod @ [ "securityContext"; "runAsNonRoot" ]) workload) "true" "not root"

            for container in containers workload do
                let isTrue key =
                    Yaml.text [ "securityContext"; key ] container = "true"

                Expect.isTrue (isTrue "readOnlyRootFilesystem") "read-only"
                Expect.isFalse (isTrue "allowPrivilegeEscalation") "no more rights"
                Expect.isTrue (Option.isSome (Yaml.find [ "resources"; "limits"; "memory" ] container)) "memory"
                Expect.isTrue (Option.isSome (Yaml.find [ "resources"; "limits"; "cpu" ] container)) "processor"
                Expect.isTrue (Option.isSome (Yaml.find [ "resources"; "requests"; "cpu" ] container)) "its share"

let private madeUp = "a token that is long enough"

/// A container's environment; a secret's value is made up.
let private environment workload =
    containers workload
    |> List.collect (Yaml.list [ "env" ])
    |> List.map (fun one ->
        let value =
            Yaml.find [ "value" ] one |> Option.map string |> Option.defaultValue madeUp

        Yaml.text [ "name" ] one, value)

let private started =
    testTask "the web node starts with the manifests' settings and uses all workers of the headless service" {
        let web = List.exactlyOne (ofKind "Deployment")
        let set = List.exactlyOne (ofKind "StatefulSet")
        let service = Yaml.text [ "spec"; "serviceName" ] set

        let headless =
            ofKind "Service"
            |> List.find (fun one -> Yaml.text [ "metadata"; "name" ] one = service)

        Expect.equal (Yaml.text [ "spec"; "clusterIP" ] headless) "None" "a name with every pod's address"
        Expect.equal (Yaml.pairs [ "spec"; "selector" ] headless) (labels set) "the workers'"
        let workers = Map(environment web)["Workers"]
        let workerPort = Map(containers set |> List.collect ports)["dan"]
        Expect.equal workers $"dns://{service}:{workerPort}" "that name"

        // As the cluster's name server would answer with two replicas.
        use server = new NameServer()
        server.Answer <- Records([ IPAddress.Parse "127.0.0.1"; IPAddress.Parse "127.0.0.2" ], 5)
        let port = Nodes.freePort ()

        let arguments =
            [
                "--port"
                string port
                "--Http:Address=localhost"
                $"--Discovery:Server={server.EndPoint}"
            ]

        use node =
            Node.Start("web", Nodes.program "Web.Giraffe", arguments, environment web)

        do! node.UntilAsync("listening", TimeSpan.FromSeconds 60.0, (fun () -> Nodes.listens port))
        use client = new HttpClient()
        client.DefaultRequestHeaders.Authorization <- AuthenticationHeaderValue("Bearer", madeUp)
        let! listed = client.GetStringAsync $"http://localhost:{port}/api/workers"

        for address in [ "127.0.0.1"; "127.0.0.2" ] do
            Expect.stringContains listed $"\"{address}:{workerPort}\"" "followed"
    }

/// The names of settings as the environment has them, wherever in `deploy/` they are.
let private named section =
    [
        for path in Directory.GetFiles(deploy, "*", SearchOption.AllDirectories) do
            if not (path.Contains "Sbom.Cs" || path.Contains "helm") then
                for found in Regex.Matches(File.ReadAllText path, $@"\b({section}__\w+)") do
                    found.Groups[1].Value
    ]
    |> List.distinct

let private known =
    testCase "every setting in the manifests exists"
    <| fun () ->
        let settings =
            [ for one in Worker.Settings.WorkerOptions.All -> one.Path.Replace(":", "__") ]

        let workers = named "Worker"
        Expect.isGreaterThan workers.Length 3 "they are found"

        for name in workers do
            Expect.contains settings name "a worker's"

        let settings =
            [ for one in Web.Giraffe.NodeSettings.all -> one.Path.Replace(":", "__") ]

        for name in named "Http" @ named "Registry" @ named "Admin" do
            Expect.contains settings name "the web node's"

/// What a program may need at once, in MiB.
let private mebibytes (text: string) =
    let number = Regex.Match(text, @"^\d+").Value |> float
    if text.EndsWith "Gi" then number * 1024.0 else number

let private budgets =
    testCase "a worker's limit of memory holds what its own limits let it use"
    <| fun () ->
        let worker = List.exactlyOne (containers (List.exactlyOne (ofKind "StatefulSet")))
        let limit = mebibytes (Yaml.text [ "resources"; "limits"; "memory" ] worker)
        let cores = float (Yaml.text [ "resources"; "limits"; "cpu" ] worker)
        let held = float Worker.Imaging.ImagingLimits.Standard.MaxHeld / 1048576.0
        // .NET counts three quarters of a container's memory as its own, and a quarter of that is the budget of uploads.
        let uploads = limit * 0.75 / 4.0
        // A large picture, the small ones beside it, a lossless WebP that is built for the purpose, runtime and network.
        let needed = held + 40.0 * cores + 360.0 + uploads + 250.0
        Expect.isGreaterThan limit needed "MiB"
        let settings = environment (List.exactlyOne (ofKind "StatefulSet"))
        Expect.equal (Map(settings)["Worker__Cores"]) (string cores) "executors as cores"

let tests = testList "Manifests" [ fits; confined; started; known; budgets ]
