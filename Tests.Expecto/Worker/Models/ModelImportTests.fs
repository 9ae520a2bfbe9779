/// Models without a manifest: what their tools write is enough, or what is missing is said.
module Tests.Expecto.Worker.ModelImportTests

open System.IO
open System.Text.Json
open Expecto
open Tests.Expecto.Worker.ModelFolders
open Worker.Inference
open Worker.Models

/// What Optimum writes beside the model for google/mobilenet_v2_1.0_224.
let private huggingFace (folder: string) (preprocessor: string) =
    link (Directory.CreateDirectory(Path.Combine(folder, "onnx"))).FullName "model.onnx" mobilenet.Value

    let labels =
        File.ReadAllLines imagenet.Value
        |> Array.mapi (fun index label -> $"\"{index}\": \"{label}\"")
        |> String.concat ", "

    File.WriteAllText(
        Path.Combine(folder, "config.json"),
        $"""{{ "architectures": ["MobileNetV2ForImageClassification"], "id2label": {{ {labels} }} }}"""
    )

    File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"), preprocessor)

/// What timm's `save_for_hf` writes, with a network exported beside it.
let private timm (folder: string) (steps: string) =
    link folder "model.onnx" mobilenet.Value
    let labels = JsonSerializer.Serialize(File.ReadAllLines imagenet.Value)

    File.WriteAllText(
        Path.Combine(folder, "config.json"),
        $"""{{ "architecture": "mobilenetv2_100", "num_classes": 1000, "label_names": {labels}, "pretrained_cfg": {steps} }}"""
    )

/// Each tool, the name of its preprocessing, and that of a model of ImageNet.
let private tools =
    [
        "preprocessor_config.json",
        huggingFace,
        """{ "do_resize": true, "size": { "shortest_edge": 256 }, "resample": 2, "do_center_crop": true,
             "crop_size": { "height": 224, "width": 224 }, "do_rescale": true, "rescale_factor": 0.00392156862745098,
             "do_normalize": true, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225] }"""
        "pretrained_cfg",
        timm,
        """{ "input_size": [3, 224, 224], "interpolation": "bilinear", "crop_pct": 0.875, "crop_mode": "center",
             "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225] }"""
    ]

/// The preprocessing that a tool writes, and the resize that it means.
let private served =
    [
        huggingFace,
        "a size of both sides stretches",
        """{ "size": { "height": 224, "width": 224 }, "resample": 3 }""",
        (ResizeMethod.Stretch, 224, Interpolation.Bicubic)
        huggingFace,
        "crop_pct below 384",
        """{ "size": { "shortest_edge": 224 }, "crop_pct": 0.875, "resample": 3 }""",
        (ResizeMethod.ShorterSide, 256, Interpolation.Bicubic)
        huggingFace,
        "an older number with a crop",
        """{ "size": 256, "do_center_crop": true, "crop_size": 224, "resample": 0 }""",
        (ResizeMethod.ShorterSide, 256, Interpolation.Nearest)
        huggingFace,
        "an older number without",
        """{ "size": 224 }""",
        (ResizeMethod.Stretch, 224, Interpolation.BilinearAntialias)
        timm,
        "timm: bicubic, and a resized side that is rounded down",
        """{ "input_size": [3, 224, 224], "interpolation": "bicubic", "crop_pct": 0.9 }""",
        (ResizeMethod.ShorterSide, 248, Interpolation.Bicubic)
        timm,
        "timm: squash",
        """{ "interpolation": "bilinear", "crop_pct": 1.0, "crop_mode": "squash" }""",
        (ResizeMethod.Stretch, 224, Interpolation.BilinearAntialias)
        timm,
        "timm: border",
        """{ "crop_pct": 1, "crop_mode": "border" }""",
        (ResizeMethod.Fit, 224, Interpolation.Bicubic)
    ]

/// The preprocessing that a tool writes, and the word by which it is refused.
let private refused =
    [
        huggingFace, "Lanczos", """{ "size": 224, "resample": 1 }""", "resample"
        huggingFace,
        "stretched, then cropped",
        """{ "size": { "height": 256, "width": 256 }, "do_center_crop": true, "crop_size": { "height": 224, "width": 224 } }""",
        "then crops"
        timm, "timm: an unknown filter", """{ "interpolation": "lanczos" }""", "interpolation"
        timm, "timm: a stretch with a crop", """{ "crop_pct": 0.9, "crop_mode": "squash" }""", "crop_mode squash"
        timm, "timm: an odd size", """{ "input_size": [224] }""", "input_size"
        timm, "timm: no object", "[1]", "timm's form"
    ]

let tests =
    testList
        "Model import"
        [
            for name, write, steps in tools do
                test $"a folder with {name} is served as it is, under its name in lower case" {
                    use catalog = new Catalog()
                    write (catalog.Folder "MobileNet_V2") steps
                    use network = loaded catalog "mobilenet_v2"
                    let top = (recognize network true (photograph "beaver.jpg")).Classes[0]
                    Expect.equal top.Label "beaver" "the first class"
                    Expect.isLessThan (abs (top.Probability - 0.988382)) 0.02 "as the reference"
                    Expect.equal (ModelCatalog.Ids catalog.Root |> List.ofSeq) [ "mobilenet_v2" ] "in the catalog"
                }

            for write, name, steps, resize in served do
                test $"resize: {name}" {
                    use catalog = new Catalog()
                    write (catalog.Folder "made") steps
                    use network = loaded catalog "made"
                    let found = network.Preprocessing
                    Expect.equal (found.Method, found.KeptSide, found.Interpolation) resize "resize"
                }

            for write, name, steps, word in refused do
                test $"refused: {name}" {
                    use catalog = new Catalog()
                    write (catalog.Folder "made") steps
                    Expect.stringContains (refusal catalog "made") word "by name"
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
                link (catalog.Folder "snacks") "model.onnx" (shared "snacks/squeezenet_tensor_input.onnx")
                use network = loaded catalog "snacks"
                Expect.equal network.OutputKind OutputKind.Sigmoid "kind"
                Expect.equal network.Input.Channels InputChannels.Bgr "channels"
                Expect.hasLength network.Labels 10 "labels in the graph"
            }

            test "for a network alone the error says how to add it" {
                use catalog = new Catalog()
                link (catalog.Folder "bare") "net.onnx" mobilenet.Value
                Expect.stringContains (refusal catalog "bare") "models add" "what to do"
            }
        ]
