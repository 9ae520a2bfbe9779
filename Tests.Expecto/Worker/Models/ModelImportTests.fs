/// Models without a manifest: what their tools write is enough, or what is missing is said.
module Tests.Expecto.Worker.ModelImportTests

open System.IO
open Expecto
open Google.Protobuf
open Tests.Expecto.Worker
open Tests.Expecto.Worker.ModelFolders
open Worker.Inference
open Worker.Models
open Worker.Models.Onnx

/// What Optimum writes beside the model for google/mobilenet_v2_1.0_224.
let private huggingFace (folder: string) (preprocessor: string) =
    Directory.CreateDirectory(Path.Combine(folder, "onnx")) |> ignore

    File.CreateSymbolicLink(Path.Combine(folder, "onnx", "model.onnx"), mobilenet.Value)
    |> ignore

    let labels =
        File.ReadAllLines imagenet.Value
        |> Array.mapi (fun index label -> $"\"{index}\": \"{label}\"")
        |> String.concat ", "

    File.WriteAllText(
        Path.Combine(folder, "config.json"),
        $"""{{ "architectures": ["MobileNetV2ForImageClassification"], "id2label": {{ {labels} }} }}"""
    )

    File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"), preprocessor)

let private cropped =
    """{ "do_resize": true, "size": { "shortest_edge": 256 }, "resample": 2, "do_center_crop": true,
         "crop_size": { "height": 224, "width": 224 }, "do_rescale": true, "rescale_factor": 0.00392156862745098,
         "do_normalize": true, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225] }"""

let private withMetadata (entries: (string * string) list) =
    let model = graph mobilenet.Value

    for key, value in entries do
        model.MetadataProps.Add(StringStringEntryProto(Key = key, Value = value))

    model.ToByteArray()

let tests =
    testList
        "Model import"
        [
            test "a Hugging Face folder is served as it is, under its name in lower case" {
                use catalog = new Catalog()
                huggingFace (catalog.Folder "MobileNet_V2") cropped
                use network = loaded catalog "mobilenet_v2"
                let top = (recognize network true (photograph "beaver.jpg")).Classes[0]
                Expect.equal top.Label "beaver" "the first class"
                Expect.isLessThan (abs (top.Probability - 0.988382)) 0.02 "as the reference"
                Expect.equal (ModelCatalog.Ids catalog.Root |> List.ofSeq) [ "mobilenet_v2" ] "in the catalog"
            }

            for name, preprocessor, method, size, interpolation in
                [
                    "a size of both sides stretches",
                    """{ "size": { "height": 224, "width": 224 }, "resample": 3 }""",
                    ResizeMethod.Stretch,
                    224,
                    Interpolation.Bicubic
                    "crop_pct below 384",
                    """{ "size": { "shortest_edge": 224 }, "crop_pct": 0.875, "resample": 3 }""",
                    ResizeMethod.ShorterSide,
                    256,
                    Interpolation.Bicubic
                    "an older number with a crop",
                    """{ "size": 256, "do_center_crop": true, "crop_size": 224, "resample": 0 }""",
                    ResizeMethod.ShorterSide,
                    256,
                    Interpolation.Nearest
                    "an older number without",
                    """{ "size": 224 }""",
                    ResizeMethod.Stretch,
                    224,
                    Interpolation.BilinearAntialias
                ] do
                test $"preprocessor_config.json: {name}" {
                    use catalog = new Catalog()
                    huggingFace (catalog.Folder "hf") preprocessor
                    use network = loaded catalog "hf"
                    let steps = network.Preprocessing

                    Expect.equal
                        (steps.Method, steps.KeptSide, steps.Interpolation)
                        (method, size, interpolation)
                        "resize"
                }

            for name, preprocessor, word in
                [
                    "Lanczos", """{ "size": 224, "resample": 1 }""", "resample"
                    "stretched, then cropped",
                    """{ "size": { "height": 256, "width": 256 }, "do_center_crop": true, "crop_size": { "height": 224, "width": 224 } }""",
                    "then crops"
                ] do
                test $"preprocessor_config.json refused: {name}" {
                    use catalog = new Catalog()
                    huggingFace (catalog.Folder "hf") preprocessor

                    Expect.stringContains (refusal catalog "hf") word "by name"
                }

            test "Ultralytics' metadata: names, size and its own preprocessing" {
                use catalog = new Catalog()

                let names =
                    File.ReadAllLines imagenet.Value
                    |> Array.mapi (fun index label ->
                        if label.Contains '\'' then
                            $"{index}: \"{label}\""
                        else
                            $"{index}: '{label}'")
                    |> String.concat ", "

                let model =
                    withMetadata [ "task", "classify"; "imgsz", "[224, 224]"; "names", $"{{{names}}}" ]

                File.WriteAllBytes(Path.Combine(catalog.Folder "yolo-cls", "best.onnx"), model)
                use network = loaded catalog "yolo-cls"
                Expect.sequenceEqual network.Labels (File.ReadAllLines imagenet.Value) "labels"
                Expect.equal network.Preprocessing.KeptSide 224 "size"
                Expect.equal network.Preprocessing.Mean [| 0f; 0f; 0f |] "0 to 1"
            }

            test "Ultralytics' detector is refused by name" {
                use catalog = new Catalog()

                let model =
                    withMetadata [ "task", "detect"; "imgsz", "[640, 640]"; "names", "{0: 'cat'}" ]

                File.WriteAllBytes(Path.Combine(catalog.Folder "yolo", "best.onnx"), model)

                Expect.stringContains (refusal catalog "yolo") "task is detect" "by name"
            }

            test "a Custom Vision model is recognized by its outputs" {
                use catalog = new Catalog()
                let folder = catalog.Folder "snacks"

                File.CreateSymbolicLink(
                    Path.Combine(folder, "model.onnx"),
                    shared "snacks/squeezenet_tensor_input.onnx"
                )
                |> ignore

                use network = loaded catalog "snacks"
                Expect.equal network.OutputKind OutputKind.Sigmoid "kind"
                Expect.equal network.Input.Channels InputChannels.Bgr "channels"
                Expect.hasLength network.Labels 10 "labels in the graph"
            }

            test "for a network alone the error says how to add it" {
                use catalog = new Catalog()

                File.CreateSymbolicLink(Path.Combine(catalog.Folder "bare", "net.onnx"), mobilenet.Value)
                |> ignore

                Expect.stringContains (refusal catalog "bare") "models add" "what to do"
            }
        ]
