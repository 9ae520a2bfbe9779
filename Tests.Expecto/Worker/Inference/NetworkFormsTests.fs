/// The forms in which tools export one network: each answers as the original does.
module Tests.Expecto.Worker.NetworkFormsTests

open System
open System.IO
open Expecto
open Google.Protobuf
open Tests.Expecto.Worker
open Tests.Expecto.Worker.ModelFolders
open Worker.Inference
open Worker.Models
open Worker.Models.Onnx

let private squeezenet = lazy shared "squeezenet1_1/squeezenet1_1.onnx"

let private torchvision =
    """ "resize": { "size": 256, "crop": 224 }, "normalise": { "preset": "torchvision" } """

let private beaver = lazy photograph "beaver.jpg"

let private expected =
    lazy
        (use catalog = new Catalog()

         use network =
             network catalog "original" [ "network", squeezenet.Value; "labels", imagenet.Value ] torchvision

         probabilities network beaver.Value)

let private node operator (input: string) (output: string) attributes =
    let node = NodeProto(OpType = operator, Name = output)
    node.Input.Add input
    node.Output.Add output
    node.Attribute.AddRange(attributes: AttributeProto list)
    node

let private ints name (values: int64 list) =
    let attribute = AttributeProto(Name = name, Type = 7)
    attribute.Ints.AddRange values
    attribute

/// Renames the input within the graph, and puts a node between it and the rest.
let private before (model: ModelProto) (first: NodeProto) =
    for node in model.Graph.Node do
        for i in 0 .. node.Input.Count - 1 do
            if node.Input[i] = "input" then
                node.Input[i] <- first.Output[0]

    model.Graph.Node.Insert(0, first)

let private dimension (size: int64) =
    TensorShapeProto.Types.Dimension(DimValue = size)

let private shape (info: ValueInfoProto) (sizes: int64 list) =
    info.Type.TensorType.Shape.Dim.Clear()
    info.Type.TensorType.Shape.Dim.AddRange(List.map dimension sizes)

let private channelsLast (model: ModelProto) =
    before model (node "Transpose" "input" "nchw" [ ints "perm" [ 0L; 3L; 1L; 2L ] ])
    shape model.Graph.Input[0] [ 1L; 224L; 224L; 3L ]

let private bytes (model: ModelProto) =
    before model (node "Cast" "input" "floats" [ AttributeProto(Name = "to", Type = 2, I = 1L) ])
    model.Graph.Input[0].Type.TensorType.ElemType <- int ElementType.UInt8

let private openSizes (model: ModelProto) =
    for dim in model.Graph.Input[0].Type.TensorType.Shape.Dim do
        if dim.DimValue = 224L then
            dim.DimParam <- "side"

let private softmax (model: ModelProto) =
    model.Graph.Node.Add(node "Softmax" "logits" "probabilities" [])
    model.Graph.Output[0].Name <- "probabilities"

let private background (model: ModelProto) =
    // A value before the others that is so low that it takes nothing from them.
    let first =
        TensorProto(Name = "background", DataType = 1, RawData = ByteString.CopyFrom(BitConverter.GetBytes -1000f))

    first.Dims.AddRange [ 1L; 1L ]
    model.Graph.Initializer.Add first

    let concat =
        node "Concat" "background" "all" [ AttributeProto(Name = "axis", Type = 2, I = 1L) ]

    concat.Input.Add "logits"
    model.Graph.Node.Add concat
    model.Graph.Output[0].Name <- "all"
    shape model.Graph.Output[0] [ 1L; 1001L ]

let private second (model: ModelProto) =
    model.Graph.Node.Add(node "Identity" "logits" "embedding" [])
    model.Graph.Output.Add(ValueInfoProto(model.Graph.Output[0], Name = "embedding"))

/// Moves the weights into a file beside the model.
let private external (folder: string) (model: ModelProto) =
    use file = File.Create(Path.Combine(folder, "weights.bin"))

    for tensor in model.Graph.Initializer do
        if tensor.RawData.Length > 1000 then
            for key, value in
                [
                    "location", "weights.bin"
                    "offset", string file.Position
                    "length", string tensor.RawData.Length
                ] do
                tensor.ExternalData.Add(StringStringEntryProto(Key = key, Value = value))

            tensor.RawData.WriteTo file
            tensor.RawData <- ByteString.Empty
            tensor.DataLocation <- 1

/// The changed model, in a folder of its own.
let private changed (catalog: Catalog) change =
    let folder = catalog.Folder "sources"
    let model = graph squeezenet.Value
    change model
    let path = Path.Combine(folder, "net.onnx")
    File.WriteAllBytes(path, model.ToByteArray())
    path

let private answersAlike (network: Network) tolerance =
    let found = probabilities network beaver.Value
    Expect.hasLength found 1000 "classes"
    Expect.isLessThan (Pictures.distance found expected.Value id) tolerance "as the original"

let private form name change members hasMaps =
    test name {
        use catalog = new Catalog()
        let path = changed catalog change

        use network =
            network catalog "form" [ "network", path; "labels", imagenet.Value ] members

        Expect.equal network.HasMaps hasMaps "maps"
        answersAlike network 1e-5
    }

let private forms =
    testList
        "forms"
        [
            form "NHWC" channelsLast torchvision true
            form "open width and height" openSizes torchvision true
            form "softmax inside" softmax torchvision true
            form "a background class first" background (torchvision + """, "output": { "labelOffset": 1 } """) false
            form "a second output" second (torchvision + """, "output": { "name": "logits" } """) true

            test "weights in a file beside the graph are loaded" {
                use catalog = new Catalog()
                let path = changed catalog (external (catalog.Folder "sources"))
                let data = Path.Combine(catalog.Folder "sources", "weights.bin")

                use network =
                    network catalog "form" [ "network", path; "data", data; "labels", imagenet.Value ] torchvision

                answersAlike network 1e-5
            }

            test "a byte input gets the pixel values" {
                use catalog = new Catalog()
                let path = changed catalog bytes

                use network =
                    network
                        catalog
                        "form"
                        [ "network", path; "labels", imagenet.Value ]
                        """ "resize": { "size": 256, "crop": 224 }, "normalise": { "preset": "none" } """

                Expect.hasLength (probabilities network beaver.Value) 1000 "classes"
                use input = new InputTensor(network.Input)
                input.Planes.Fill 127.6f
                input.Planes[0] <- 300f
                input.Planes[1] <- -3f
                input.Commit()
                let pixels = input.Value.GetTensorDataAsSpan<byte>().ToArray()
                Expect.equal (pixels[0], pixels[1], pixels[2]) (255uy, 0uy, 128uy) "rounded, within a byte"
            }
        ]

let private refused name change members (words: string list) =
    test name {
        use catalog = new Catalog()
        let path = changed catalog change
        write catalog "form" [ "network", path; "labels", imagenet.Value ] members

        match load catalog "form" with
        | Error reason ->
            for word in "model form" :: words do
                Expect.stringContains reason word "the reason"
        | Ok _ -> failtest "it should have been refused"
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
                [ "output.kind is logits"; "Softmax"; "write probabilities" ]
            refused
                "logits, declared probabilities"
                ignore
                (torchvision + """, "output": { "kind": "probabilities" } """)
                [ "output.kind is probabilities"; "write logits" ]
            refused
                "softmax inside, declared sigmoid"
                softmax
                (torchvision + """, "output": { "kind": "sigmoid" } """)
                [ "write probabilities" ]
            refused
                "one value more than labels"
                background
                torchvision
                [ "1001 values"; "1000 labels"; "output.labelOffset 1" ]
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

            for count, hint in [ 999, "output.labelOffset 1"; 1, "give the labels that belong to it" ] do
                test $"{count} labels" {
                    use catalog = new Catalog()
                    write catalog "form" [ "network", squeezenet.Value; "labels", fewer count catalog ] torchvision

                    match load catalog "form" with
                    | Error reason ->
                        Expect.stringContains reason $"there are {count} labels" "found"
                        Expect.stringContains reason hint "what to write"
                    | Ok _ -> failtest "it should have been refused"
                }

            test "a changed file is refused" {
                use catalog = new Catalog()
                let path = changed catalog ignore
                write catalog "form" [ "network", path; "labels", imagenet.Value ] torchvision
                let changed = File.ReadAllBytes path
                changed[changed.Length - 100] <- changed[changed.Length - 100] + 1uy
                File.WriteAllBytes(path, changed)

                match load catalog "form" with
                | Error reason ->
                    for word in [ "net.onnx is altered"; "the manifest says" ] do
                        Expect.stringContains reason word "found"
                | Ok _ -> failtest "it should have been refused"
            }
        ]

let private labels =
    testList
        "labels"
        [
            test "output.labelOffset skips an extra first class" {
                use catalog = new Catalog()
                let path = Path.Combine(catalog.Folder "sources", "more.txt")
                File.WriteAllLines(path, Array.append [| "background" |] (File.ReadAllLines imagenet.Value))

                use network =
                    network
                        catalog
                        "form"
                        [ "network", squeezenet.Value; "labels", path ]
                        (torchvision + """, "output": { "labelOffset": -1 } """)

                Expect.equal network.Labels[0] "tench" "the first"
                answersAlike network 1e-5
            }

            test "three classes of one name are refused" {
                use catalog = new Catalog()
                let lines = File.ReadAllLines imagenet.Value
                lines[1] <- "tench"
                lines[2] <- "tench"
                let path = Path.Combine(catalog.Folder "sources", "same.txt")
                File.WriteAllLines(path, lines)
                write catalog "form" [ "network", squeezenet.Value; "labels", path ] torchvision

                match load catalog "form" with
                | Error reason -> Expect.stringContains reason "'tench' is the label of 3 classes" "found"
                | Ok _ -> failtest "it should have been refused"
            }
        ]

let tests = testList "Network forms" [ forms; contradictions; labels ]
