namespace Protocol.Core

open System
open System.Buffers
open System.Globalization
open System.Text
open System.Text.Unicode

/// A class and its probability, 0 … 1.
[<Struct>]
type Prediction = { Label: string; Probability: float }

/// predictions = pair *("," pair), pair = label ":" probability — the payload of a result, most probable first.
/// A label holds neither `,` nor `:`; a probability is a decimal number in the invariant culture.
[<RequireQualifiedAccess>]
module Prediction =

    /// The bytes that an old client reads at once for the whole result message.
    [<Literal>]
    let MaxMessage = 1024

    let private separators = SearchValues.Create ",:\r\n"

    let private pair (prediction: Prediction) =
        let label =
            if prediction.Label.AsSpan().IndexOfAny separators < 0 then
                prediction.Label
            else
                String.map (fun c -> if separators.Contains c then ' ' else c) prediction.Label

        // "R" gives the shortest text that parses to the same number; Python writes the exponent in lower case.
        let number =
            prediction.Probability.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e')

        Encoding.UTF8.GetBytes $"{label}:{number}"

    /// Formats as many predictions as fit into `room` bytes. Characters that the grammar does not allow in a label
    /// become spaces.
    let writeWithin (room: int) (predictions: Prediction[]) : byte[] =
        let text = ArrayBufferWriter<byte> 256

        for prediction in predictions do
            let pair = pair prediction
            let comma = if text.WrittenCount = 0 then 0 else 1

            if text.WrittenCount + comma + pair.Length <= room then
                if comma = 1 then
                    text.Write(","B.AsSpan())

                text.Write(ReadOnlySpan pair)

        text.WrittenSpan.ToArray()

    /// Formats the payload of a plain result, whose message has at most 1,024 bytes.
    let write (predictions: Prediction[]) : byte[] =
        writeWithin (MaxMessage - ChecksumAlgorithm.overhead ChecksumAlgorithm.Sum) predictions

    let private probability (text: ReadOnlySpan<char>) =
        let mutable value = 0.0

        let styles =
            NumberStyles.AllowDecimalPoint
            ||| NumberStyles.AllowExponent
            ||| NumberStyles.AllowLeadingSign

        if not (Double.TryParse(text, styles, CultureInfo.InvariantCulture, &value)) then
            Error ProbabilityNotDecimal
        elif value >= 0.0 && value <= 1.0 then
            Ok value
        else
            Error ProbabilityOutOfRange

    let private parsePair (text: string) =
        match text.Split ':' with
        | [| ""; _ |] -> Error LabelEmpty
        | [| label; number |] ->
            probability (number.AsSpan())
            |> Result.map (fun value -> { Label = label; Probability = value })
        | _ -> Error MalformedPair

    /// Parses the predictions in a result's payload, in order; returns the error of the first invalid pair.
    let tryRead (payload: ReadOnlySpan<byte>) : Result<Prediction[], Malformed> =
        if not (Utf8.IsValid payload) then
            Error NotUtf8
        else
            Encoding.UTF8.GetString(payload).Split ',' |> Result.traverse parsePair
