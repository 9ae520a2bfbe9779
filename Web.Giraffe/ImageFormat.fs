namespace Web.Giraffe

open System

/// The picture formats that are taken, which are those that the workers decode, told from a file's first bytes. Whether
/// the rest is a picture, a worker finds out.
[<RequireQualifiedAccess>]
module ImageFormat =
    /// For people, and for the `accept` of a file field.
    let names = "JPEG, PNG, WebP or GIF"

    let mediaTypes = [ "image/jpeg"; "image/png"; "image/webp"; "image/gif" ]

    let private has (offset: int) (expected: byte[]) (bytes: ReadOnlySpan<byte>) =
        bytes.Length >= offset + expected.Length
        && bytes.Slice(offset, expected.Length).SequenceEqual(ReadOnlySpan expected)

    /// The media type, or none for anything that is not taken.
    let tell (bytes: ReadOnlySpan<byte>) : string option =
        if has 0 [| 0xFFuy; 0xD8uy; 0xFFuy |] bytes then
            Some "image/jpeg"
        elif has 0 [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |] bytes then
            Some "image/png"
        elif has 0 "RIFF"B bytes && has 8 "WEBP"B bytes then
            Some "image/webp"
        elif has 0 "GIF87a"B bytes || has 0 "GIF89a"B bytes then
            Some "image/gif"
        else
            None
