/// The class activation maps say of each class how strongly the network saw it, and where.
module Tests.Expecto.Worker.MapsTests

open System
open System.IO
open System.Net.Http
open System.Threading
open Expecto
open FsCheck.FSharp
open Microsoft.Extensions.Logging.Abstractions
open Microsoft.ML.OnnxRuntime
open NetVips
open Protocol.Core
open Tests.Expecto.Worker
open Worker.Inference
open Worker.Models

let private explained classes (file: byte[]) =
    let asked =
        ReferenceTests.recognizer.Value.RecognizeAsync(ReadOnlyMemory file, RecognizeOptions(classes, true))

    match asked.GetAwaiter().GetResult() with
    | :? RecognitionResult.Succeeded as named -> named.Recognition
    | other -> failwith $"not recognised: {other}"

/// The network as its file has it, without maps.
let private session =
    lazy
        (let places =
            ModelPaths(ModelCatalog.DefaultDirectory(), List.toArray Pictures.mirrors, true)

         use http = new HttpClient()

         let store =
             ModelStore(
                 places,
                 http,
                 DownloadPolicy.Standard,
                 TimeProvider.System,
                 ConsoleProgress(),
                 NullLogger.Instance
             )

         match ModelCatalog.Find("squeezenet1_1", places.Directory) with
         | :? Worker.Outcome<ModelManifest>.Ok as manifest ->
             match store.GetAsync(manifest.Value, CancellationToken.None).GetAwaiter().GetResult() with
             | :? Worker.Outcome<ModelFiles>.Ok as files -> new InferenceSession(files.Value.Network)
             | other -> failwith $"{other}"
         | other -> failwith $"{other}")

let private logits (file: byte[]) =
    let session = session.Value

    use input =
        OrtValue.CreateTensorValueFromMemory(Pictures.tensorOf file, [| 1L; 3L; 224L; 224L |])

    use options = new RunOptions()

    use outputs =
        session.Run(options, [| session.InputNames[0] |], [| input |], session.OutputNames)

    outputs[0].GetTensorDataAsSpan<float32>().ToArray()

/// What the cells say, and by how much their 8 bits may be off.
let private mean (map: ClassMap) =
    let step = (map.Highest - map.Lowest) / 255.0
    map.Lowest + step * Array.averageBy float map.Cells, step / 2.0 + 1e-3

let private noisy (width, height, seed) =
    let random = Random(seed: int)
    let tints = Array.init 12 (fun _ -> random.NextDouble())

    use image =
        Pictures.draw width height 3 (fun x y ->
            Array.init 3 (fun band ->
                let u, v = float x / float width, float y / float height

                let wave =
                    sin (40.0 * (tints[band] * u + tints[3 + band] * v) + 6.0 * tints[6 + band])

                byte (127.5 + 127.0 * wave * tints[9 + band])))

    Pictures.png image

let private size = Gen.choose (60, 400)

let private pictures =
    Gen.map3 (fun w h seed -> w, h, seed) size size (Gen.choose (0, 1_000_000))

let private photograph =
    lazy
        (let file = File.ReadAllBytes(Path.Combine(Pictures.images, "dog.jpg"))
         Image.NewFromBuffer(file).ThumbnailImage(160, height = 160, crop = Enums.Interesting.Centre))

/// The photograph in one quarter of a grey square.
let private placed right low =
    use grey = Pictures.flat 320 320 [| 128uy; 128uy; 128uy |]

    use whole =
        grey.Insert(photograph.Value, (if right then 160 else 0), (if low then 160 else 0))

    Pictures.png whole

let tests =
    testList
        "Maps"
        [
            testPropertyWithConfig
                { FsCheckConfig.defaultConfig with
                    maxTest = 12
                }
                "the mean of each of the thousand maps is its class's logit, to the 8 bits of its cells"
            <| Prop.forAll (Arb.fromGen pictures) (fun picture ->
                let file = noisy picture
                let expected = logits file
                let maps = (explained 1000 file).Maps
                Expect.equal maps.Length expected.Length "one for each class"

                for map in maps do
                    let mean, tolerance = mean map

                    Expect.isLessThan
                        (abs (mean - float expected[map.Index]))
                        tolerance
                        $"class {map.Index} of a picture {picture}")

            test "the maps are those of the classes in the answer, in their order" {
                use image = Pictures.scene 300 200
                let recognition = explained 7 (Pictures.png image)
                let classes = recognition.Classes |> Array.map _.Index
                Expect.equal (recognition.Maps |> Array.map _.Index) classes "seven"

                for map in recognition.Maps do
                    Expect.equal (map.Width, map.Height, map.Cells.Length) (13, 13, 169) "SqueezeNet's own"
            }

            test "without a request for maps there are none" {
                use image = Pictures.scene 300 200

                let plain =
                    ReferenceTests.recognizer.Value.RecognizeAsync(
                        ReadOnlyMemory(Pictures.png image),
                        RecognizeOptions.Default
                    )

                match plain.GetAwaiter().GetResult() with
                | :? RecognitionResult.Succeeded as named -> Expect.isEmpty named.Recognition.Maps "none"
                | other -> failtest $"{other}"
            }

            test "the map of a dog in one quarter of the picture is highest there" {
                for right in [ false; true ] do
                    for low in [ false; true ] do
                        let recognition = explained 1000 (placed right low)
                        let map = recognition.Maps |> Array.find (fun map -> map.Index = 258)

                        let seen isIn =
                            map.Cells
                            |> Array.indexed
                            |> Array.filter (fun (at, _) -> isIn (at % map.Width) (at / map.Width))
                            |> Array.averageBy (fun (_, cell) -> float cell)

                        let here = seen (fun x y -> (x > 6) = right && (y > 6) = low)
                        let elsewhere = seen (fun x y -> (x > 6) <> right || (y > 6) <> low)
                        Expect.isGreaterThan here (2.0 * elsewhere) $"right {right}, low {low}"
            }
        ]
