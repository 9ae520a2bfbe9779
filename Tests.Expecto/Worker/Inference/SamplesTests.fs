/// The pictures of `samples/`, their list, their previews and the network that classifies them.
module Tests.Expecto.Worker.SamplesTests

open System
open System.IO
open System.Text.Json
open Expecto
open SixLabors.ImageSharp
open SixLabors.ImageSharp.PixelFormats
open SixLabors.ImageSharp.Processing
open Tests.Expecto
open Tests.Expecto.Worker.ReferenceTests

let private folder = Path.Combine(Repository.root, "samples")

let private files (path: string) =
    [ for file in DirectoryInfo(path).GetFiles() -> file.Name ] |> List.sort

let private manifest () =
    use document =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "samples.json")))

    [
        for row in document.RootElement.EnumerateArray() ->
            let text (name: string) =
                row.GetProperty(name).GetString() |> nonNull

            text "file", Option.ofObj (row.GetProperty("label").GetString()), text "title"
    ]

/// The colours of a picture, in 30 x 30 squares.
let private squares (path: string) =
    use image = Image.Load<Rgb24> path
    image.Mutate(fun context -> context.Resize(30, 30) |> ignore)

    [
        for y in 0..29 do
            for x in 0..29 -> image[x, y]
    ]

let private difference (a: Rgb24) (b: Rgb24) =
    abs (float a.R - float b.R)
    + abs (float a.G - float b.G)
    + abs (float a.B - float b.B)

let tests =
    testList
        "Samples"
        [
            test "the list has every picture of the folder once, with a description" {
                let rows = manifest ()
                let listed = [ for file, _, _ in rows -> file ]
                let pictures = files folder |> List.filter _.EndsWith(".png")
                Expect.equal (List.sort listed) pictures "the files"
                Expect.isGreaterThanOrEqual rows.Length 8 "how many"

                for file, label, title in rows do
                    let label = Option.defaultValue "no class" label
                    Expect.isNotWhitespace label $"the label of {file}"
                    Expect.isGreaterThan title.Length label.Length $"the title of {file} says more than its label"

                    let preview =
                        FileInfo(Path.Combine(folder, ".previews", $"{Path.GetFileNameWithoutExtension file}.webp"))

                    Expect.isTrue preview.Exists $"the preview of {file}"
                    Expect.isLessThan preview.Length 20_000L $"the preview of {file}, bytes"
                    let size = Image.Identify preview.FullName
                    Expect.equal (size.Width, size.Height) (300, 300) $"the preview of {file}, pixels"

                    let differences =
                        List.map2 difference (squares (Path.Combine(folder, file))) (squares preview.FullName)

                    Expect.isLessThan (List.average differences) 20.0 $"the preview of {file} shows the same"
            }

            test
                "the worker classifies every labelled sample correctly with a probability above one half, and is unsure of the others" {
                for file, label, _ in manifest () do
                    let predictions = classify (File.ReadAllBytes(Path.Combine(folder, file)))

                    match label with
                    | Some label ->
                        Expect.equal predictions[0].Label label file
                        Expect.isGreaterThan predictions[0].Probability 0.5 file
                    | None -> Expect.isLessThan predictions[0].Probability 0.4 file
            }
        ]
