/// Tensors through the worker, against ONNX Runtime itself.
module Tests.Expecto.Worker.TensorsTests

open System
open System.Runtime.InteropServices
open Expecto
open Microsoft.ML.OnnxRuntime
open Protocol.Core
open Tests.Expecto.Worker.ModelFolders
open Worker.Imaging
open Worker.Inference

let private tensor = RecognizeOptions(3, false, Nullable(), true, true)

let private run (network: Network) (bytes: byte[]) options =
    use worker = new InferenceWorker(network, ImagingLimits.Standard)
    worker.Recognize(ReadOnlySpan bytes, options, TimeSpan.Zero)

let private noise seed length =
    let random = Random(seed: int)
    Array.init length (fun _ -> float32 (random.NextDouble() * 4.0 - 2.0))

let private bytes (numbers: float32[]) =
    MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray()

let private path = "mobilenetv2/mobilenetv2-12-qdq.onnx"

let private mobilenet catalog =
    network catalog "mobilenetv2" [ "network", shared path; "labels", imagenet.Value ] torchvision

let tests =
    testList
        "Tensors"
        [
            test "a tensor goes in as it is, and the output comes as the graph has it" {
                use catalog = new Catalog()
                use network = mobilenet catalog

                for seed in 1..3 do
                    let numbers = noise seed (3 * 224 * 224)
                    let expected = OnnxRuntime.run (shared path) [| 1L; 3L; 224L; 224L |] numbers
                    let found = run network (bytes numbers) tensor |> Outcomes.recognition
                    Expect.hasLength found.Values 1000 "the whole output"

                    for index in 0..999 do
                        Expect.isLessThan (abs (found.Values[index] - expected[index])) 0.01f $"value {index}"

                    let best = Array.indexed found.Values |> Array.maxBy snd |> fst
                    Expect.equal found.Classes[0].Index best "the classes are the output's"
            }

            test "a picture and its values: the probabilities of all classes" {
                use catalog = new Catalog()
                use network = mobilenet catalog
                let picture = photograph "dog.jpg"
                let all = probabilities network picture

                let found =
                    run network picture (RecognizeOptions(1, false, Nullable(), false, true))
                    |> Outcomes.recognition

                Expect.hasLength found.Values 1000 "all classes"

                for index in 0..999 do
                    Expect.floatClose Accuracy.medium (float found.Values[index]) all[index] $"class {index}"
            }

            test "a tensor of another size is refused, and the next one is not disturbed" {
                use catalog = new Catalog()
                use network = mobilenet catalog

                for length in [ 1; 3 * 224 * 224 * 4 - 1; 3 * 224 * 224 * 4 + 1 ] do
                    let refusal = run network (Array.zeroCreate length) tensor |> Outcomes.refusal
                    Expect.stringContains refusal.Detail $"has {length} bytes" "how many it has"

                let found =
                    run network (Array.zeroCreate (3 * 224 * 224 * 4)) tensor
                    |> Outcomes.recognition

                Expect.hasLength found.Values 1000 "a good one"
            }

            test "a tensor whose output is not finite is refused, and the next one is not disturbed" {
                use catalog = new Catalog()

                use network =
                    network
                        catalog
                        "squeezenet1_1"
                        [ "network", squeezenet.Value; "labels", imagenet.Value ]
                        torchvision

                for number in [ nanf; infinityf; 1e38f ] do
                    let numbers = Array.create (3 * 224 * 224) number

                    let refusal = run network (bytes numbers) tensor |> Outcomes.refusal
                    Expect.stringContains refusal.Detail "finite" $"{number}"

                let found =
                    run network (Array.zeroCreate (3 * 224 * 224 * 4)) tensor
                    |> Outcomes.recognition

                Expect.all found.Values Single.IsFinite "a good one"
            }

            test "the description has the graph's names, types and shapes" {
                use catalog = new Catalog()
                use network = mobilenet catalog
                let options = RecognizerOptions.Standard
                use recognizer = Recognizer.Create(network, options)
                let model = (recognizer.Models.Describe(Nullable())).Models[0]

                match model.Tensors with
                | ValueSome tensors ->
                    use session = new InferenceSession(shared path)
                    Expect.equal tensors.Input.Name (Seq.head session.InputNames) "the input"
                    Expect.equal (tensors.Input.Type, tensors.Input.Shape) ("FP32", [| 3; 224; 224 |]) "its form"
                    Expect.equal tensors.Output.Name (Seq.head session.OutputNames) "the output"
                    Expect.equal (tensors.Output.Type, tensors.Output.Shape) ("FP32", [| 1000 |]) "its form"
                | ValueNone -> failtest "no tensors"
            }
        ]
