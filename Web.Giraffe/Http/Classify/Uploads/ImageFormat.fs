namespace Web.Giraffe

open System
open System.Buffers
open FileFormats

/// Identifies pictures by their content. The accepted formats are those that the workers decode; only a worker checks
/// the rest of the file.
[<RequireQualifiedAccess>]
module ImageFormat =
    /// The display names of the formats.
    let names = PictureFormats.Names

    /// The media types for the `accept` of a file field.
    let mediaTypes =
        [
            for format in PictureFormats.Supported do
                match format.MediaType with
                | NonNull mediaType -> mediaType
                | _ -> ()
        ]

    /// Returns the media type, or none for a file that is not accepted.
    let detect (bytes: ReadOnlySpan<byte>) : string option =
        match FormatDetector.Identify bytes with
        | NonNull format -> Option.ofObj format.MediaType
        | _ -> None

    /// Returns the format of a file that is not accepted, or none if it is unknown.
    let foreign (bytes: ReadOnlySpan<byte>) : FileFormat option =
        match FormatDetector.Identify bytes with
        | NonNull format when not format.IsSupported -> Some format
        | _ -> None

    /// Returns the reason why a file is not accepted, and what to do.
    let refusal (bytes: ReadOnlySpan<byte>) =
        match foreign bytes with
        | Some format -> format.Refusal
        | None -> RefusalText.UnknownFormat

    // Enough for almost all formats; the workers identify the others.
    let private headLength = 65536L

    let private head (picture: ReadOnlySequence<byte>) =
        if picture.FirstSpan.Length >= int (min headLength picture.Length) then
            picture.First
        else
            ReadOnlyMemory(picture.Slice(0L, min headLength picture.Length).ToArray())

    let ofPicture (picture: ReadOnlySequence<byte>) = detect (head picture).Span

    let foreignOfPicture (picture: ReadOnlySequence<byte>) = foreign (head picture).Span

    let refusalOfPicture (picture: ReadOnlySequence<byte>) = refusal (head picture).Span
