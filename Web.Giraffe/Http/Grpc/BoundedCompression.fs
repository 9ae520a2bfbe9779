namespace Web.Giraffe.Handlers

open System.IO
open System.IO.Compression
open Grpc.Net.Compression
open Web.Giraffe

/// A message that is decompressed, limited in bytes, which the budget is charged for.
[<Sealed>]
type private BoundedStream(inner: Stream) =
    inherit ReadOnlyStream()

    let limit = GrpcBody.mostOfMessage ()
    let mutable read = 0L

    override _.Read(buffer: byte[], offset: int, count: int) =
        let got = inner.Read(buffer, offset, count)
        read <- read + int64 got

        if read > int64 limit then
            raise (
                GrpcProblem.exn (Problem.create 413 "Too long" $"A decompressed message may have up to {limit} bytes.")
            )

        GrpcBody.charge (int64 got)
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
type BoundedCompression(encoding: GrpcEncoding) =
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

            new BoundedStream(expanded)
