/// Manifests and tools' files that mean nothing, or can't be read: each gives a reason, and none ends the program.
module Tests.Expecto.Worker.DamagedFilesTests

open System.IO
open Expecto
open Google.Protobuf
open Tests.Expecto.Worker.ModelFolders
open Worker.Models.Import
open Worker.Models.Onnx

let private hash = String.replicate 64 "0"

/// A manifest whose network has these further members, and itself these.
let private manifest file members =
    $"""{{ "id": "made", "title": "made", "licence": "none", "files": [
        {{ "role": "network", "name": "net.onnx", "bytes": 1, "sha256": "{hash}"{file} }}{members} }}"""

let private manifests =
    [
        "a file that is null", manifest "" """, null]""", "a file is null"
        "a label that is null", manifest "" """], "labels": ["cat", null]""", "a label is null"
        "a source without a scheme", manifest """, "source": "foo/bar" """ "]", "write an address with https://"
        "a source of another scheme", manifest """, "source": "file:///etc/passwd" """ "]", "'file:///etc/passwd'"
    ]

let private huggingFace (labels: string) =
    $"""{{ "architectures": ["ResNetForImageClassification"], "id2label": {labels} }}"""

let private timm members =
    $"""{{ "architecture": "x", {members} }}"""

let private configs =
    [
        "a class's number that is too large", huggingFace """{ "99999999999": "x" }""", "'99999999999'"
        "a negative number", huggingFace """{ "-1": "x" }""", "'-1'"
        "numbers that don't count up", huggingFace """{ "0": "a", "7": "b" }""", "none with the number 1"
        "a number twice", huggingFace """{ "0": "a", "0": "b" }""", "the number 0 twice"
        "a class without a name", huggingFace """{ "0": null }""", "a name is null"
        "an architecture that is null", """{ "architectures": [null], "id2label": {} }""", "a name is null"
        "timm: a class without a name", timm """ "label_names": [null], "pretrained_cfg": {}""", "a name is null"
        "timm: no mean", timm """ "pretrained_cfg": { "mean": [] }""", "one number, or one for each channel"
        "timm: two means", timm """ "pretrained_cfg": { "mean": [0.5, 0.5] }""", "one number, or one for each channel"
        "timm: a deviation of 0", timm """ "pretrained_cfg": { "std": [0] }""", "normalise.std must be above 0"
        "timm: no crop", timm """ "pretrained_cfg": { "crop_pct": 0 }""", "write 1 to 4096"
    ]

let private inspected path =
    ModelInspection.Inspect path |> Outcomes.reason

let private tool (catalog: Catalog) =
    let folder = catalog.Folder "made"
    link folder "net.onnx" mobilenet.Value
    folder

let tests =
    testList
        "Damaged files"
        [
            for name, text, words in manifests do
                test $"manifest: {name}" {
                    use catalog = new Catalog()
                    let path = Path.Combine(catalog.Folder "made", "model.json")
                    File.WriteAllText(path, text)
                    let reason = refusal catalog "made"
                    Expect.stringContains reason words "what is wrong"
                    Expect.stringContains reason path "where"
                }

            for name, text, words in configs do
                test $"config.json: {name}" {
                    use catalog = new Catalog()
                    let folder = tool catalog
                    File.WriteAllText(Path.Combine(folder, "config.json"), text)
                    Expect.stringContains (refusal catalog "made") words "for a worker"
                    Expect.stringContains (inspected folder) words "for models inspect"
                }

            test "a network whose nodes form a cycle" {
                use catalog = new Catalog()
                let folder = catalog.Folder "made"
                let model = graph mobilenet.Value
                let output = model.Graph.Output[0].Name

                for node in List.ofSeq model.Graph.Node do
                    if node.Output.Contains output then
                        model.Graph.Node.Remove node |> ignore

                for from, into in [ "circle", output; output, "circle" ] do
                    let node = NodeProto(OpType = "Identity")
                    node.Input.Add from
                    node.Output.Add into
                    model.Graph.Node.Add node

                let path = Path.Combine(folder, "net.onnx")
                File.WriteAllBytes(path, model.ToByteArray())
                Expect.stringContains (inspected path) "form a cycle" "what is wrong"
            }

            test "a network whose metadata names a class twice" {
                use catalog = new Catalog()

                let metadata =
                    [ "task", "classify"; "imgsz", "[224, 224]"; "names", "{0: 'cat', 0: 'dog'}" ]

                let path = Path.Combine(catalog.Folder "made", "net.onnx")
                File.WriteAllBytes(path, withMetadata metadata)
                let lines = ModelInspection.Inspect path |> Outcomes.value
                Expect.exists lines _.Contains("1: dog, in the model") "the last one"
            }

            // /proc/self/mem can be opened, by root too, and not read.
            for unreadable in [ "config.json"; "labels.txt" ] do
                test $"{unreadable} that can't be read" {
                    use catalog = new Catalog()
                    let folder = tool catalog
                    link folder unreadable "/proc/self/mem"
                    Expect.stringContains (refusal catalog "made") folder "for a worker"
                    Expect.stringContains (inspected folder) folder "for models inspect"
                }
        ]
