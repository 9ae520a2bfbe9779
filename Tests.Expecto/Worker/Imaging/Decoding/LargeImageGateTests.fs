/// Pictures that are held whole while they are decoded take turns, and only a few wait.
module internal Tests.Expecto.Worker.LargeImageGateTests

open System
open System.Threading
open Expecto
open Microsoft.Extensions.Logging.Abstractions
open Tests.Expecto.Worker
open Worker
open Worker.Imaging
open Worker.Inference
open Worker.Models

/// Held whole while it is decoded.
let private costly =
    lazy
        (use image = Pictures.flat 1700 1700 [| 1uy; 2uy; 3uy |]
         image.WebpsaveBuffer(lossless = Nullable true))

/// Two executors over the real model.
let private recognizer timeout =
    let places =
        ModelPaths(ModelCatalog.DefaultDirectory(), List.toArray Pictures.mirrors, true)

    let options =
        RecognizerOptions(2, 64, ImagingLimits.Standard, LargeImageTimeout = timeout)

    match
        RecognizerSetup.CreateAsync("squeezenet1_1", places, options, NullLogger.Instance).GetAwaiter().GetResult()
    with
    | :? Outcome<Recognizer>.Ok as ok -> ok.Value
    | other -> failwith $"The tests need the model, which MODEL_MIRROR or shared/models holds: {other}"

/// What became of so many costly ones, asked at once.
let private burst timeout count =
    use recognizer = recognizer timeout

    [
        for _ in 1..count ->
            recognizer.RecognizeAsync(ReadOnlyMemory(costly.Force()), RecognizeOptions.Default)
            |> Async.AwaitTask
    ]
    |> Async.Parallel
    |> fun all -> Async.RunSynchronously(all, 60_000)
    |> Array.map (function
        | :? RecognitionResult.Succeeded -> None
        | :? RecognitionResult.Refused as refused -> Some refused.Refusal.Reason
        | other -> failwith $"neither named nor refused: {other}")

let tests =
    testList
        "LargeImageGate"
        [
            test "large pictures are decoded one at a time, and a damaged one releases the gate" {
                let whole = costly.Force()
                let broken = whole[..29]

                let ask file =
                    async { return Pictures.refusalOf ImagingLimits.Standard file }

                let answers =
                    [ for i in 1..6 -> ask (if i % 2 = 0 then whole else broken) ]
                    |> Async.Parallel
                    |> fun all -> Async.RunSynchronously(all, 30_000)

                for i, answer in Array.indexed answers do
                    Expect.equal answer.IsSome (i % 2 = 0) $"picture {i}"
            }

            test "while one expensive picture is decoded, another is refused as busy and a cheap one is not" {
                use gate = new LargeImageGate(waits = false)

                let model =
                    Preprocessor(Pictures.squeezenet, ImagingLimits.Standard, ResizeMode.Faithful, gate)

                let tensor = Array.zeroCreate<float32>(3 * 224 * 224)

                let ask (file: byte[]) =
                    model.Run(ReadOnlySpan file, tensor.AsSpan()) |> Option.ofObj

                use small = Pictures.flat 300 300 [| 1uy; 2uy; 3uy |]
                Expect.isTrue (gate.TryTake()) "the other has it"
                Expect.equal (ask (costly.Force()) |> Option.map _.Reason) (Some RefusalReason.Busy) "the costly one"
                Expect.isNone (ask (Pictures.png small)) "the cheap one"
                gate.Release()
                Expect.isNone (ask (costly.Force())) "its gate"
                Expect.isTrue gate.IsFree "given back"
            }

            test "of a burst of expensive pictures a few wait and the rest are refused as busy" {
                let answers = burst (TimeSpan.FromSeconds 60.0) 12
                let named, refused = answers |> Array.partition Option.isNone
                // One at work and four in the line; more where the first were done before the last came.
                Expect.isGreaterThanOrEqual named.Length 5 "named"
                Expect.all refused ((=) (Some RefusalReason.Busy)) "refused as busy"
            }

            test "the wait for the gate is bounded, and without a bound every picture is classified" {
                let impatient = burst TimeSpan.Zero 8
                Expect.exists impatient Option.isNone "one was first"
                Expect.all impatient (fun answer -> answer.IsNone || answer = Some RefusalReason.Busy) "the others"
                Expect.all (burst Timeout.InfiniteTimeSpan 8) Option.isNone "all"
            }
        ]
