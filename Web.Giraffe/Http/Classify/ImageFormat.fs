namespace Web.Giraffe

open System
open System.Buffers
open FileFormats

/// Identifies pictures by their content. The formats that are taken are those that the workers decode; whether the rest
/// of a file is a picture, a worker finds out.
[<RequireQualifiedAccess>]
module ImageFormat =
    /// For people.
    let names = PictureFormats.Names

    /// For the `accept` of a file field.
    let mediaTypes =
        [
            for format in PictureFormats.Supported do
                match format.MediaType with
                | NonNull mediaType -> mediaType
                | _ -> ()
        ]

    /// The media type, or none for a file that is not taken.
    let tell (bytes: ReadOnlySpan<byte>) : string option =
        match FormatDetector.Identify bytes with
        | NonNull format -> Option.ofObj format.MediaType
        | _ -> None

    /// The format of a file that is not taken; none where it is unknown.
    let foreign (bytes: ReadOnlySpan<byte>) : FileFormat option =
        match FormatDetector.Identify bytes with
        | NonNull format when not format.IsSupported -> Some format
        | _ -> None

    /// Why a file is not taken, and what to do.
    let refusal (bytes: ReadOnlySpan<byte>) =
        match foreign bytes with
        | Some format -> format.Refusal
        | None -> RefusalText.UnknownFormat

    // Enough for all formats but a few, which the workers find out.
    let private headLength = 65536L

    let private head (picture: ReadOnlySequence<byte>) =
        if picture.FirstSpan.Length >= int (min headLength picture.Length) then
            picture.First
        else
            ReadOnlyMemory(picture.Slice(0L, min headLength picture.Length).ToArray())

    let ofPicture (picture: ReadOnlySequence<byte>) = tell (head picture).Span

    let foreignOfPicture (picture: ReadOnlySequence<byte>) = foreign (head picture).Span

    let refusalOfPicture (picture: ReadOnlySequence<byte>) = refusal (head picture).Span
