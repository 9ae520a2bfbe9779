namespace Web.Giraffe.Handlers

open System.IO
open System.IO.Compression
open System.Threading
open Grpc.Net.Compression
open Web.Giraffe

/// A message that is decompressed, limited in bytes, which the budget is charged for.
[<Sealed>]
type private BoundedStream(inner: Stream, limit: int, body: RequestBody | null) =
    inherit ReadOnlyStream()

    let mutable read = 0L

    override _.Read(buffer: byte[], offset: int, count: int) =
        let got = inner.Read(buffer, offset, count)
        read <- read + int64 got

        if read > int64 limit then
            raise (
                GrpcProblem.exn (
                    Problem.create
                        413
                        "Too long"
                        $"A decompressed message may have up to {limit} bytes (Upload:MaxRequest)."
                )
            )

        match body with
        | NonNull body -> body.ChargeMore got
        | _ -> ()

        got

    override _.Dispose(disposing: bool) =
        if disposing then
            inner.Dispose()

        base.Dispose disposing

/// The forms of compression that gRPC's clients offer.
[<RequireQualifiedAccess>]
type GrpcEncoding =
    | Gzip
    /// The format of zlib.
    | Deflate

/// gRPC's compression, bounded: gRPC's own providers expand a short message without a limit.
[<Sealed>]
type BoundedCompression(encoding: GrpcEncoding, limit: int) =
    // gRPC creates the stream within the call, but does not pass the call on.
    static let current = AsyncLocal<RequestBody | null>()

    /// Sets the body that this call's messages are charged to.
    static member Begin(body: RequestBody) = current.Value <- body

    interface ICompressionProvider with
        member _.EncodingName =
            match encoding with
            | GrpcEncoding.Gzip -> "gzip"
            | GrpcEncoding.Deflate -> "deflate"

        member _.CreateCompressionStream(stream, level) =
            let level = level.GetValueOrDefault CompressionLevel.Fastest

            match encoding with
            | GrpcEncoding.Gzip -> new GZipStream(stream, level, leaveOpen = true)
            | GrpcEncoding.Deflate -> new ZLibStream(stream, level, leaveOpen = true)

        member _.CreateDecompressionStream stream =
            let expanded: Stream =
                match encoding with
                | GrpcEncoding.Gzip -> new GZipStream(stream, CompressionMode.Decompress, leaveOpen = true)
                | GrpcEncoding.Deflate -> new ZLibStream(stream, CompressionMode.Decompress, leaveOpen = true)

            new BoundedStream(expanded, limit, current.Value)
