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
    testCaseTask "answers over the labelled photographs are right, and specific"
    <| fun () ->
        task {
            let folder = Path.Combine(Repository.photographs, "labelled")

            let! said =
                Recognize.run [ "models"; "accuracy"; folder; "--model"; String.concat "," models ]

            Expect.equal said.Code 0 said.Err

            let number (text: string) =
                Double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture)

            for model, right, detail in [ "squeezenet1_1", 94.0, 5.3; "mobilenetv2", 96.0, 7.3 ] do
                let row = said.Rows |> Array.find (fun row -> row[0] = model)
                Expect.equal row[1] "100" "pictures"
                Expect.isGreaterThanOrEqual (number row[2]) right $"{model} is right: {row[2]}"
                Expect.isGreaterThanOrEqual (number row[3]) detail $"{model} is specific: {row[3]}"
        }

/// A folder of pictures, links to one of the samples, with these labels; it goes with the test.
type private Folder(pictures: int, labels: string) =
    let root = Directory.CreateTempSubdirectory "labelled-"

    do
        for at in 1..pictures do
            File.CreateSymbolicLink(Path.Combine(root.FullName, $"{at}.png"), Recognize.sample "daisy")
            |> ignore

        File.WriteAllText(Path.Combine(root.FullName, "labels.json"), labels)

    member _.Path = root.FullName

    interface IDisposable with
        member _.Dispose() = root.Delete true

let private measure = [ "models"; "accuracy"; "--model"; "squeezenet1_1" ]

let private refused =
    testCaseTask "labels that mean nothing, and pictures that can't be read, are named"
    <| fun () ->
        task {
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
                use folder = new Folder(1, labels)
                let! said = Recognize.run (measure @ [ folder.Path ])
                Expect.equal said.Code 1 labels
                Expect.stringContains said.Err words labels
                Expect.hasLength said.ErrLines 1 said.Err
        }

let private many =
    testCaseTask "more pictures than a process may open files, and an interruption while they are classified"
    <| fun () ->
        task {
            let count = 1000

            let labels =
                [ for at in 1..count -> $"\"{at}.png\": {{ \"index\": 985 }}" ]
                |> String.concat ","

            use folder = new Folder(count, $"{{ {labels} }}")
            let arguments = measure @ [ folder.Path ]
            let limited = [ "-c"; "ulimit -n 256; exec \"$@\""; "sh"; Recognize.program ]
            let! said = Recognize.start "sh" Repository.root (limited @ arguments) [] [||]
            Expect.equal said.Code 0 said.Err
            Expect.stringContains said.Out $"squeezenet1_1\t{count}\t100.0 %%" "all of them"

            let! code = Recognize.signalled "INT" arguments
            Expect.equal code 130 "interrupted"
        }

let tests = testList "Accuracy" [ labelled; refused; many ]
