/// `recognize` with the model in its own process, into a pipe: forms, exit codes, words.
module Tests.Expecto.CommandLine.RecognizeTests

open System
open System.IO
open System.Text.Json
open Expecto
open Tests.Expecto

let private daisy = Recognize.sample "daisy"

let private piped =
    testTask "into a pipe it writes file, probability and label, separated by tabs" {
        let! result =
            Recognize.run [ "samples/daisy.png"; "samples/honeycomb.png"; "--top"; "3" ]

        Expect.equal result.Code 0 result.Err
        Expect.equal result.Err "" "nothing went wrong"
        Expect.equal result.Rows.Length 6 result.Out

        let firsts =
            [ result.Rows[0]; result.Rows[3] ]
            |> List.map (fun row -> row[0], row[2], float row[1] > 0.9)

        Expect.equal
            firsts
            [
                "samples/daisy.png", "daisy", true
                "samples/honeycomb.png", "honeycomb", true
            ]
            "in the order given, the most probable first"
    }

let private partly =
    testTask
        "files that are missing, empty or no pictures get a line each, the others are classified, and the exit code is 3" {
        let empty = Path.GetTempFileName()

        let! result =
            Recognize.run [ daisy; "README.md"; "nope.png"; empty; "--top"; "1"; daisy ]

        File.Delete empty
        Expect.equal result.Code 3 result.Err
        Expect.equal (result.Rows |> Array.map (fun row -> row[2])) [| "daisy"; "daisy" |] result.Out

        Expect.equal
            result.ErrLines
            [|
                "README.md: is refused: Plain text isn't supported: choose a picture, such as a JPEG or PNG."
                "nope.png: there is no such file."
                $"{empty}: is empty."
                "3 of 5 pictures were not classified."
            |]
            "what went wrong, in order"
    }

let private damaged =
    testTask "a picture that is cut short is refused as such, from standard input too" {
        let cut = (File.ReadAllBytes daisy)[..3000]
        let! result = Recognize.read cut [ "-" ]
        Expect.equal result.Code 3 result.Err
        Expect.stringContains result.Err "standard input: is refused: The picture is damaged or cut short" "why"
    }

let private json =
    testTask "--json writes an object for each picture, with the maps on --explain, or with its error" {
        let picture = File.ReadAllBytes daisy
        let arguments = [ "-"; "nope.png"; "--json"; "--explain"; "--top"; "2" ]
        let! result = Recognize.read picture arguments
        Expect.equal result.Code 3 result.Err

        let lines =
            result.Lines |> Array.map (fun line -> JsonDocument.Parse(line).RootElement)

        Expect.equal lines.Length 2 result.Out
        let named = lines[0]
        Expect.equal (named.GetProperty("file").GetString()) "-" "the file"
        Expect.equal (named.GetProperty("model").GetString()) "squeezenet1_1" "the model"
        let first = named.GetProperty("predictions")[0]
        Expect.equal (first.GetProperty("label").GetString()) "daisy" "the label"
        Expect.equal (first.GetProperty("index").GetInt32()) 985 "its index in ImageNet"
        Expect.isGreaterThan (first.GetProperty("probability").GetDouble()) 0.9 "the probability"
        Expect.isGreaterThan (named.GetProperty("milliseconds").GetDouble()) 0.0 "the time"
        Expect.isTrue (fst (named.GetProperty("stages").TryGetProperty "inference")) "the stages"
        let maps = named.GetProperty "maps"
        Expect.equal (maps.GetArrayLength()) 2 "a map for each class"
        Expect.equal (maps[0].GetProperty("cells").GetBytesFromBase64().Length) (13 * 13) "its cells"
        Expect.equal (lines[1].GetProperty("file").GetString()) "nope.png" "the other file"
        Expect.equal (lines[1].GetProperty("error").GetString()) "there is no such file" "and its error"
    }

let private many =
    testTask "folders and patterns expand to their pictures, ordered by name" {
        let! result = Recognize.run [ "samples"; "sam*/**/h*.png"; "z*.png"; "--top"; "1" ]
        Expect.equal result.Code 3 "a pattern that nothing matches"
        let names = result.Rows |> Array.map (fun row -> row[0])

        let all =
            Directory.GetFiles(Path.Combine(Repository.root, "samples"), "*.png")
            |> Array.map (fun path -> "samples/" + Path.GetFileName path)
            |> Array.sortWith (fun one other -> String.CompareOrdinal(one, other))

        let fitting =
            all
            |> Array.filter (fun name -> name.StartsWith("samples/h", StringComparison.Ordinal))

        Expect.equal names (Array.append all fitting) "all of the folder, and then those that fit"
        Expect.stringContains result.Err "z*.png: no file matches this pattern." "the pattern"
    }

let private usage =
    testTask "an invalid command line is one line that says what is wrong, and exit code 2" {
        for arguments, words in
            [
                [], "Name at least one picture"
                [ daisy; "--top"; "none" ], "--top takes a whole number from 1 to 1000, not 'none'"
                [ daisy; "--parallel"; "65" ], "--parallel takes a whole number from 1 to 64"
                [ daisy; "--server"; "ftp://host" ], "--server takes an address such as"
                [ daisy; "--json"; "--plain" ], "choose one"
                [ daisy; "--explain" ], "--json"
                [ daisy; "--tpo"; "3" ], "--tpo"
            ] do
            let! result = Recognize.run arguments
            Expect.equal result.Code 2 result.Err
            Expect.stringContains result.Err words "what is wrong"
            Expect.equal result.ErrLines.Length 1 result.Err
            Expect.equal result.Out "" "no answer"
    }

let private noModel =
    testTask "without a model the exit code is 1 and the line says where to get one" {
        use folder = new TemporaryFolder()
        let arguments = [ daisy; "--offline"; "--models"; folder.Path ]
        let! result = Recognize.runWith [ "MODEL_MIRROR", "" ] arguments
        Expect.equal result.Code 1 result.Err
        Expect.stringContains result.Err "MODEL_MIRROR" "a folder that has it"
        Expect.stringContains result.Err "--server" "or somebody else"
    }

let private interrupted =
    testTask "a signal ends it with exit code 130, even while it waits for input" {
        for signal in [ "INT"; "TERM" ] do
            let! code = Recognize.signalled signal [ daisy; "-" ]
            Expect.equal code 130 signal
    }

let tests =
    testList "Recognize" [ piped; partly; damaged; json; many; usage; noModel; interrupted ]
