module Tests.Expecto.Worker.ReferenceTests

open System
open System.IO
open System.Security.Cryptography
open System.Text.Json
open Expecto
open Microsoft.Extensions.Logging.Abstractions
open Protocol.Core.Interop
open Worker.Inference
open Worker.Models

/// A recognizer of the real model.
let recognizerWith options =
    let paths =
        ModelPaths(ModelCatalog.DefaultDirectory(), List.toArray Pictures.mirrors, true)

    RecognizerSetup.CreateAsync("squeezenet1_1", paths, options, NullLogger.Instance).GetAwaiter().GetResult()
    |> Outcomes.value

/// The recognizer of all tests.
let recognizer = lazy recognizerWith RecognizerOptions.Standard

let classify (file: byte[]) =
    (recognizer.Value.Recognize(ReadOnlyMemory file) |> Outcomes.recognition).Predictions()

let private reference =
    lazy
        (use document =
            JsonDocument.Parse(File.ReadAllText(Path.Combine(Pictures.images, "reference.json")))

         [
             for entry in document.RootElement.EnumerateObject() do
                 let first = entry.Value.GetProperty("top5")[0]

                 entry.Name,
                 string (entry.Value.GetProperty "sha256"),
                 (string (first.GetProperty "label"), first.GetProperty("probability").GetDouble())
         ])

let tests =
    testList
        "Reference"
        [
            test "every photograph is classified as by PyTorch, with its probability within 0.003" {
                Expect.isNonEmpty reference.Value "there are photographs"

                for name, sum, (label, probability) in reference.Value do
                    let file = File.ReadAllBytes(Path.Combine(Pictures.images, name))
                    Expect.equal (Convert.ToHexStringLower(SHA256.HashData file)) sum $"{name} is the reference's"
                    let predictions = classify file
                    Expect.equal predictions.Length 5 "five classes"
                    Expect.equal predictions[0].Label label name
                    Expect.isLessThan (abs (predictions[0].Probability - probability)) 0.003 name
            }

            test "probabilities are descending, between 0 and 1, and sum to at most 1" {
                use image = Pictures.scene 400 300
                let values = classify (Pictures.png image) |> Array.map _.Probability
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

                let alone = Array.map classify files

                let together =
                    Array.init 64 (fun i ->
                        recognizer.Value.RecognizeAsync(
                            ReadOnlyMemory files[i % files.Length],
                            RecognizeOptions.Default
                        ))
                    |> Threading.Tasks.Task.WhenAll
                    |> _.GetAwaiter().GetResult()

                for i, result in Array.indexed together do
                    let predictions = (Outcomes.recognition result).Predictions()
                    Expect.equal predictions alone[i % files.Length] $"picture {i}"
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
