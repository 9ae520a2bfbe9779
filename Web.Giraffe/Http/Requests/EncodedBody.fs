namespace Web.Giraffe

open System
open System.IO
open System.IO.Compression
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http

/// Decompresses a request's body on arrival. The body's limit applies to the decompressed bytes, too, so that a short
/// body can't expand without bound. Throws BadHttpRequestException: 400 for invalid data, 413 for too many.
[<Sealed>]
type private DecodedBody(decoder: Stream, encoding: string, body: RequestBody) =
    inherit BodyStream()

    let mutable decoded = 0L

    override _.ReadAsync(buffer: Memory<byte>, cancel: CancellationToken) : ValueTask<int> =
        ValueTask<int>(
            task {
                try
                    let! read = decoder.ReadAsync(buffer, cancel)
                    decoded <- decoded + int64 read

                    if decoded > body.Limit then
                        raise (BadHttpRequestException("The request's body is too long when decompressed.", 413))

                    return read
                with :? InvalidDataException ->
                    return
                        raise (
                            BadHttpRequestException(
                                $"The body is not {encoding} data, as its Content-Encoding says: it is damaged or not compressed.",
                                400
                            )
                        )
            }
        )

    override _.Dispose(disposing: bool) =
        if disposing then
            decoder.Dispose()

        base.Dispose disposing

/// The header `Content-Encoding` of requests.
[<RequireQualifiedAccess>]
module EncodedBody =
    let private decoderOf (encoding: string) (body: Stream) : Stream option =
        match encoding with
        | "gzip"
        | "x-gzip" -> Some(new GZipStream(body, CompressionMode.Decompress, leaveOpen = true))
        // HTTP's `deflate` is the format of zlib.
        | "deflate" -> Some(new ZLibStream(body, CompressionMode.Decompress, leaveOpen = true))
        | _ -> None

    /// Replaces a compressed body by one that decompresses, and removes the headers that describe its compressed form.
    /// Leaves unknown encodings for the handlers to refuse, and names the known ones.
    let decode (body: RequestBody) (request: HttpRequest) : unit =
        let clear () =
            request.Headers.Remove "Content-Encoding" |> ignore

        match (string request.Headers.ContentEncoding).Trim().ToLowerInvariant() with
        | "" -> ()
        | "identity" -> clear ()
        | encoding ->
            match decoderOf encoding body with
            | Some decoder ->
                let decoded = new DecodedBody(decoder, encoding, body)
                request.HttpContext.Response.RegisterForDispose decoded
                request.Body <- decoded
                request.Headers.ContentLength <- Nullable()
                clear ()
            | None -> request.HttpContext.Response.Headers.AcceptEncoding <- "gzip, deflate"
