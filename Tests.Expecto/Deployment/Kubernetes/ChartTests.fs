/// The kustomizations and the chart fit Kubernetes' types and each other.
module Tests.Expecto.Deployment.ChartTests

open System.Collections.Generic
open System.IO
open System.Text.RegularExpressions
open Expecto
open k8s
open k8s.Models
open YamlDotNet.RepresentationModel
open Tests.Expecto

let private deploy = Path.Combine(Repository.root, "deploy")

/// Kinds of programs that a cluster may have besides.
let private others = [ "ServiceMonitor"; "ScaledObject" ]

let private types =
    dict
        [
            "v1/Service", typeof<V1Service>
            "v1/Secret", typeof<V1Secret>
            "apps/v1/Deployment", typeof<V1Deployment>
            "apps/v1/StatefulSet", typeof<V1StatefulSet>
            "autoscaling/v2/HorizontalPodAutoscaler", typeof<V2HorizontalPodAutoscaler>
            "networking.k8s.io/v1/NetworkPolicy", typeof<V1NetworkPolicy>
            "networking.k8s.io/v1/Ingress", typeof<V1Ingress>
            "policy/v1/PodDisruptionBudget", typeof<V1PodDisruptionBudget>
        ]

let private every =
    [
        "worker.autoscaling.enabled=true"
        "ingress.enabled=true"
        "serviceMonitor.enabled=true"
        "admin.token=made-up"
        "web.settings.Upload__MaxBytes=1000000"
        "images.pullSecrets={registry}"
    ]

let private offline =
    [ "worker.offline=true"; "worker.models.image=recognition-models" ]

let private valid =
    testCase "every object has the fields of Kubernetes' types, and no others"
    <| fun () ->
        for name, text in
            [
                for folder in Directory.GetDirectories(Path.Combine(deploy, "kubernetes")) do
                    let name = Path.GetFileName folder |> Unchecked.nonNull
                    name, Rendered.kustomize name
                "chart", Rendered.helm []
                "chart with everything", Rendered.helm every
                "chart with KEDA", Rendered.helm [ "worker.keda.enabled=true" ]
                "chart offline", Rendered.helm offline
                "chart with GPUs", Rendered.helm [ "worker.gpu.enabled=true"; "worker.models.claim=models" ]
            ] do
            for document in Regex.Split(text, @"^---$", RegexOptions.Multiline) do
                if Regex.IsMatch(document, "^kind:", RegexOptions.Multiline) then
                    let root = List.exactlyOne (Yaml.parse document)
                    let kind = Yaml.text [ "kind" ] root

                    if not (List.contains kind others) then
                        let found =
                            KubernetesYaml.LoadAllFromString(document, Dictionary types, strict = true)

                        Expect.equal found.Count 1 $"{name}: {kind}"

        Expect.throws
            (fun () ->
                KubernetesYaml.LoadAllFromString(
                    (Rendered.kustomize "base").Replace("readOnlyRootFilesystem", "readonlyRootFilesystem"),
                    Dictionary types,
                    strict = true
                )
                |> ignore)
            "a misspelt field is found"

/// A document as text without what a chart adds: its labels, its tags, and the name of the workers' service.
let private comparable (node: YamlNode) =
    let added =
        [
            "app.kubernetes.io/instance"
            "app.kubernetes.io/version"
            "app.kubernetes.io/managed-by"
            "helm.sh/chart"
        ]

    let rec text (node: YamlNode) : string =
        match node with
        | :? YamlMappingNode as map ->
            [
                for item in map.Children do
                    let key, value = string item.Key, text item.Value

                    if not (List.contains key added) && not (key = "labels" && value = "{}") then
                        $"{key}: {value}"
            ]
            |> List.sort
            |> String.concat ", "
            |> sprintf "{%s}"
        | :? YamlSequenceNode as items -> items.Children |> Seq.map text |> String.concat ", " |> sprintf "[%s]"
        | other -> (string other).Replace("recognition-workers", "workers").Replace(":0.0.0", "")

    text node

let private same =
    testCase "the chart makes the objects of the kustomizations"
    <| fun () ->
        let objects text =
            Yaml.parse text |> List.map comparable |> List.sort

        let all folders =
            folders
            |> List.collect (fun folder -> objects (Rendered.kustomize folder))
            |> List.sort

        Expect.equal (objects (Rendered.helm [])) (objects (Rendered.kustomize "base")) "base"
        Expect.equal (objects (Rendered.helm offline)) (objects (Rendered.kustomize "offline")) "offline"

        let options =
            objects (
                Rendered.helm
                    [
                        "ingress.enabled=true"
                        "serviceMonitor.enabled=true"
                        "worker.keda.enabled=true"
                    ]
            )

        let fixed' = "replicas: 3, "

        Expect.equal
            options
            (all [ "base"; "ingress"; "monitoring"; "worker-keda" ]
             |> List.map _.Replace(fixed', ""))
            "with the options"

        let scaled = objects (Rendered.helm [ "worker.autoscaling.enabled=true" ])

        Expect.containsAll scaled (objects (Rendered.kustomize "worker-autoscaling")) "by a custom metric"

let private scaling =
    testTask "KEDA counts the release's own workers, and only one autoscaler sets their number" {
        let template (settings: string) =
            Programs.run
                "helm"
                [
                    "template"
                    "staging"
                    Path.Combine(deploy, "helm", "recognition")
                    "--namespace"
                    "test"
                    "--set"
                    settings
                ]
                ""

        let! _, output = template "worker.keda.enabled=true"
        Expect.stringContains output """{namespace="test", pod=~"staging-worker-[0-9]+"}""" "the query"

        let! code, output =
            template "worker.keda.enabled=true,worker.autoscaling.enabled=true"

        Expect.notEqual code 0 "refused"
        Expect.stringContains output "enable one of them" "why"
    }

let private lint =
    testTask "helm finds nothing wrong with the chart" {
        let! code, output =
            Programs.run "helm" [ "lint"; "--strict"; Path.Combine(deploy, "helm", "recognition") ] ""

        Expect.equal code 0 output
    }

let tests = testList "Chart" [ valid; same; scaling; lint ]
