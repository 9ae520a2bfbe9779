module Tests.Expecto.Protocol.PredictionTests

open System
open System.Text
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol.Generators

let private read (text: string) =
    Prediction.tryRead (ReadOnlySpan(Encoding.UTF8.GetBytes text))

let tests =
    testList
        "Prediction"
        [
            testPropertyWithConfig config "predictions read back, digit for digit"
            <| fun (predictions: Prediction list) ->
                let five = List.truncate 5 predictions |> List.toArray

                five.Length = 0
                || Prediction.tryRead (ReadOnlySpan(Prediction.write five)) = Ok five

            testPropertyWithConfig config "a result message is at most 1,024 bytes, and keeps the most probable"
            <| fun (predictions: Prediction[]) ->
                let payload = Prediction.write predictions

                let kept =
                    Encoding.UTF8.GetString(payload).Split(',', StringSplitOptions.RemoveEmptyEntries)

                payload.Length + ChecksumAlgorithm.overhead ChecksumAlgorithm.Sum <= 1024
                && (predictions.Length = 0
                    || kept[0].StartsWith(predictions[0].Label, StringComparison.Ordinal))

            test "a label with separators is written without them" {
                let payload =
                    Prediction.write
                        [|
                            {
                                Label = "a,b:c\nd"
                                Probability = 0.5
                            }
                        |]

                Expect.equal (Encoding.UTF8.GetString payload) "a b c d:0.5" "spaces instead"
            }

            test "a probability beyond every number of 64 bits is refused" {
                Expect.equal (read "a:1e400") (Error ProbabilityOutOfRange) "infinite"
            }

            test "numbers do not depend on the culture" {
                let before = Globalization.CultureInfo.CurrentCulture

                try
                    let comma =
                        Globalization.CultureInfo.InvariantCulture.Clone() :?> Globalization.CultureInfo

                    comma.NumberFormat.NumberDecimalSeparator <- ","
                    Globalization.CultureInfo.CurrentCulture <- comma
                    let payload = Prediction.write [| { Label = "a"; Probability = 0.25 } |]
                    Expect.equal (Encoding.UTF8.GetString payload) "a:0.25" "a point"
                finally
                    Globalization.CultureInfo.CurrentCulture <- before
            }

            testPropertyWithConfig { config with maxTest = 10_000 } "no text makes it throw"
            <| fun (Noise noise) ->
                match Prediction.tryRead (ReadOnlySpan noise) with
                | Ok predictions ->
                    predictions
                    |> Array.forall (fun p -> p.Probability >= 0.0 && p.Probability <= 1.0)
                | Error _ -> true
        ]
