/// The network that bench/Quantize makes, in the worker's own hands. The long form, with its
/// figures: `dotnet run -c Release --project bench/Quantize -- DIR`.
module Tests.Expecto.Bench.QuantizeTests

open System
open System.IO
open System.Text.Json
open Expecto
open Google.Protobuf
open Microsoft.Extensions.Logging.Abstractions
open Microsoft.ML.OnnxRuntime
open Onnx
open Protocol.Core
open Tests.Expecto
open Tests.Expecto.EndToEnd
open Tests.Expecto.Worker
open Worker.Inference
open Worker.Models

let private quantize (arguments: string list) =
    task {
        use node =
            Node.Start(
                "quantize",
                Nodes.program "bench/Quantize",
                arguments @ [ "--each"; "0"; "--short" ],
                [ "MODEL_MIRROR", Repository.modelMirror ]
            )

        let! code = node.Ended(TimeSpan.FromMinutes 2.0)
        return code, node.Text
    }

let private wrong =
    testCaseTask "what it can't use is told, and nothing is written"
    <| fun () ->
        task {
            let folder = Directory.CreateTempSubdirectory "quantize"
            let pictures = folder.CreateSubdirectory "pictures"
            let out = Path.Combine(folder.FullName, "out")

            try
                let! code, text = quantize [ ModelCatalog.DefaultDirectory() ]
                Expect.equal code 1 text
                Expect.stringContains text "the repository's own catalog" "where it may not write"
                let! code, text = quantize [ out; "--images"; pictures.FullName ]
                Expect.equal code 1 text
                Expect.stringContains text "has no picture" "an empty folder"
                File.WriteAllText(Path.Combine(pictures.FullName, "daisy.png"), "no picture")
                let! code, text = quantize [ out; "--images"; pictures.FullName ]
                Expect.equal code 1 text
                Expect.stringContains text "daisy.png can't be calibrated with" "a damaged one"
                Expect.isFalse (Directory.Exists out) "nothing"
            finally
                folder.Delete true
        }

/// As the runtime has it after all that it fuses.
let private optimized (network: string) =
    let path = Path.GetTempFileName()

    try
        use options =
            new SessionOptions(
                OptimizedModelFilePath = path,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR
            )

        use _ = new InferenceSession(network, options)
        ModelProto.Parser.ParseFrom(File.ReadAllBytes path)
    finally
        File.Delete path

let private names =
    use list =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.root, "samples", "samples.json")))

    [
        for sample in list.RootElement.EnumerateArray() ->
            Path.Combine(Repository.root, "samples", nonNull (sample.GetProperty("file").GetString())),
            nonNull (sample.GetProperty("label").GetString())
    ]

let private photographs =
    let file = Path.Combine(Pictures.images, "reference.json")

    if not (File.Exists file) then
        []
    else
        use list = JsonDocument.Parse(File.ReadAllText file)

        [
            for photograph in list.RootElement.EnumerateObject() ->
                let first = photograph.Value.GetProperty("top5")[0]
                Path.Combine(Pictures.images, photograph.Name), nonNull (first.GetProperty("label").GetString())
        ]

/// The service with that network as one more system of bench/Compare; figures of so short a run mean nothing.
let private compared catalog =
    task {
        use node =
            Node.Start(
                "compare",
                Nodes.program "bench/Compare",
                [ "throughput"; "--short"; "--eight-bit"; catalog ],
                [ "MODEL_MIRROR", Repository.modelMirror ]
            )

        let! code = node.Ended(TimeSpan.FromMinutes 2.0)
        Expect.isLessThanOrEqual code 1 node.Text

        let rows =
            node.Text.Split '\n'
            |> Array.filter _.Contains("(e) as (c), the network in 8 bits")

        Expect.equal rows.Length 3 $"for each size of picture a row: {node.Text}"
    }

let private made =
    testCaseTask
        "made of the samples, it is computed in 8 bits, and the worker names every picture as before, with its maps"
    <| fun () ->
        task {
            let folder = Directory.CreateTempSubdirectory "quantize"

            try
                let model = "squeezenet1_1-int8"

                let! code, text =
                    quantize [ folder.FullName; "--images"; Path.Combine(Repository.root, "samples") ]

                Expect.equal code 0 text
                Expect.stringContains text $"--models {folder.FullName} --model {model}" "how it is used"

                let operations =
                    optimized(Path.Combine(folder.FullName, model, model + ".onnx")).Graph.Node
                    |> Seq.countBy _.OpType
                    |> Map.ofSeq

                for operation, count in [ "QLinearConv", 25; "QLinearConcat", 8; "Conv", 1 ] do
                    Expect.equal (operations.TryFind operation) (Some count) $"{operation} of {operations}"

                for inFloat in [ "Concat"; "Relu" ] do
                    Expect.isFalse (operations.ContainsKey inFloat) $"no {inFloat}: {operations}"

                let places = ModelPaths(folder.FullName, [||], true)

                let! loaded =
                    RecognizerSetup.CreateAsync(model, places, RecognizerOptions.Standard, NullLogger.Instance)

                use recognizer =
                    match loaded with
                    | :? Worker.Outcome<Recognizer>.Ok as ok -> ok.Value
                    | other -> failwith $"{other}"

                for path, label in names @ photographs do
                    let! result =
                        recognizer.RecognizeAsync(ReadOnlyMemory(File.ReadAllBytes path), RecognizeOptions(1, true))

                    match result with
                    | :? RecognitionResult.Succeeded as named ->
                        Expect.equal named.Recognition.Model model "the model"
                        Expect.equal named.Recognition.Classes[0].Label label path
                        Expect.equal named.Recognition.Maps[0].Cells.Length (13 * 13) "its map"
                    | other -> failtest $"{other}"

                do! compared folder.FullName
            finally
                folder.Delete true
        }

let tests = testList "Quantize" [ QuantizeRulesTests.tests; wrong; made ]
