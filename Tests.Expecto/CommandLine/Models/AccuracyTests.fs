/// `recognize models accuracy`: how good answers are over labelled pictures.
module Tests.Expecto.CommandLine.AccuracyTests

open System
open System.Globalization
open System.IO
open Expecto
open Tests.Expecto

let private models = [ "squeezenet1_1"; "mobilenetv2" ]

/// Over 100 pictures one answer is one percent, so the limits are below those of the thousand.
let private labelled =
    testTask "answers over the labelled photographs are right, and specific" {
        let folder = Path.Combine(Repository.photographs, "labelled")

        let! result =
            Recognize.run [ "models"; "accuracy"; folder; "--model"; String.concat "," models ]

        Expect.equal result.Code 0 result.Err

        let number (text: string) =
            Double.Parse(text.Split(' ', '%')[0], CultureInfo.InvariantCulture)

        for model, right, detail in [ "squeezenet1_1", 94.0, 5.3; "mobilenetv2", 96.0, 7.3 ] do
            let row = result.Rows |> Array.find (fun row -> row[0] = model)
            Expect.equal row[1] "100" "pictures"
            Expect.isGreaterThanOrEqual (number row[2]) right $"{model} is right: {row[2]}"
            Expect.isGreaterThanOrEqual (number row[3]) detail $"{model} is specific: {row[3]}"
    }

/// Pictures, links to one of the samples, with these labels.
let private fill (folder: TemporaryFolder) count (labels: string) =
    for at in 1..count do
        File.CreateSymbolicLink(folder.Of $"{at}.png", Recognize.sample "daisy")
        |> ignore

    File.WriteAllText(folder.Of "labels.json", labels)

let private measure = [ "models"; "accuracy"; "--model"; "squeezenet1_1" ]

let private refused =
    testTask "labels that mean nothing, and pictures that can't be read, are named" {
        for labels, words in
            [
                """{ "gone.png": { "index": 1 } }""", "gone.png can't be read: Could not find file"
                """{ "1.png": null }""", "'1.png' needs the index of a class, 0 to 999"
                """{ "1.png": { "index": 1000 } }""", "'1.png' needs the index of a class, 0 to 999"
                """{ "1.png": { "index": -1 } }""", "'1.png' needs the index of a class, 0 to 999"
                """{ "labels.json": { "index": 1 } }""", "labels.json is refused"
                "{}", "it names no picture"
                "null", "it names no picture"
            ] do
            use folder = new TemporaryFolder()
            fill folder 1 labels
            let! result = Recognize.run (measure @ [ folder.Path ])
            Expect.equal result.Code 1 labels
            Expect.stringContains result.Err words labels
            Expect.hasLength result.ErrLines 1 result.Err
    }

let private many =
    testTask "more pictures than a process may open files, and an interruption while they are classified" {
        let count = 1000

        let labels =
            [ for at in 1..count -> $"\"{at}.png\": {{ \"index\": 985 }}" ]
            |> String.concat ","

        use folder = new TemporaryFolder()
        fill folder count $"{{ {labels} }}"
        let arguments = measure @ [ folder.Path ]
        let limited = [ "-c"; "ulimit -n 256; exec \"$@\""; "sh"; Recognize.program ]
        let! result = Recognize.start "sh" Repository.root (limited @ arguments) [] [||]
        Expect.equal result.Code 0 result.Err
        Expect.stringContains result.Out $"squeezenet1_1\t{count}\t100.0%%" "all of them"

        let! code = Recognize.signalled "INT" arguments
        Expect.equal code 130 "interrupted"
    }

let tests = testList "Accuracy" [ labelled; refused; many ]
