/// Models without a manifest: what their tools write is enough, or what is missing is said.
module Tests.Expecto.Worker.ModelImportTests

open System.IO
open Expecto
open Google.Protobuf
open Tests.Expecto.Worker
open Tests.Expecto.Worker.ModelFolders
open Worker
open Worker.Inference
open Worker.Models
open Worker.Models.Import
open Worker.Models.Onnx

let private mobilenet = lazy shared "mobilenetv2/mobilenetv2-12-qdq.onnx"

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

let private found catalog id =
    match load catalog id with
    | Ok network -> network
    | Error reason -> failtest reason

let private inspected path =
    match ModelInspection.Inspect path with
    | :? Outcome<System.Collections.Generic.IReadOnlyList<string>>.Ok as lines -> String.concat "\n" lines.Value
    | :? Outcome<System.Collections.Generic.IReadOnlyList<string>>.Failed as failed -> failwith failed.Reason
    | other -> failwith $"{other}"

let private added path (catalog: Catalog) options =
    match ModelImport.Add(path, catalog.Root, options) with
    | :? Outcome<string>.Ok as id -> Ok id.Value
    | :? Outcome<string>.Failed as failed -> Error failed.Reason
    | other -> failwith $"{other}"

let private withMetadata (entries: (string * string) list) =
    let model = graph mobilenet.Value

    for key, value in entries do
        model.MetadataProps.Add(StringStringEntryProto(Key = key, Value = value))

    model.ToByteArray()

let private tools =
    testList
        "tools"
        [
            test "a Hugging Face folder is served as it is, under its name in lower case" {
                use catalog = new Catalog()
                huggingFace (catalog.Folder "MobileNet_V2") cropped
                use network = found catalog "mobilenet_v2"
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
                    use network = found catalog "hf"
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

                    match load catalog "hf" with
                    | Error reason -> Expect.stringContains reason word "by name"
                    | Ok _ -> failtest "it should have been refused"
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
                use network = found catalog "yolo-cls"
                Expect.sequenceEqual network.Labels (File.ReadAllLines imagenet.Value) "labels"
                Expect.equal network.Preprocessing.KeptSide 224 "size"
                Expect.equal network.Preprocessing.Mean [| 0f; 0f; 0f |] "0 to 1"
            }

            test "Ultralytics' detector is refused by name" {
                use catalog = new Catalog()

                let model =
                    withMetadata [ "task", "detect"; "imgsz", "[640, 640]"; "names", "{0: 'cat'}" ]

                File.WriteAllBytes(Path.Combine(catalog.Folder "yolo", "best.onnx"), model)

                match load catalog "yolo" with
                | Error reason -> Expect.stringContains reason "task is detect" "by name"
                | Ok _ -> failtest "it should have been refused"
            }

            test "Custom Vision: its outputs are enough" {
                use catalog = new Catalog()
                let folder = catalog.Folder "snacks"

                File.CreateSymbolicLink(
                    Path.Combine(folder, "model.onnx"),
                    shared "snacks/squeezenet_tensor_input.onnx"
                )
                |> ignore

                use network = found catalog "snacks"
                Expect.equal network.OutputKind OutputKind.Sigmoid "kind"
                Expect.equal network.Input.Channels InputChannels.Bgr "channels"
                Expect.hasLength network.Labels 10 "labels in the graph"
            }

            test "a network alone says how to add it" {
                use catalog = new Catalog()

                File.CreateSymbolicLink(Path.Combine(catalog.Folder "bare", "net.onnx"), mobilenet.Value)
                |> ignore

                match load catalog "bare" with
                | Error reason -> Expect.stringContains reason "models add" "what to do"
                | Ok _ -> failtest "it should have been refused"
            }
        ]

let private commands =
    testList
        "commands"
        [
            test "inspect: what is in the graph, what is assumed and missing" {
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

            test "add: the folder, with a manifest that serves the model" {
                use catalog = new Catalog()
                let options = ImportOptions("mine", "torchvision", imagenet.Value)
                Expect.equal (added mobilenet.Value catalog options) (Ok "mine") "added"
                use network = found catalog "mine"
                Expect.equal (recognize network false (photograph "beaver.jpg")).Classes[0].Label "beaver" "it works"
                Expect.isError (added mobilenet.Value catalog options) "it is there already"
            }

            test "add: a model that can't be served leaves nothing behind" {
                use catalog = new Catalog()
                Expect.isError (added mobilenet.Value catalog (ImportOptions())) "no labels"

                Expect.isError
                    (added mobilenet.Value catalog (ImportOptions(Preset = "imagenet", Labels = imagenet.Value)))
                    "no such preset"

                Expect.isEmpty (Directory.GetFileSystemEntries catalog.Root) "nothing"
            }
        ]

let private shipped =
    testList
        "shipped catalog"
        [
            test "every manifest is valid" {
                let ids = ModelCatalog.Ids(ModelCatalog.DefaultDirectory())

                for id in [ "squeezenet1_1"; "mobilenetv2"; "googlenet"; "resnet50" ] do
                    Expect.contains ids id "listed"

                    match ModelCatalog.Find(id, ModelCatalog.DefaultDirectory()) with
                    | :? Outcome<ModelManifest>.Ok as found -> Expect.equal found.Value.Id id "its id"
                    | other -> failtest $"{other}"
            }

            test "a manifest at its old place names the new one" {
                use catalog = new Catalog()
                File.WriteAllText(Path.Combine(catalog.Root, "old.json"), "{}")

                match ModelCatalog.Find("old", catalog.Root) with
                | :? Outcome<ModelManifest>.Failed as failed ->
                    Expect.stringContains
                        failed.Reason
                        (Path.Combine(catalog.Root, "old", "model.json"))
                        "the new place"
                | other -> failtest $"{other}"
            }

            test "mobilenetv2: its labels lie in another model's folder of the mirror" {
                use catalog = new Catalog()
                use http = new System.Net.Http.HttpClient()

                let store =
                    ModelStore(
                        ModelPaths(catalog.Root, List.toArray Pictures.mirrors, true),
                        http,
                        DownloadPolicy.Standard,
                        System.TimeProvider.System,
                        ConsoleProgress(),
                        Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance
                    )

                match ModelCatalog.Find("mobilenetv2", catalog.Root) with
                | :? Outcome<ModelManifest>.Ok as manifest ->
                    match
                        store.GetAsync(manifest.Value, System.Threading.CancellationToken.None).GetAwaiter().GetResult()
                    with
                    | :? Outcome<ModelFiles>.Ok as files -> Expect.equal files.Value.Labels imagenet.Value "the labels"
                    | other -> failtest $"{other}"
                | other -> failtest $"{other}"
            }
        ]

let tests = testList "Model import" [ tools; commands; shipped ]
