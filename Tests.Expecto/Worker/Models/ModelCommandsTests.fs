/// `./recognize models inspect` and `models add`.
module Tests.Expecto.Worker.ModelCommandsTests

open System.IO
open Expecto
open Tests.Expecto.Worker.ModelFolders
open Worker.Models.Import

let private inspected path =
    ModelInspection.Inspect path |> Outcomes.value |> String.concat "\n"

let private added path (catalog: Catalog) options =
    ModelImport.Add(path, catalog.Root, options) |> Outcomes.result

let tests =
    testList
        "Model commands"
        [
            test "inspect shows what is in the graph, assumed and missing" {
                let text = inspected mobilenet.Value

                for words in
                    [
                        "input: float32 [?,3,224,224]"
                        "output: float32 [?,1000]"
                        "MatMul"
                        "neither softmax nor sigmoid inside"
                        "class activation maps from"
                        "torchvision"
                        "--labels FILE"
                    ] do
                    Expect.stringContains text words "found"

                Expect.stringContains (inspected (shared "light/light_resnet50.onnx")) "Softmax inside" "softmax"

                Expect.stringContains
                    (inspected (shared "cifar10/ImageClassifier.onnx"))
                    "no class activation maps"
                    "none"
            }

            test "add writes a folder whose manifest serves the model" {
                use catalog = new Catalog()
                let options = ImportOptions("mine", "torchvision", imagenet.Value)
                Expect.equal (added mobilenet.Value catalog options) (Ok "mine") "added"
                use network = loaded catalog "mine"
                Expect.equal (recognize network false (photograph "beaver.jpg")).Classes[0].Label "beaver" "it works"
                Expect.isError (added mobilenet.Value catalog options) "it is there already"
            }

            test "add takes a folder with a manifest: of variants those that are there, and its class tree" {
                use source = new Catalog()
                use catalog = new Catalog()
                let files = [ "network", mobilenet.Value; "labels", imagenet.Value ]
                write source "mine" files """ "tree": "imagenet" """
                let path = Path.Combine(source.Root, "mine", "model.json")
                let text = File.ReadAllText path
                let hash = String.replicate 64 "0"

                let variant =
                    $"""{{ "role": "network", "name": "other.onnx", "bytes": 1, "sha256": "{hash}" }}"""

                File.WriteAllText(path, text.Replace("\"files\": [", $"\"files\": [{variant}, "))
                let folder = Path.Combine(source.Root, "mine")
                Expect.stringContains (inspected folder) "1000 classes" "inspected"
                Expect.equal (added folder catalog (ImportOptions())) (Ok "mine") "added"
                use network = loaded catalog "mine"
                Expect.isFalse (isNull (box network.Tree)) "with its tree"

                write source "lost" files """ "tree": "nowhere" """

                let lost =
                    ModelImport.Add(Path.Combine(source.Root, "lost"), catalog.Root, ImportOptions())

                Expect.stringContains (Outcomes.reason lost) "no class tree 'nowhere'" "why"
            }

            test "add leaves nothing behind for a model that can't be served" {
                use catalog = new Catalog()
                Expect.isError (added mobilenet.Value catalog (ImportOptions())) "no labels"

                Expect.isError
                    (added mobilenet.Value catalog (ImportOptions(Preset = "imagenet", Labels = imagenet.Value)))
                    "no such preset"

                Expect.isEmpty (Directory.GetFileSystemEntries catalog.Root) "nothing"
            }
        ]
