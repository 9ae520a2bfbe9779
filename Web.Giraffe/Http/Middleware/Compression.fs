namespace Web.Giraffe

open System.IO.Compression
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
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

/// Compresses the pages, their files and the API's answers for clients that ask for it with `Accept-Encoding`. Pages that
/// hold a secret beside text of the request are left out: their length would reveal it (BREACH).
[<RequireQualifiedAccess>]
module Compression =
    let private types =
        [
            "text/html"
            "text/css"
            "text/javascript"
            "image/svg+xml"
            "application/json"
            "application/manifest+json"
            "application/problem+json"
            "application/x-ndjson"
            "application/octet-stream"
        ]

    /// `/` includes no other path here.
    let private exactly = [ "/"; "/favicon.svg"; "/manifest.webmanifest"; "/workers" ]

    let private below = [ "/assets"; "/docs"; "/openapi" ]

    let private isPage (context: HttpContext) =
        let path = context.Request.Path

        HttpMethods.IsGet context.Request.Method
        && (List.exists (fun (it: string) -> path.Equals(PathString it)) exactly
            || List.exists (fun (it: string) -> path.StartsWithSegments(PathString it)) below)

    let add (services: IServiceCollection) : unit =
        services
            .AddResponseCompression(fun options ->
                options.EnableForHttps <- true
                options.MimeTypes <- types
                options.Providers.Add<BrotliCompressionProvider>()
                options.Providers.Add<GzipCompressionProvider>()
                options.Providers.Add(DeflateProvider()))
            .Configure(fun (options: BrotliCompressionProviderOptions) -> options.Level <- CompressionLevel.Optimal)
            .Configure(fun (options: GzipCompressionProviderOptions) -> options.Level <- CompressionLevel.Optimal)
        |> ignore

    /// `isApi` returns whether a request is one of the API.
    let apply (isApi: HttpContext -> bool) (app: WebApplication) : unit =
        app.UseWhen(
            (fun context -> isPage context || isApi context),
            fun branch -> branch.UseResponseCompression() |> ignore
        )
        |> ignore
