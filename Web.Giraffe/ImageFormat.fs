namespace Web.Giraffe

open System
open System.Text

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

    // The brands of an ISO media file that holds pictures; `mif1` alone says only that it does.
    let private brands =
        [
            "AVIF", [ "avif"; "avis" ]
            "HEIC", [ "heic"; "heix"; "heim"; "heis"; "hevc"; "hevx"; "mif1"; "msf1" ]
        ]

    /// What people know a file by that is not taken; for the words alone.
    let foreign (bytes: ReadOnlySpan<byte>) : string option =
        if has 4 "ftyp"B bytes && bytes.Length >= 12 then
            let brand = Encoding.Latin1.GetString(bytes.Slice(8, 4))

            brands
            |> List.tryFind (fun (_, known) -> List.contains brand known)
            |> Option.map fst
        // A bitmap's third number is of bytes that are not used.
        elif has 0 "BM"B bytes && has 6 [| 0uy; 0uy; 0uy; 0uy |] bytes then
            Some "BMP"
        elif
            has 0 [| 0x49uy; 0x49uy; 0x2Auy; 0uy |] bytes
            || has 0 [| 0x4Duy; 0x4Duy; 0uy; 0x2Auy |] bytes
        then
            Some "TIFF or camera raw"
        elif has 0 "\000\000\000\012JXL "B bytes || has 0 [| 0xFFuy; 0x0Auy |] bytes then
            Some "JPEG XL"
        elif has 0 "%PDF-"B bytes then
            Some "PDF"
        elif
            has 0 "<"B bytes
            && bytes.Slice(0, min 1024 bytes.Length).IndexOf(ReadOnlySpan "<svg"B) >= 0
        then
            Some "SVG"
        else
            None
