/// Manifests that contradict their network: each is refused with what to write.
module Tests.Expecto.Worker.NetworkContradictionsTests

open System
open System.IO
open Expecto
open Tests.Expecto
open Tests.Expecto.Worker
open Tests.Expecto.Worker.ModelFolders
open Worker.Inference
open Worker.Models
open Worker.Models.Onnx
open Tests.Expecto.Worker.NetworkFormsTests

let private refused name change members (words: string list) =
    test name {
        use catalog = new Catalog()
        let path = changed catalog change
        write catalog "form" [ "network", path; "labels", imagenet.Value ] members

        let reason = refusal catalog "form"

        for word in "model form" :: words do
            Expect.stringContains reason word "the reason"
    }

let private fewer (count: int) (catalog: Catalog) =
    let path = Path.Combine(catalog.Folder "sources", "fewer.txt")
    File.WriteAllLines(path, Array.truncate count (File.ReadAllLines imagenet.Value))
    path

let private contradictions =
    testList
        "contradictions"
        [
            refused
                "softmax inside, declared logits"
                softmax
                (torchvision + """, "output": { "kind": "logits" } """)
                [ "output.kind is logits"; "Softmax"; "set output.kind to probabilities" ]
            refused
                "logits, declared probabilities"
                ignore
                (torchvision + """, "output": { "kind": "probabilities" } """)
                [ "output.kind is probabilities"; "set output.kind to logits" ]
            refused
                "softmax inside, declared sigmoid"
                softmax
                (torchvision + """, "output": { "kind": "sigmoid" } """)
                [ "set output.kind to probabilities" ]
            refused
                "one value more than labels"
                background
                torchvision
                [ "1001 values"; "1000 labels"; "output.labelOffset to 1" ]
            refused
                "two outputs that fit"
                second
                torchvision
                [ "several outputs"; "logits"; "embedding"; "output.name" ]
            refused
                "no such output"
                ignore
                (torchvision + """, "output": { "name": "prob" } """)
                [ "no output 'prob'"; "logits" ]
            refused
                "no such input"
                ignore
                (torchvision + """, "input": { "name": "data" } """)
                [ "no input 'data'"; "input: float32" ]
            refused
                "another layout"
                ignore
                (torchvision + """, "input": { "layout": "nhwc" } """)
                [ "input.layout is nhwc"; "write nchw" ]
            refused
                "another type"
                ignore
                (torchvision + """, "input": { "type": "float16" } """)
                [ "input.type is float16"; "write float32" ]
            refused
                "grey, of three channels"
                ignore
                (torchvision + """, "input": { "channels": "grey" } """)
                [ "input.channels is grey"; "write rgb or bgr" ]
            refused
                "another size"
                ignore
                (torchvision + """, "input": { "width": 227 } """)
                [ "input.width is 227"; "224" ]
            refused
                "another crop"
                ignore
                """ "resize": { "size": 256, "crop": 227 } """
                [ "resize.crop is 227"; "224 × 224" ]
            refused
                "a batch of two"
                (fun model -> model.Graph.Input[0].Type.TensorType.Shape.Dim[ 0 ] <- dimension 2L)
                torchvision
                [ "a batch of 2"; "export" ]
            refused
                "another input beside the picture"
                (fun model ->
                    model.Graph.Input.Add(ValueInfoProto(model.Graph.Input[0], Name = "mask"))
                    model.Graph.Node.Add(node "Identity" "mask" "unused" []))
                torchvision
                [ "2 inputs"; "mask" ]
            refused
                "an output with more than one value a class"
                (fun model ->
                    model.Graph.Output.Clear()

                    let output =
                        ValueInfoProto(
                            Name = "conv10.relu",
                            Type =
                                TypeProto(
                                    TensorType = TypeProto.Types.Tensor(ElemType = 1, Shape = TensorShapeProto())
                                )
                        )

                    shape output [ 1L; 1000L; 13L; 13L ]
                    model.Graph.Output.Add output)
                torchvision
                [ "more than one value a class"; "only classifiers" ]

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

let tests = testList "Network contradictions" [ contradictions ]
