namespace Web.Giraffe

open System.IO.Compression
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.ResponseCompression
open Microsoft.Extensions.DependencyInjection

/// Triton's clients can ask for `deflate`, which ASP.NET Core does not have. HTTP's `deflate` is the format of zlib.
[<Sealed>]
type private DeflateProvider() =
    interface ICompressionProvider with
        member _.EncodingName = "deflate"
        member _.SupportsFlush = true

        member _.CreateStream output =
            new ZLibStream(output, CompressionLevel.Fastest, leaveOpen = true)

/// Compresses the API's answers for clients that ask for it with `Accept-Encoding`.
[<RequireQualifiedAccess>]
module CompressedAnswers =
    let private types =
        [
            "application/json"
            "application/problem+json"
            "application/x-ndjson"
            "application/octet-stream"
        ]

    let add (services: IServiceCollection) =
        services.AddResponseCompression(fun options ->
            // The API's answers hold no secrets that a foreign page could guess by their length.
            options.EnableForHttps <- true
            options.MimeTypes <- types
            options.Providers.Add<BrotliCompressionProvider>()
            options.Providers.Add<GzipCompressionProvider>()
            options.Providers.Add(DeflateProvider()))
        |> ignore
