/// The models of the mirror, and what the API, `/v2`, `./recognize` and the reference answer with each.
module Tests.Expecto.CommandLine.ModelTable

open System
open System.Globalization
open System.IO
open System.Net.Http
open System.Text
open System.Text.Json
open Expecto
open Tests.Expecto
open Tests.Expecto.Worker

type Entry =
    {
        Id: string
        /// Puts the model into the catalog.
        Add: ModelFolders.Catalog -> Threading.Tasks.Task<unit>
        /// The reference's name, if answers of this model mean something.
        Reference: string option
        /// How far a probability may be from the reference.
        Tolerance: float
    }

let private shared = ModelFolders.shared

/// By `./recognize models add`.
let private add id file arguments (catalog: ModelFolders.Catalog) =
    task {
        let! result =
            Recognize.run (
                [ "models"; "add"; shared file; "--id"; id; "--models"; catalog.Root ]
                @ arguments
            )

        Expect.equal result.Code 0 $"{id}: {result.Err}"
    }

let private imagenet () =
    [ "--labels"; ModelFolders.imagenet.Value ]

let private entry id reference tolerance add =
    {
        Id = id
        Add = add
        Reference = reference
        Tolerance = tolerance
    }

let models =
    [
        entry "squeezenet1_1" (Some "squeezenet1_1") 0.01 (fun catalog ->
            add "squeezenet1_1" "squeezenet1_1/squeezenet1_1.onnx" (imagenet ()) catalog)
        entry "mobilenetv2" (Some "mobilenetv2") 0.02 (fun catalog ->
            add "mobilenetv2" "mobilenetv2/mobilenetv2-12-qdq.onnx" (imagenet ()) catalog)
        entry "fp16" (Some "squeezenet1_0_fp16") 0.02 (fun catalog ->
            add "fp16" "squeezenet1_0_fp16/SqueezeNet_fp16.onnx" (imagenet () @ [ "--preset"; "caffe" ]) catalog)
        entry "cifar10" (Some "cifar10") 0.01 (fun catalog ->
            task {
                ModelFolders.write
                    catalog
                    "cifar10"
                    [
                        "network", shared "cifar10/ImageClassifier.onnx"
                        "labels", shared "cifar10/labels.txt"
                    ]
                    """ "resize": { "mode": "stretch" }, "normalise": { "preset": "keras-tf" } """
            })
        entry "mnist" None 0.0 (fun catalog ->
            add "mnist" "mnist/mnist.onnx" [ "--labels"; shared "mnist/labels.txt"; "--preset"; "none" ] catalog)
        entry "snacks" None 0.0 (add "snacks" "snacks/squeezenet_tensor_input.onnx" [])
        for name in [ "densenet121"; "inception_v1"; "resnet50"; "shufflenet" ] do
            entry name None 0.0 (fun catalog -> add name $"light/light_{name}.onnx" (imagenet ()) catalog)
    ]

let images =
    [ "dog.jpg"; "beaver.jpg"; "cheetah1.jpg"; "basketball.jpg"; "lion.webp" ]

let private best (predictions: JsonElement) =
    let first = predictions[0]
    string (first.GetProperty "label"), first.GetProperty("probability").GetDouble()

/// The most probable class by the API, and by `/v2`.
let ask (web: WebNode) id (picture: byte[]) =
    task {
        let! status, answer =
            web.Json(
                new HttpRequestMessage(
                    HttpMethod.Post,
                    $"/api/classify?model={id}&top=1",
                    Content = new ByteArrayContent(picture)
                )
            )

        Expect.equal (status, string (answer.GetProperty "model")) (200, id) $"{id}: {answer}"

        let body =
            JsonSerializer.Serialize
                {|
                    inputs =
                        [|
                            {|
                                name = "image"
                                shape = [| 1 |]
                                datatype = "BYTES"
                                data = [| Convert.ToBase64String picture |]
                            |}
                        |]
                    outputs =
                        [|
                            {|
                                name = "probabilities"
                                parameters = {| classification = 1 |}
                            |}
                        |]
                |}

        let! status, inferred =
            web.Json(
                new HttpRequestMessage(
                    HttpMethod.Post,
                    $"/v2/models/{id}/infer",
                    Content = new StringContent(body, Encoding.UTF8, "application/json")
                )
            )

        Expect.equal (status, string (inferred.GetProperty "model_name")) (200, id) $"{id} in /v2: {inferred}"
        let output = inferred.GetProperty("outputs")[0]
        let texts = output.GetProperty "data"
        let parts = (string texts[0]).Split(':', 3)
        return best (answer.GetProperty "predictions"), (parts[2], Double.Parse(parts[0], CultureInfo.InvariantCulture))
    }

/// The most probable class of each image by `./recognize`, without a server.
let local (catalog: ModelFolders.Catalog) id =
    task {
        let pictures =
            images |> List.map (fun image -> Path.Combine(Pictures.images, image))

        let! result =
            Recognize.run (
                pictures
                @ [ "--model"; id; "--models"; catalog.Root; "--offline"; "--json"; "--top"; "1" ]
            )

        Expect.equal result.Code 0 $"{id}: {result.Err}"

        return
            [
                for line in result.Lines do
                    let answer = JsonDocument.Parse(line).RootElement
                    Path.GetFileName(string (answer.GetProperty "file")), best (answer.GetProperty "predictions")
            ]
            |> dict
    }

let references =
    lazy
        (let read path =
            JsonDocument.Parse(File.ReadAllText path).RootElement

         let pictures = read (Path.Combine(Pictures.images, "reference.json"))
         let others = read (shared "reference.json")

         fun model image ->
             if model = "squeezenet1_1" then
                 best (pictures.GetProperty(image: string).GetProperty "top5")
             else
                 best (others.GetProperty(model: string).GetProperty("images").GetProperty image))
