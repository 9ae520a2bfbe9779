namespace Web.Giraffe.Inference

open System
open System.Text

/// Base64, alone or in a data URI.
[<RequireQualifiedAccess>]
module Base64Text =
    /// Returns the length of a data URI's head, 0 for base64 alone, or none for a data URI of other text.
    let headLength (text: ReadOnlySpan<byte>) : int voption =
        if text.Length < 5 || not (Ascii.EqualsIgnoreCase(text.Slice(0, 5), "data:"B)) then
            ValueSome 0
        else
            let mark = ";base64"B

            match text.IndexOf ','B with
            | at when
                at >= mark.Length
                && Ascii.EqualsIgnoreCase(text.Slice(at - mark.Length, mark.Length), mark)
                ->
                ValueSome(at + 1)
            | _ -> ValueNone

    /// Returns the bytes of a whole text; none if it is not base64.
    let decode (text: string) : byte[] voption =
        let text = text.TrimStart()

        match headLength (ReadOnlySpan(Encoding.UTF8.GetBytes text)) with
        | ValueNone -> ValueNone
        | ValueSome head ->
            let bytes = Array.zeroCreate<byte>((text.Length - head) / 4 * 3 + 3)

            match Convert.TryFromBase64Chars(text.AsSpan head, Span bytes) with
            | true, length -> ValueSome(Array.sub bytes 0 length)
            | _ -> ValueNone
