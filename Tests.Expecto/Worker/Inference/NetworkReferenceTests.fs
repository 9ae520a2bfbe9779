/// Each of the shared models by its manifest, against the answers of another runtime.
module Tests.Expecto.Worker.NetworkReferenceTests

open System
open System.IO
open System.Text.Json
open Expecto
open Tests.Expecto.Worker.ModelFolders
open Worker.Inference
open Worker.Models

let private caffe =
    """ "resize": { "size": 256, "crop": 224 }, "normalise": { "preset": "caffe" } """

/// Id, its files, the manifest, the tolerance, and that of a JPEG which is decoded at a reduced scale.
let private referenced =
    [
        "mobilenetv2", [ "network", "mobilenetv2/mobilenetv2-12-qdq.onnx" ], torchvision, 0.02, 0.05
        "squeezenet1_0_fp16", [ "network", "squeezenet1_0_fp16/SqueezeNet_fp16.onnx" ], caffe, 0.02, 0.02
        "cifar10",
        [ "network", "cifar10/ImageClassifier.onnx"; "labels", "cifar10/labels.txt" ],
        """ "resize": { "mode": "stretch" }, "normalise": { "scale": 0.00392156862745098, "mean": [0.5], "std": [0.5] } """,
        0.01,
        0.01
    ]

let private files (listed: (string * string) list) =
    let own = listed |> List.map (fun (role, path) -> role, shared path)

    if List.exists (fun (role, _) -> role = "labels") own then
        own
    else
        ("labels", imagenet.Value) :: own

let private reference =
    lazy
        (use document = JsonDocument.Parse(File.ReadAllText(shared "reference.json"))

         [
             for model in document.RootElement.EnumerateObject() do
                 for image in model.Value.GetProperty("images").EnumerateObject() do
                     model.Name,
                     image.Name,
                     [
                         for top in image.Value.EnumerateArray() ->
                             top.GetProperty("index").GetInt32(), top.GetProperty("probability").GetDouble()
                     ]
         ])

let private answers =
    testList
        "answers"
        [
            for id, listed, members, tolerance, reduced in referenced do
                test $"{id}: every photograph is classified as in the reference" {
                    use catalog = new Catalog()
                    use network = network catalog id (files listed) members

                    let expected = reference.Value |> List.filter (fun (model, _, _) -> model = id)

                    Expect.hasLength expected 5 "photographs"

                    for _, image, top in expected do
                        let found = probabilities network (photograph image)
                        let tolerance = if image = "dog.jpg" then reduced else tolerance

                        for index, probability in top do
                            let off = abs (found[index] - probability)

                            Expect.isLessThan
                                off
                                tolerance
                                $"{image}, {network.Labels[index]}: {found[index]}, {probability}"

                        if snd top[0] - snd top[1] > 2.0 * tolerance then
                            Expect.equal (Array.findIndex ((=) (Array.max found)) found) (fst top[0]) image
                }
        ]

let private light =
    [
        "light_inception_v1", OutputKind.Probabilities
        "light_resnet50", OutputKind.Probabilities
        "light_densenet121", OutputKind.Logits
        "light_shufflenet", OutputKind.Probabilities
    ]

let private wiring =
    testList
        "wiring"
        [
            for id, kind in light do
                test $"{id}: a thousand classes of the kind of its graph, with maps" {
                    use catalog = new Catalog()

                    use network =
                        network catalog id (files [ "network", $"light/{id}.onnx" ]) torchvision

                    Expect.equal network.OutputKind kind "kind"
                    Expect.isTrue network.HasMaps "maps"
                    Expect.equal (network.InputWidth, network.InputHeight, network.InputChannels) (224, 224, 3) "input"
                    let found = recognize network true (photograph "beaver.jpg")
                    Expect.hasLength found.Classes 1000 "classes"
                    Expect.hasLength found.Maps 1000 "maps"
                    Expect.floatClose Accuracy.medium (found.Classes |> Array.sumBy _.Probability) 1.0 "sum"
                }

            test "mnist: digits drawn white on black are recognized" {
                use catalog = new Catalog()

                use network =
                    network
                        catalog
                        "mnist"
                        [ "network", shared "mnist/mnist.onnx"; "labels", shared "mnist/labels.txt" ]
                        """ "resize": { "mode": "stretch" }, "normalise": { "preset": "none" } """

                Expect.equal (network.InputWidth, network.InputChannels) (28, 1) "input"
                // A one and a seven, as strokes.
                for digit, isInk in
                    [
                        1, (fun x y -> abs (x - 140) < 12 && y > 50 && y < 230)
                        7,
                        (fun x y ->
                            (abs (y - 70) < 12 && x > 80 && x < 200)
                            || (abs (x + y / 2 - 230) < 12 && y > 60 && y < 230))
                    ] do
                    use image =
                        Pictures.draw 280 280 3 (fun x y -> Array.create 3 (if isInk x y then 255uy else 0uy))

                    let found = (recognize network false (Pictures.png image)).Classes
                    Expect.equal found[0].Label (string digit) "the digit"
            }

            test "snacks: several labels are read from the graph, without its ZipMap" {
                use catalog = new Catalog()

                use network =
                    network
                        catalog
                        "snacks"
                        [ "network", shared "snacks/squeezenet_tensor_input.onnx" ]
                        """ "input": { "channels": "bgr" }, "resize": { "size": 227, "crop": 227 }, "normalise": { "preset": "none" } """

                Expect.equal network.OutputKind OutputKind.Sigmoid "kind"
                Expect.hasLength network.Labels 10 "labels"
                Expect.equal network.Labels[2] "Cheetos - Crunchy" "in the graph's order"
                let found = recognize network true (photograph "dog.jpg")
                Expect.hasLength found.Maps 10 "maps"

                for one in found.Classes do
                    Expect.isTrue (one.Probability >= 0.0 && one.Probability <= 1.0) "a probability of its own"
            }
        ]

/// ONNX Runtime's own output for the picture, from a session of the file as it is.
let private logits (network: Network) path picture =
    OnnxRuntime.run path network.Input.Shape (Pictures.planesOf network.Preprocessing picture)

let private maps =
    testList
        "maps"
        [
            // An 8-bit network rounds its pooled features and its logits in between.
            for id, file, rounding in
                [
                    "squeezenet1_1", "squeezenet1_1/squeezenet1_1.onnx", 1e-3
                    "mobilenetv2", "mobilenetv2/mobilenetv2-12-qdq.onnx", 0.5
                ] do
                test $"{id}: the mean of each class's map is its logit" {
                    use catalog = new Catalog()
                    use network = network catalog id (files [ "network", file ]) torchvision

                    use drawn = Pictures.scene 300 200

                    for name, picture in
                        [
                            "dog", photograph "dog.jpg"
                            "basketball", photograph "basketball.jpg"
                            "drawn", Pictures.png drawn
                        ] do
                        let expected = logits network (shared file) picture
                        let found = (recognize network true picture).Maps
                        Expect.hasLength found expected.Length "one for each class"

                        let off =
                            [
                                for map in found do
                                    let step = (map.Highest - map.Lowest) / 255.0
                                    let mean = map.Lowest + step * Array.averageBy float map.Cells
                                    abs (mean - float expected[map.Index]) - step / 2.0
                            ]

                        Expect.isLessThan (List.max off) rounding name
                }
        ]

let tests = testList "Network reference" [ answers; wiring; maps ]
