/// Pictures that are held whole while they are decoded take turns, and only a few wait.
module internal Tests.Expecto.Worker.LargeImageGateTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Worker.Imaging
open Worker.Inference

/// Held whole while it is decoded.
let private costly =
    lazy
        (use image = Pictures.flat 1700 1700 [| 1uy; 2uy; 3uy |]
         image.WebpsaveBuffer(lossless = Nullable true))

/// Why each of so many costly ones, asked at once of two executors, is refused.
let private burst timeout count =
    use recognizer =
        RecognizerOptions(2, 64, ImagingLimits.Standard, LargeImageTimeout = timeout)
        |> ReferenceTests.recognizerWith

    [|
        for _ in 1..count -> recognizer.RecognizeAsync(ReadOnlyMemory(costly.Force()), RecognizeOptions.Default)
    |]
    |> Task.WhenAll
    |> _.WaitAsync(TimeSpan.FromSeconds 60.0).GetAwaiter().GetResult()
    |> Array.map (function
        | :? RecognitionResult.Succeeded -> None
        | other -> Some (Outcomes.refusal other).Reason)

let tests =
    testList
        "LargeImageGate"
        [
            test "large pictures are decoded one at a time, and a damaged one releases the gate" {
                let whole = costly.Force()
                let broken = whole[..29]

                let answers =
                    allAtOnce 6 (fun i ->
                        Pictures.refusalOf ImagingLimits.Standard (if i % 2 = 0 then broken else whole))

                for i, answer in Array.indexed answers do
                    Expect.equal answer.IsSome (i % 2 = 0) $"picture {i}"
            }

            test "while one expensive picture is decoded, another is refused as busy and a cheap one is not" {
                use gate = new LargeImageGate(waits = false)

                let model =
                    Preprocessor(Pictures.squeezenet, ImagingLimits.Standard, ResizeMode.Faithful, gate)

                let ask file =
                    match Pictures.run model Pictures.squeezenet.Length file with
                    | Ok _ -> None
                    | Error refusal -> Some refusal.Reason

                use small = Pictures.flat 300 300 [| 1uy; 2uy; 3uy |]
                Expect.isTrue (gate.TryTake()) "the other has it"
                Expect.equal (ask (costly.Force())) (Some RefusalReason.Busy) "the costly one"
                Expect.isNone (ask (Pictures.png small)) "the cheap one"
                gate.Release()
                Expect.isNone (ask (costly.Force())) "its gate"
                Expect.isTrue gate.IsFree "given back"
            }

            test "of a burst of expensive pictures a few wait and the rest are refused as busy" {
                let answers = burst (TimeSpan.FromSeconds 60.0) 24
                let classified, refused = answers |> Array.partition Option.isNone
                // One is decoded and 16 wait; more if the first are done before the last arrive.
                Expect.isGreaterThanOrEqual classified.Length 17 "classified"
                Expect.all refused ((=) (Some RefusalReason.Busy)) "refused as busy"
            }

            test "the wait for the gate is bounded, and without a bound every picture is classified" {
                let impatient = burst TimeSpan.Zero 8
                Expect.exists impatient Option.isNone "one was first"
                Expect.all impatient (fun answer -> answer.IsNone || answer = Some RefusalReason.Busy) "the others"
                Expect.all (burst Timeout.InfiniteTimeSpan 8) Option.isNone "all"
            }
        ]
