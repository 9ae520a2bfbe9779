/// Several models on real workers, changed while users are served.
module Tests.Expecto.EndToEnd.ModelsTests

open System
open System.Collections.Concurrent
open System.IO
open System.Security.Cryptography
open System.Text.Json.Nodes
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto

let private picture = lazy File.ReadAllBytes(Repository.sample "daisy")

let private unchanged (_: JsonObject) = ()

let private inVersion (version: string) (manifest: JsonObject) =
    manifest["version"] <- JsonNode.op_Implicit version

/// `id@version` of all models in service, sorted.
let private served (web: WebNode) =
    task {
        let! status, answer = web.Get "/api/models"
        Expect.equal status 200 "the models"

        return
            [
                for model in answer.GetProperty("models").EnumerateArray() do
                    for version in model.GetProperty("versions").EnumerateArray() do
                        let id = string (model.GetProperty "id")
                        $"{id}@{version}"
            ]
            |> List.sort
    }

let private eventually (web: WebNode) what expected =
    web.Worker.UntilAsync(
        what,
        fun () ->
            task {
                let! now = served web
                return now = expected
            }
    )

let private classify (web: WebNode) (model: string) =
    web.Classify(picture.Value, (if model = "" then "" else $"?model={model}"))

let private two =
    testTask "a worker serves two models by name, by version and in /v2, with their labels; an unknown one is 404" {
        use catalog = new ChangingCatalog()

        let workerOptions =
            [
                "--models"
                catalog.Root
                "--model"
                "squeezenet1_1,mobilenetv2"
                "--offline"
            ]

        use! web = Nodes.service workerOptions []
        let! models = served web
        Expect.equal models [ "mobilenetv2@1"; "squeezenet1_1@1" ] "the models"

        for asked, expected in
            [
                "", "squeezenet1_1"
                "mobilenetv2", "mobilenetv2"
                "squeezenet1_1@1", "squeezenet1_1"
            ] do
            let! status, answer = classify web asked
            Expect.equal status 200 asked
            Expect.equal (string (answer.GetProperty "model")) expected $"the model of '{asked}'"
            Expect.equal (string (answer.GetProperty "version")) "1" "its version"

        let! status, problem = classify web "resnet50"
        Expect.equal status 404 "unknown"

        Expect.stringContains (string (problem.GetProperty "detail")) "mobilenetv2@1, squeezenet1_1@1" "what there is"

        let! status, _ = classify web "No Name"
        Expect.equal status 400 "no model's name"

        let! status, labels = web.Get "/api/models/mobilenetv2/labels"
        Expect.equal status 200 "labels"
        let labels = labels.GetProperty "labels"
        Expect.equal (labels.GetArrayLength(), string labels[985]) (1000, "daisy") "the class names"
        let! status, _ = web.Get "/api/models/resnet50/labels"
        Expect.equal status 404 "labels of an unknown model"

        let! status, about = web.Get "/v2/models/mobilenetv2/versions/1"
        Expect.equal status 200 "in /v2"
        Expect.equal (string (about.GetProperty "name")) "mobilenetv2" "its name in /v2"
        let! status, _ = web.Get "/v2/models/mobilenetv2/versions/2"
        Expect.equal status 404 "another version in /v2"
    }

let private swapped =
    testTask
        "under load a version is replaced, models are added and removed, a broken one appears, and no request fails" {
        use catalog = new ChangingCatalog()
        catalog.Put("squeezenet1_1", "squeezenet1_1", unchanged)
        let workerOptions = [ "--models"; catalog.Root; "--offline"; "--cores"; "1" ]
        use! web = Nodes.serviceOf 2 workerOptions [ "--Pool:CheckSeconds=1" ]
        use stop = new CancellationTokenSource()
        let failures = ConcurrentQueue<string>()
        let mutable answers = 0

        let client (asked: string) =
            task {
                while not stop.IsCancellationRequested do
                    let! status, answer = classify web asked

                    if status <> 200 then
                        failures.Enqueue $"{status}: {answer}"
                    elif asked <> "" && string (answer.GetProperty "model") <> asked then
                        failures.Enqueue $"{asked} was answered by {answer}"
                    else
                        Interlocked.Increment &answers |> ignore
            }

        let load =
            [ for index in 1..8 -> client (if index % 2 = 0 then "" else "squeezenet1_1") ]

        catalog.Put("squeezenet1_1", "squeezenet1_1", inVersion "2")
        do! eventually web "on version 2" [ "squeezenet1_1@2" ]
        catalog.Put("mobilenetv2", "mobilenetv2", unchanged)
        do! eventually web "with both" [ "mobilenetv2@1"; "squeezenet1_1@2" ]

        // A network that is cut short, under a manifest that fits it.
        catalog.Put(
            "squeezenet1_1",
            "squeezenet1_1",
            fun manifest ->
                inVersion "3" manifest

                for file in Unchecked.nonNull(manifest["files"]).AsArray() do
                    let file = Unchecked.nonNull file

                    if Manifest.text "role" file = "network" then
                        let path = Path.Combine(catalog.Root, "squeezenet1_1", Manifest.text "name" file)
                        let bytes = File.ReadAllBytes path |> Array.truncate 1_000_000
                        File.WriteAllBytes(path, bytes)
                        file["bytes"] <- JsonNode.op_Implicit bytes.LongLength
                        file["sha256"] <- JsonNode.op_Implicit (Convert.ToHexStringLower(SHA256.HashData bytes))
        )

        do!
            web.Worker.UntilAsync(
                "known to have a broken model",
                fun () ->
                    task {
                        let! _, models = web.Get "/api/models"

                        return
                            models.GetProperty("models").EnumerateArray()
                            |> Seq.exists (fun model ->
                                string (model.GetProperty "id") = "squeezenet1_1"
                                && fst (model.TryGetProperty "error"))
                    }
            )

        let! models = served web
        Expect.equal models [ "mobilenetv2@1"; "squeezenet1_1@2" ] "the version in service stays"
        let! status, _ = classify web "mobilenetv2"
        Expect.equal status 200 "the added one"
        catalog.Remove "mobilenetv2"
        do! eventually web "without the added one" [ "squeezenet1_1@2" ]
        stop.Cancel()
        do! Task.WhenAll(load |> List.map (fun client -> client :> Task))
        Expect.isEmpty failures "failed or wrong"
        Expect.isGreaterThan answers 50 "answers meanwhile"
    }

let private treeChanged =
    testTask "a class tree that is changed takes effect while a worker runs" {
        use catalog = new ChangingCatalog()
        catalog.Put("squeezenet1_1", "squeezenet1_1", unchanged)

        let folder =
            Directory.CreateDirectory(Path.Combine(catalog.Root, "imagenet")).FullName

        let tree =
            File.ReadAllText(Path.Combine(Repository.root, "models", "imagenet", "tree.json"))

        let name (animal: string) =
            Expect.stringContains tree "\"name\":\"animal\"" "the tree"
            let temporary = Path.Combine(catalog.Root, ".tree")
            File.WriteAllText(temporary, tree.Replace("\"name\":\"animal\"", $"\"name\":\"{animal}\""))
            File.Move(temporary, Path.Combine(folder, "tree.json"), true)

        name "animal"
        use! web = Nodes.service [ "--models"; catalog.Root; "--offline"; "--cores"; "1" ] []
        let dog = Repository.photograph "dog.jpg"

        let top () =
            task {
                let! status, answer = web.Classify dog
                Expect.equal status 200 (answer.GetRawText())
                return string (answer.GetProperty("answer").GetProperty("path").Item(0).GetProperty "label")
            }

        let! before = top ()
        Expect.equal before "animal" "before"
        name "living thing"

        do!
            web.Worker.UntilAsync(
                "with the new tree",
                fun () ->
                    task {
                        let! now = top ()
                        return now = "living thing"
                    }
            )
    }

let tests = testList "EndToEndModels" [ two; swapped; treeChanged ]
