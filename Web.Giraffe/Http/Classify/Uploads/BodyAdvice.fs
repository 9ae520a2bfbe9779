namespace Web.Giraffe

open System
open System.Buffers
open System.Buffers.Text
open System.Text

/// Advises the client if a body is not a picture but reveals what the client intended.
[<RequireQualifiedAccess>]
module BodyAdvice =
    [<Literal>]
    let private UrlEncoded = "application/x-www-form-urlencoded"

    let private headLength = 4096L

    /// curl's -d removes these.
    let private lineBreaks = SearchValues.Create(ReadOnlySpan "\r\n\000"B)

    let private isStripped (bytes: ReadOnlySequence<byte>) =
        let mutable found = bytes.Length < 64L

        for piece in bytes do
            found <- found || piece.Span.ContainsAny lineBreaks

        not found

    let private dataBinary =
        "curl's -d changes a file: send it with --data-binary @FILE."

    let private headOf (bytes: ReadOnlySequence<byte>) =
        Encoding.Latin1.GetString(bytes.Slice(0L, min headLength bytes.Length).ToArray()).TrimStart()

    let private afterDataUri (text: string) =
        match text.IndexOf(";base64,", StringComparison.Ordinal) with
        | at when at >= 0 && text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) -> text.Substring(at + 8)
        | _ -> text

    let private isBase64Picture (head: string) =
        let text = (afterDataUri head).Replace("\r", "").Replace("\n", "")
        let whole = Encoding.Latin1.GetBytes(text.Substring(0, min 64 text.Length / 4 * 4))
        let bytes = Array.zeroCreate<byte> 64
        let mutable consumed = 0
        let mutable written = 0

        whole.Length >= 16
        && Base64.DecodeFromUtf8(ReadOnlySpan whole, Span bytes, &consumed, &written, true) = OperationStatus.Done
        && (ImageFormat.detect (ReadOnlySpan(bytes, 0, written))).IsSome

    /// Returns the advice for a body that is not a picture, if its form is recognized.
    let ofBody (mediaType: string) (bytes: ReadOnlySequence<byte>) : string option =
        let head = headOf bytes

        let starts (text: string) =
            head.StartsWith(text, StringComparison.OrdinalIgnoreCase)

        if starts "{" || starts "[" then
            Some
                """The body is JSON: send it with the header Content-Type: application/json, and the picture in base64: {"image": "…"}."""
        elif isBase64Picture head then
            Some
                """The body is a picture in base64. Send the picture's own bytes, or JSON with the header Content-Type: application/json: {"image": "…"}."""
        elif
            starts "--"
            && head.Contains("\r\nContent-Disposition", StringComparison.OrdinalIgnoreCase)
        then
            Some
                "The body is a multipart form, but the header Content-Type does not say so. Let the HTTP library write it, with the boundary."
        elif starts "http://" || starts "https://" || starts "file:" then
            Some "The body is an address. Download the picture, and send its bytes."
        elif mediaType = UrlEncoded && head.Contains '=' && not (head.Contains '\000') then
            Some
                "The body is a URL-encoded form. curl sends a file with --data-binary @FILE, or in a form with -F file=@FILE."
        elif mediaType = UrlEncoded && isStripped bytes then
            Some dataBinary
        else
            None

    /// Returns the advice for a form's file that is not a picture. `name` is empty if the client gave none.
    let ofFile (name: string) (bytes: ReadOnlySequence<byte>) : string option =
        let head = headOf bytes

        if isBase64Picture head then
            Some "The file is a picture in base64. Send the picture's own bytes."
        elif name = "" && not (head.AsSpan().ContainsAnyInRange('\000', '\031')) then
            Some "The field has a text in place of a file. curl sends a file with an @ before its name: -F file=@FILE."
        else
            None

    /// Returns the advice for a picture that a worker found damaged.
    let ofDamaged (mediaType: string) (bytes: ReadOnlySequence<byte>) : string option =
        if mediaType = UrlEncoded && isStripped bytes then
            Some dataBinary
        else
            None
