/// Class activation maps: how strongly the network detects each class, and where.
module Tests.Expecto.Worker.MapsTests

open System
open System.IO
open Expecto
open NetVips
open Worker.Inference

let private recognized options (file: byte[]) =
    ReferenceTests.recognizer.Value.RecognizeAsync(ReadOnlyMemory file, options).GetAwaiter().GetResult()
    |> Outcomes.recognition

let private explained classes =
    recognized (RecognizeOptions(classes, true))

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
                Expect.isEmpty (recognized RecognizeOptions.Default (Pictures.png image)).Maps "none"
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
