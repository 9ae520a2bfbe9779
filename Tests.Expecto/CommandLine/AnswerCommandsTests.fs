/// The answer on the command line: its sentence and its columns, and the class tree's making.
module Tests.Expecto.CommandLine.AnswerCommandsTests

open System
open System.IO
open System.Text.Json
open Expecto
open SixLabors.ImageSharp
open SixLabors.ImageSharp.PixelFormats
open Tests.Expecto
open Tests.Expecto.Worker

let private models = [ "squeezenet1_1"; "mobilenetv2" ]

let private treeFile =
    Path.Combine(Repository.root, "models", "imagenet", "tree.json")

let private ids =
    Path.Combine(Repository.modelMirror, "squeezenet1_1", "imagenet_wnids.txt")

let private made =
    testTask "the shipped tree is what `models tree` makes of WordNet and the table of names" {
        let! result = Recognize.run [ "models"; "tree"; ids ]
        Expect.equal result.Code 0 result.Err

        Expect.isTrue
            (result.Out = File.ReadAllText treeFile)
            "run the command again: models/imagenet/tree.json is another"
    }

let private incomplete =
    testTask "a table of names that lacks a group, or names one twice, makes no tree" {
        let table = Path.Combine(Repository.root, "models", "imagenet", "names.tsv")
        use folder = new TemporaryFolder()
        let changed = folder.Of "names.tsv"

        let refusal (change: string -> string option) =
            task {
                File.WriteAllLines(changed, File.ReadAllLines table |> Array.choose change)
                let! result = Recognize.run [ "models"; "tree"; ids; "--names"; changed ]
                Expect.equal (result.Code, result.Out) (1, "") "no tree"
                return result.Err
            }

        let! missing =
            refusal (fun line -> if line.StartsWith "n02084071" then None else Some line)

        Expect.stringContains missing "lacks n02084071 (dog; domestic dog; Canis familiaris)" "the group"

        let! twice =
            refusal (fun line ->
                Some(
                    if line.StartsWith "n02084071" then
                        "n02084071\tbird"
                    else
                        line
                ))

        Expect.stringContains twice "'bird' is the name of" "the name"
        let! absent = Recognize.run [ "models"; "tree"; ids; "--wordnet"; folder.Path ]
        Expect.stringContains absent.Err "wordnet-base" "where WordNet is"

        for line in [ ""; "00001740 03 n"; "00001740 03 n 01 entity 0 001 @" ] do
            File.WriteAllText(folder.Of "data.noun", line + "\n")
            let! other = Recognize.run [ "models"; "tree"; ids; "--wordnet"; folder.Path ]
            Expect.equal other.Code 1 line
            Expect.stringContains other.Err "is not WordNet 3.0's" line
    }

let private painted width height (colour: int -> int -> Rgb24) =
    use image = new Image<Rgb24>(width, height)

    for y in 0 .. height - 1 do
        for x in 0 .. width - 1 do
            image[x, y] <- colour x y

    MadePictures.save (Formats.Png.PngEncoder()) image

/// Ellipses in front of a light wall, the nearest first: centre, radii and colour.
let private face =
    [
        (122, 135), (6, 6), Rgb24(60uy, 40uy, 30uy)
        (178, 135), (6, 6), Rgb24(60uy, 40uy, 30uy)
        (122, 135), (13, 8), Rgb24(255uy, 255uy, 255uy)
        (178, 135), (13, 8), Rgb24(255uy, 255uy, 255uy)
        (150, 205), (26, 8), Rgb24(180uy, 80uy, 80uy)
        (150, 165), (8, 16), Rgb24(205uy, 160uy, 130uy)
        (122, 115), (16, 3), Rgb24(70uy, 45uy, 25uy)
        (178, 115), (16, 3), Rgb24(70uy, 45uy, 25uy)
        (150, 150), (70, 95), Rgb24(225uy, 185uy, 155uy)
        (150, 120), (85, 95), Rgb24(70uy, 45uy, 25uy)
        (150, 310), (110, 80), Rgb24(60uy, 80uy, 140uy)
    ]
    |> fun ellipses ->
        painted 300 300 (fun x y ->
            ellipses
            |> List.tryFind (fun ((cx, cy), (rx, ry), _) ->
                (float (x - cx) / float rx) ** 2.0 + (float (y - cy) / float ry) ** 2.0 <= 1.0)
            |> function
                | Some(_, _, colour) -> colour
                | None -> Rgb24(200uy, 220uy, 240uy))

/// Lines of strokes as wide as letters, with gaps between words.
let private text =
    let random = Random 7
    let ink = Array.init 28 (fun _ -> Array.init 300 (fun _ -> random.NextDouble()))

    painted 300 400 (fun x y ->
        let line, row = (y - 10) / 14, (y - 10) % 14

        let isInk =
            y >= 10
            && y < 388
            && x >= 20
            && x < 280
            && row < 7
            && ink[line][x / 26] > 0.15
            && ink[(line + row) % 28][x] > 0.4

        if isInk then
            Rgb24(30uy, 30uy, 30uy)
        else
            Rgb24(255uy, 255uy, 255uy))

let private noise =
    let random = Random 1
    let level () = byte (random.Next 256)
    painted 300 300 (fun _ _ -> Rgb24(level (), level (), level ()))

let private unsure =
    testTask "grey, noise, a page of text and a drawn face are not sure" {
        use folder = new TemporaryFolder()

        for name, picture in
            [
                "grey", painted 300 300 (fun _ _ -> Rgb24(128uy, 128uy, 128uy))
                "noise", noise
                "text", text
                "face", face
            ] do
            File.WriteAllBytes(folder.Of $"{name}.png", picture)

        for model in models do
            let! result = Recognize.run [ "--model"; model; "--json"; "--explain"; folder.Path ]
            Expect.equal (result.Code, result.Lines.Length) (0, 4) result.Err

            for line in result.Lines do
                use document = JsonDocument.Parse line
                let root = document.RootElement
                let answer = root.GetProperty "answer"
                Expect.equal (answer.GetProperty("id").ValueKind) JsonValueKind.Null $"{model}: {line[..300]}"
                Expect.equal (answer.GetProperty("label").ValueKind) JsonValueKind.Null "no label"
                Expect.equal (answer.GetProperty("path").GetArrayLength()) 0 "no path"

                let first =
                    root.GetProperty("predictions").Item(0).GetProperty("probability").GetDouble()

                Expect.floatClose
                    Accuracy.high
                    (answer.GetProperty("probability").GetDouble())
                    first
                    "the first class's"

                let strength = root.GetProperty("maps").Item(0).GetProperty("strength").GetDouble()
                Expect.floatClose Accuracy.high strength (sqrt first) "its map is as faint"

            let! drawn = Recognize.onTerminal 100 [ "--model"; model; folder.Of "grey.png" ] []

            Expect.stringContains drawn.Out "I don't recognise this." "in words"
    }

let private forms =
    testTask "a sentence and its path on a terminal, columns in CSV" {
        let dog = Path.Combine(Repository.photographs, "dog.jpg")
        let! drawn = Recognize.onTerminal 100 [ dog ] []
        Expect.stringContains drawn.Out "A Samoyed (9" "the sentence"
        Expect.stringContains drawn.Out "animal › dog › Samoyed" "the path"
        let! result = Recognize.run [ "--csv"; "--top"; "1"; dog ]
        let lines = result.Out.Split "\r\n"

        Expect.equal
            lines[0]
            "file,error,model,worker,milliseconds,label1,probability1,answer,answer_probability,answer_id"
            "the header"

        Expect.stringEnds lines[1] ",n02111889" "the answer's id"
        Expect.stringContains lines[1] ",Samoyed,0.9" "its label"
    }

let tests = testList "Answer commands" [ made; incomplete; unsure; forms ]
