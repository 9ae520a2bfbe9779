/// The committed pictures of `samples/` against the program that draws them and the network that names them.
module Tests.Expecto.Worker.SamplesTests

open System
open System.IO
open System.Text.Json
open Expecto
open Tests.Expecto
open Tests.Expecto.Worker.ReferenceTests

let private folder = Draw.Folder.OfRepository()

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

/// A picture's pixels changed where nobody looks: one corner, by a few levels.
let private retouch (path: string) =
    use bitmap = SkiaSharp.SKBitmap.Decode path
    let colour = bitmap.GetPixel(0, 0)
    bitmap.SetPixel(0, 0, colour.WithRed(colour.Red ^^^ 8uy))
    use png = bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100)
    File.WriteAllBytes(path, png.ToArray())

let tests =
    testList
        "Samples"
        [
            test "the program draws the committed pictures and their list" {
                Expect.isEmpty (Draw.Folder.Differing folder) "run: dotnet run -c Release --project samples/Draw.Cs"
            }

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

            test "drawing twice gives the same bytes" {
                use first = new TemporaryFolder()
                use second = new TemporaryFolder()
                Draw.Folder.Write first.Path
                Draw.Folder.Write second.Path
                Expect.equal (files first.Path) (files second.Path) "the files"

                for file in files first.Path do
                    let bytes (folder: TemporaryFolder) = File.ReadAllBytes(folder.Of file)
                    Expect.isTrue (bytes(first).AsSpan().SequenceEqual(bytes second)) $"the bytes of {file}"
            }

            test "a changed, a missing and an extra file are each reported" {
                use copy = new TemporaryFolder()
                let previews = Directory.CreateDirectory(copy.Of ".previews").FullName

                for file in files folder do
                    File.Copy(Path.Combine(folder, file), copy.Of file)

                for file in files (Path.Combine(folder, ".previews")) do
                    File.Copy(Path.Combine(folder, ".previews", file), Path.Combine(previews, file))

                File.Delete(Path.Combine(previews, "lighthouse.webp"))
                retouch (copy.Of "daisy.png")
                File.Delete(copy.Of "hourglass.png")
                File.WriteAllText(copy.Of "jellyfish.png", "not a picture")
                File.AppendAllText(copy.Of "samples.json", " ")

                Expect.sequenceEqual
                    (Draw.Folder.Differing copy.Path)
                    [
                        "samples.json"
                        "lighthouse.png"
                        "daisy.png"
                        "jellyfish.png"
                        "hourglass.png"
                    ]
                    "in the list's order, the list itself first"
            }
        ]
