/// `./recognize models inspect` and `models add`.
module Tests.Expecto.Worker.ModelCommandsTests

open System.Collections.Generic
open System.IO
open Expecto
open Tests.Expecto.Worker.ModelFolders
open Worker
open Worker.Models.Import

let private inspected path =
    match ModelInspection.Inspect path with
    | :? Outcome<IReadOnlyList<string>>.Ok as lines -> String.concat "\n" lines.Value
    | :? Outcome<IReadOnlyList<string>>.Failed as failed -> failwith failed.Reason
    | other -> failwith $"{other}"

let private added path (catalog: Catalog) options =
    match ModelImport.Add(path, catalog.Root, options) with
    | :? Outcome<string>.Ok as id -> Ok id.Value
    | :? Outcome<string>.Failed as failed -> Error failed.Reason
    | other -> failwith $"{other}"

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

            test "add leaves nothing behind for a model that can't be served" {
                use catalog = new Catalog()
                Expect.isError (added mobilenet.Value catalog (ImportOptions())) "no labels"

                Expect.isError
                    (added mobilenet.Value catalog (ImportOptions(Preset = "imagenet", Labels = imagenet.Value)))
                    "no such preset"

                Expect.isEmpty (Directory.GetFileSystemEntries catalog.Root) "nothing"
            }
        ]
