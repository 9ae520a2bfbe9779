/// The forms in which tools export one network: each answers as the original does.
module Tests.Expecto.Worker.NetworkFormsTests

open System
open System.IO
open Expecto
open Tests.Expecto
open Google.Protobuf
open Tests.Expecto.Worker.ModelFolders
open Worker.Inference
open Worker.Models
open Worker.Models.Onnx

/// The network of a file, with ImageNet's labels.
let private served catalog path members =
    network catalog "form" [ "network", path; "labels", imagenet.Value ] members

let beaver = lazy photograph "beaver.jpg"

let expected =
    lazy
        (use catalog = new Catalog()

         use network = served catalog squeezenet.Value torchvision
         probabilities network beaver.Value)

let node operator (input: string) (output: string) attributes =
    let node = NodeProto(OpType = operator, Name = output)
    node.Input.Add input
    node.Output.Add output
    node.Attribute.AddRange(attributes: AttributeProto list)
    node

let ints name (values: int64 list) =
    let attribute = AttributeProto(Name = name, Type = 7)
    attribute.Ints.AddRange values
    attribute

/// Renames the input within the graph, and puts a node between it and the rest.
let before (model: ModelProto) (first: NodeProto) =
    for node in model.Graph.Node do
        for i in 0 .. node.Input.Count - 1 do
            if node.Input[i] = "input" then
                node.Input[i] <- first.Output[0]

    model.Graph.Node.Insert(0, first)

let dimension (size: int64) =
    TensorShapeProto.Types.Dimension(DimValue = size)

let shape (info: ValueInfoProto) (sizes: int64 list) =
    info.Type.TensorType.Shape.Dim.Clear()
    info.Type.TensorType.Shape.Dim.AddRange(List.map dimension sizes)

let channelsLast (model: ModelProto) =
    before model (node "Transpose" "input" "nchw" [ ints "perm" [ 0L; 3L; 1L; 2L ] ])
    shape model.Graph.Input[0] [ 1L; 224L; 224L; 3L ]

let bytes (model: ModelProto) =
    before model (node "Cast" "input" "floats" [ AttributeProto(Name = "to", Type = 2, I = 1L) ])
    model.Graph.Input[0].Type.TensorType.ElemType <- int ElementType.UInt8

let openSizes (model: ModelProto) =
    for dim in model.Graph.Input[0].Type.TensorType.Shape.Dim do
        if dim.DimValue = 224L then
            dim.DimParam <- "side"

let softmax (model: ModelProto) =
    model.Graph.Node.Add(node "Softmax" "logits" "probabilities" [])
    model.Graph.Output[0].Name <- "probabilities"

let background (model: ModelProto) =
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

let second (model: ModelProto) =
    model.Graph.Node.Add(node "Identity" "logits" "embedding" [])
    model.Graph.Output.Add(ValueInfoProto(model.Graph.Output[0], Name = "embedding"))

/// Moves the weights into a file beside the model.
let external (folder: string) (model: ModelProto) =
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
let changed (catalog: Catalog) change =
    let folder = catalog.Folder "sources"
    let model = graph squeezenet.Value
    change model
    let path = Path.Combine(folder, "net.onnx")
    File.WriteAllBytes(path, model.ToByteArray())
    path

let answersAlike (network: Network) tolerance =
    let found = probabilities network beaver.Value
    Expect.hasLength found 1000 "classes"
    Expect.isLessThan (Pictures.distance found expected.Value id) tolerance "as the original"

let form name change members hasMaps =
    test name {
        use catalog = new Catalog()
        use network = served catalog (changed catalog change) members
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
                let raw = torchvision.Replace("\"torchvision\"", "\"none\"")
                use network = served catalog (changed catalog bytes) raw

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

                Expect.stringContains (refusal catalog "form") "'tench' is the label of 3 classes" "found"
            }
        ]

let tests = testList "Network forms" [ forms; labels ]
