/// The manifests as the tools render them.
[<RequireQualifiedAccess>]
module Tests.Expecto.Deployment.Rendered

open System.IO
open Expecto
open Tests.Expecto

let private deploy = Path.Combine(Repository.root, "deploy")

let private rendered (program: string) (arguments: string list) =
    let code, output = (Programs.run program arguments "").GetAwaiter().GetResult()

    Expect.equal code 0 $"{program}: {output}"
    output

/// A kustomization of deploy/kubernetes.
let kustomize (folder: string) =
    rendered "kubectl" [ "kustomize"; Path.Combine(deploy, "kubernetes", folder) ]

/// The chart with these settings.
let helm (settings: string list) =
    let chart = Path.Combine(deploy, "helm", "recognition")

    rendered
        "helm"
        ([ "template"; "recognition"; chart ]
         @ List.collect (fun setting -> [ "--set"; setting ]) settings)
