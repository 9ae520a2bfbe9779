/// Kubernetes' manifests: that their parts fit each other and the programs.
module Tests.Expecto.Deployment.ManifestsTests

open System
open System.IO
open System.Net
open System.Net.Http
open System.Net.Http.Headers
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto
open YamlDotNet.RepresentationModel
open Tests.Expecto
open Tests.Expecto.EndToEnd
open Tests.Expecto.Operations

let private deploy = Path.Combine(Repository.root, "deploy")
let private kubernetes = Path.Combine(deploy, "kubernetes")

let private manifests =
    Yaml.documents (Path.Combine(kubernetes, "kustomization.yaml"))
    |> List.collect (Yaml.list [ "resources" ])
    |> List.collect (fun name -> Yaml.documents (Path.Combine(kubernetes, string name)))

let private ofKind kind =
    manifests |> List.filter (fun one -> Yaml.text [ "kind" ] one = kind)

let private workloads = ofKind "Deployment" @ ofKind "StatefulSet"
let private pod = [ "spec"; "template"; "spec" ]
let private labels = Yaml.pairs [ "spec"; "template"; "metadata"; "labels" ]

let private containers workload =
    Yaml.list (pod @ [ "containers" ]) workload

let private ports container =
    Yaml.list [ "ports" ] container
    |> List.map (fun port -> Yaml.text [ "name" ] port, Yaml.text [ "containerPort" ] port)

let private workloadOf selector =
    match workloads |> List.filter (fun one -> labels one = selector) with
    | [ one ] -> one
    | found -> failwithf "%A selects %d workloads" selector found.Length

let private fits =
    testCase "every selector matches a workload, and every named port is open"
    <| fun () ->
        Expect.equal workloads.Length 2 "the web nodes and the workers"

        for workload in workloads do
            Expect.equal (Yaml.pairs [ "spec"; "selector"; "matchLabels" ] workload) (labels workload) "its own pods"

            for container in containers workload do
                let names = ports container |> List.map fst

                for probe in [ "startupProbe"; "readinessProbe"; "livenessProbe" ] do
                    let port =
                        [ "httpGet"; "tcpSocket" ]
                        |> List.pick (fun way -> Yaml.find [ probe; way; "port" ] container)

                    Expect.contains names (string port) probe

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
        let policy = List.exactlyOne (ofKind "NetworkPolicy")

        let guarded =
            workloadOf (Yaml.pairs [ "spec"; "podSelector"; "matchLabels" ] policy)

        Expect.equal (Yaml.text [ "kind" ] guarded) "StatefulSet" "the workers"
        let rule = List.exactlyOne (Yaml.list [ "spec"; "ingress" ] policy)
        let from = List.exactlyOne (Yaml.list [ "from" ] rule)
        let allowed = workloadOf (Yaml.pairs [ "podSelector"; "matchLabels" ] from)
        Expect.equal (Yaml.text [ "kind" ] allowed) "Deployment" "from the web nodes alone"
        let port = Yaml.text [ "port" ] (List.exactlyOne (Yaml.list [ "ports" ] rule))
        Expect.contains (containers guarded |> List.collect ports |> List.map snd) port "the workers' port"

let private confined =
    testCase "no pod runs as root, writes to its root file system, gains privileges or lacks resource limits"
    <| fun () ->
        for workload in workloads do
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
    testCaseTask "the web node starts with the manifests' settings and uses all workers of the headless service"
    <| fun () ->
        task {
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
            server.Says <- Records([ IPAddress.Parse "127.0.0.1"; IPAddress.Parse "127.0.0.2" ], 5)
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
            if not (path.Contains "Sbom.Cs") then
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

let tests = testList "Manifests" [ fits; confined; started; known ]
