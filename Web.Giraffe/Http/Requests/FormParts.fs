namespace Web.Giraffe

open System
open System.IO
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.WebUtilities

/// A body for `MultipartReader`, which limits a part's headers only per line: endless headers would be buffered whole
/// (dotnet/aspnetcore#67838). While headers are read, this stream returns only as many bytes as headers may have.
[<Sealed>]
type private HeaderBound(inner: Stream) =
    inherit BodyStream()

    // The size of the reader's reads. That many bytes may already belong to the part's body.
    let ahead = 4096
    let mutable left = Int32.MaxValue

    /// The maximum size of a part's headers in bytes.
    static member MostHeaders = 16_384

    member _.Begin() = left <- HeaderBound.MostHeaders + ahead
    member _.End() = left <- Int32.MaxValue

    override _.ReadAsync(buffer: Memory<byte>, cancel: CancellationToken) : ValueTask<int> =
        if left = Int32.MaxValue then
            inner.ReadAsync(buffer, cancel)
        elif left = 0 then
            raise (InvalidDataException "The headers of a part are too long.")
        else
            ValueTask<int>(
                task {
                    let! read = inner.ReadAsync(buffer.Slice(0, min left buffer.Length), cancel)
                    left <- left - read
                    return read
                }
            )

/// The parts of a multipart body, one after the other. An invalid body throws InvalidDataException with a sentence for the
/// caller, or IOException if it ends early.
[<Sealed>]
type FormParts(boundary: string, body: Stream) =
    // The reader's own messages name its limits and streams.
    let malformed () =
        raise (
            InvalidDataException
                $"The form can't be parsed. Each part must start with '--{boundary}' (from Content-Type), then up to {HeaderBound.MostHeaders} bytes of 'Name: value' header lines and an empty line, all ending in CR LF."
        )

    let source = new HeaderBound(body)

    // The bytes of the headers are limited, so their number is, too.
    let reader =
        MultipartReader(boundary, source, BodyLengthLimit = Nullable(), HeadersCountLimit = HeaderBound.MostHeaders)

    let mutable current: MultipartSection | null = null

    /// The message for a form that ends early.
    static member CutOff =
        "The form ends before its final boundary: the upload was cut off, or Content-Type names a different boundary."

    /// Returns the next part, or null after the last one. The previous part's body must not be read any more.
    member _.Next(cancel: CancellationToken) : Task<MultipartSection | null> =
        task {
            match current with
            | NonNull part -> do! part.Body.CopyToAsync(Stream.Null, cancel)
            | _ -> ()

            source.Begin()

            try
                let! next = reader.ReadNextSectionAsync cancel
                source.End()
                current <- next
                return next
            with :? InvalidDataException ->
                return malformed ()
        }
