/// Models with the `config.json` of timm.
module Tests.Expecto.Worker.TimmImportTests

open System.IO
open System.Text.Json
open Expecto
open Tests.Expecto.Worker.ModelFolders
open Worker.Models

/// What timm's `save_for_hf` writes, with a network exported beside it.
let private timm (folder: string) (steps: string) =
    File.CreateSymbolicLink(Path.Combine(folder, "model.onnx"), shared "mobilenetv2/mobilenetv2-12-qdq.onnx")
    |> ignore

    let labels = JsonSerializer.Serialize(File.ReadAllLines imagenet.Value)

    File.WriteAllText(
        Path.Combine(folder, "config.json"),
        $"""{{ "architecture": "mobilenetv2_100", "num_classes": 1000, "label_names": {labels}, "pretrained_cfg": {steps} }}"""
    )

let private imagenetSteps =
    """{ "input_size": [3, 224, 224], "interpolation": "bilinear", "crop_pct": 0.875, "crop_mode": "center",
         "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225] }"""

let tests =
    testList
        "timm"
        [
            test "a folder of timm is served as it is" {
                use catalog = new Catalog()
                timm (catalog.Folder "mobilenetv2_100") imagenetSteps

                use network = loaded catalog "mobilenetv2_100"
                let top = (recognize network false (photograph "beaver.jpg")).Classes[0]
                Expect.equal top.Label "beaver" "the first class"
                Expect.isLessThan (abs (top.Probability - 0.988382)) 0.02 "as the reference"
            }

            for name, steps, method, kept, interpolation in
                [
                    "bicubic, and a resized side that is rounded down",
                    """{ "input_size": [3, 224, 224], "interpolation": "bicubic", "crop_pct": 0.9 }""",
                    ResizeMethod.ShorterSide,
                    248,
                    Interpolation.Bicubic
                    "squash",
                    """{ "interpolation": "bilinear", "crop_pct": 1.0, "crop_mode": "squash" }""",
                    ResizeMethod.Stretch,
                    224,
                    Interpolation.BilinearAntialias
                    "border",
                    """{ "crop_pct": 1, "crop_mode": "border" }""",
                    ResizeMethod.Fit,
                    224,
                    Interpolation.Bicubic
                ] do
                test $"pretrained_cfg: {name}" {
                    use catalog = new Catalog()
                    timm (catalog.Folder "timm") steps

                    use network = loaded catalog "timm"
                    let steps = network.Preprocessing

                    Expect.equal
                        (steps.Method, steps.KeptSide, steps.Interpolation)
                        (method, kept, interpolation)
                        "resize"
                }

            for name, steps, word in
                [
                    "an unknown filter", """{ "interpolation": "lanczos" }""", "interpolation"
                    "a stretch with a crop", """{ "crop_pct": 0.9, "crop_mode": "squash" }""", "crop_mode squash"
                    "an odd size", """{ "input_size": [224] }""", "input_size"
                    "no object", "[1]", "timm's form"
                ] do
                test $"pretrained_cfg refused: {name}" {
                    use catalog = new Catalog()
                    timm (catalog.Folder "timm") steps

                    Expect.stringContains (refusal catalog "timm") word "what is wrong"
                }
        ]
