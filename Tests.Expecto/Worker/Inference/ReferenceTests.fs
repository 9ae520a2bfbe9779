module Tests.Expecto.Worker.ReferenceTests

open System
open System.IO
open System.Security.Cryptography
open System.Text.Json
open Expecto
open Microsoft.Extensions.Logging.Abstractions
open Tests.Expecto.Worker
open Worker
open Worker.Inference
open Worker.Models

/// The real model, loaded once for all tests.
let recognizer =
    lazy
        (let places =
            ModelPaths(ModelCatalog.DefaultDirectory(), List.toArray Pictures.mirrors, true)

         let task =
             RecognizerSetup.CreateAsync("squeezenet1_1", places, RecognizerOptions.Standard, NullLogger.Instance)

         match task.GetAwaiter().GetResult() with
         | :? Outcome<Recognizer>.Ok as ok -> ok.Value
         | other -> failwith $"The tests need the model, which MODEL_MIRROR or shared/models holds: {other}")

let named (file: byte[]) =
    match recognizer.Value.Recognize(ReadOnlyMemory file) with
    | :? RecognitionResult.Succeeded as named -> named.Predictions
    | other -> failwith $"not recognised: {other}"

let private hash (bytes: byte[]) =
    Convert.ToHexStringLower(SHA256.HashData bytes)

let private text (element: JsonElement) =
    match element.GetString() with
    | null -> failwith "null in the reference"
    | text -> text

let private reference =
    lazy
        (use document =
            JsonDocument.Parse(File.ReadAllText(Path.Combine(Pictures.images, "reference.json")))

         [
             for entry in document.RootElement.EnumerateObject() ->
                 entry.Name,
                 text (entry.Value.GetProperty "sha256"),
                 [
                     for top in entry.Value.GetProperty("top5").EnumerateArray() ->
                         text (top.GetProperty "label"), top.GetProperty("probability").GetDouble()
                 ]
         ])

let tests =
    testList
        "Reference"
        [
            test "every photograph is classified as by PyTorch, with its probability within 0.003" {
                Expect.isNonEmpty reference.Value "there are photographs"

                for name, sum, top5 in reference.Value do
                    let file = File.ReadAllBytes(Path.Combine(Pictures.images, name))
                    Expect.equal (hash file) sum $"{name} is the photograph that the reference knows"
                    let predictions = named file
                    Expect.equal predictions.Length 5 "five classes"
                    let label, probability = top5.Head
                    Expect.equal predictions[0].Label label name
                    Expect.isLessThan (abs (predictions[0].Probability - probability)) 0.003 name

                    for (label, probability), ours in Seq.zip top5 predictions do
                        printfn $"%-16s{name} %-16s{label} %.6f{probability} %+.6f{ours.Probability - probability}"
            }

            test "probabilities are descending, between 0 and 1, and sum to at most 1" {
                use image = Pictures.scene 400 300
                let values = named (Pictures.png image) |> Array.map _.Probability
                Expect.equal values (Array.sortDescending values) "most probable first"
                Expect.isTrue (Array.forall (fun p -> p >= 0.0 && p <= 1.0) values) "probabilities"
                Expect.isLessThan (Array.sum values) 1.0001 "together"
            }

            test "concurrent pictures have the results that each has alone" {
                let files =
                    [|
                        for width in 200..37..600 do
                            use image = Pictures.scene width 300
                            Pictures.jpeg image
                    |]

                let alone = Array.map named files

                let together =
                    Array.init 64 (fun i ->
                        recognizer.Value.RecognizeAsync(
                            ReadOnlyMemory files[i % files.Length],
                            RecognizeOptions.Default
                        ))
                    |> Threading.Tasks.Task.WhenAll
                    |> _.GetAwaiter().GetResult()

                for i, result in Array.indexed together do
                    match result with
                    | :? RecognitionResult.Succeeded as named ->
                        Expect.equal named.Predictions alone[i % files.Length] $"picture {i}"
                    | other -> failtest $"{other}"
            }

            test "all eight orientations have one result" {
                use shown = Pictures.scene 420 300

                let answers =
                    [
                        for orientation in 1..8 do
                            use turned = Pictures.stored orientation shown
                            use image = Pictures.tagged orientation turned
                            named (Pictures.png image)
                    ]

                Expect.all answers ((=) answers.Head) "the same"
            }

            test "a queued recognition that is cancelled does not start" {
                use cancel = new Threading.CancellationTokenSource()
                cancel.Cancel()

                let task =
                    recognizer.Value.RecognizeAsync(ReadOnlyMemory [| 1uy |], RecognizeOptions.Default, cancel.Token)

                Expect.throwsT<Threading.Tasks.TaskCanceledException>
                    (fun () -> task.GetAwaiter().GetResult() |> ignore)
                    "cancelled"
            }
        ]
