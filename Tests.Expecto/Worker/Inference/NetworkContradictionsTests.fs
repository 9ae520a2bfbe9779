/// Manifests that contradict their network: each is refused with what to write.
module Tests.Expecto.Worker.NetworkContradictionsTests

open System.IO
open System.Text.Json
open Expecto
open Tests.Expecto
open Tests.Expecto.Worker.ModelFolders
open Worker.Inference
open Worker.Models
open Worker.Models.Onnx
open Tests.Expecto.Worker.NetworkFormsTests

/// A manifest whose member has a value that the network contradicts.
let private declared (path: string) (value: obj) =
    let names = path.Split '.'

    torchvision
    + $""", "{names[0]}": {{ "{names[1]}": {JsonSerializer.Serialize value} }} """

/// The change to the network, the manifest, and the words of the refusal.
let private contradictions: (string * (ModelProto -> unit) * string * string list) list =
    [
        "softmax inside, declared logits",
        softmax,
        declared "output.kind" "logits",
        [ "output.kind is logits"; "Softmax"; "set output.kind to probabilities" ]
        "logits, declared probabilities",
        ignore,
        declared "output.kind" "probabilities",
        [ "output.kind is probabilities"; "set output.kind to logits" ]
        "softmax inside, declared sigmoid",
        softmax,
        declared "output.kind" "sigmoid",
        [ "set output.kind to probabilities" ]
        "one value more than labels",
        background,
        torchvision,
        [ "1001 values"; "1000 labels"; "output.labelOffset to 1" ]
        "two outputs that fit", second, torchvision, [ "several outputs"; "logits"; "embedding"; "output.name" ]
        "no such output", ignore, declared "output.name" "prob", [ "no output 'prob'"; "logits" ]
        "no such input", ignore, declared "input.name" "data", [ "no input 'data'"; "input: float32" ]
        "another layout", ignore, declared "input.layout" "nhwc", [ "input.layout is nhwc"; "write nchw" ]
        "another type", ignore, declared "input.type" "float16", [ "input.type is float16"; "write float32" ]
        "grey, of three channels",
        ignore,
        declared "input.channels" "grey",
        [ "input.channels is grey"; "write rgb or bgr" ]
        "another size", ignore, declared "input.width" 227, [ "input.width is 227"; "224" ]
        "another crop", ignore, """ "resize": { "size": 256, "crop": 227 } """, [ "resize.crop is 227"; "224 × 224" ]
        "a batch of two",
        (fun model -> model.Graph.Input[0].Type.TensorType.Shape.Dim[ 0 ] <- dimension 2L),
        torchvision,
        [ "a batch of 2"; "export" ]
        "another input beside the picture",
        (fun model ->
            model.Graph.Input.Add(ValueInfoProto(model.Graph.Input[0], Name = "mask"))
            model.Graph.Node.Add(node "Identity" "mask" "unused" [])),
        torchvision,
        [ "2 inputs"; "mask" ]
        "an output with more than one value a class",
        (fun model ->
            let output = ValueInfoProto(model.Graph.Output[0], Name = "conv10.relu")
            shape output [ 1L; 1000L; 13L; 13L ]
            model.Graph.Output.Clear()
            model.Graph.Output.Add output),
        torchvision,
        [ "more than one value a class"; "only classifiers" ]
    ]

let private fewer (count: int) (catalog: Catalog) =
    let path = Path.Combine(catalog.Folder "sources", "fewer.txt")
    File.WriteAllLines(path, Array.truncate count (File.ReadAllLines imagenet.Value))
    path

let tests =
    testList
        "Network contradictions"
        [
            for name, change, members, words in contradictions do
                test name {
                    use catalog = new Catalog()
                    write catalog "form" [ "network", changed catalog change; "labels", imagenet.Value ] members
                    let reason = refusal catalog "form"

                    for word in "model form" :: words do
                        Expect.stringContains reason word "the reason"
                }

            for count, hint in [ 999, "output.labelOffset to 1"; 1, "give the labels that belong to it" ] do
                test $"{count} labels" {
                    use catalog = new Catalog()
                    write catalog "form" [ "network", squeezenet.Value; "labels", fewer count catalog ] torchvision

                    let reason = refusal catalog "form"
                    Expect.stringContains reason $"there are {count} labels" "found"
                    Expect.stringContains reason hint "what to write"
                }

            test "a changed file is refused" {
                use catalog = new Catalog()
                let path = changed catalog ignore
                write catalog "form" [ "network", path; "labels", imagenet.Value ] torchvision
                let changed = File.ReadAllBytes path
                changed[changed.Length - 100] <- changed[changed.Length - 100] + 1uy
                File.WriteAllBytes(path, changed)

                let reason = refusal catalog "form"

                for word in [ "net.onnx is altered"; "the manifest has" ] do
                    Expect.stringContains reason word "found"
            }
        ]
