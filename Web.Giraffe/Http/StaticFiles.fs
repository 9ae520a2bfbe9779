namespace Web.Giraffe

open System
open System.IO
open System.Security.Cryptography
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.StaticFiles
open Microsoft.Extensions.FileProviders

/// The files of wwwroot.
[<RequireQualifiedAccess>]
module StaticFiles =
    let private folder = "assets"

    /// The address below which the page's styles and scripts are served. It changes with the content of any of them,
    /// so that each can be kept for ever, and the modules that a module imports are of its own version.
    let root (files: IFileProvider) : string =
        use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256

        for file in
            files.GetDirectoryContents folder
            |> Seq.sortWith (fun a b -> String.CompareOrdinal(a.Name, b.Name)) do
            use content = file.CreateReadStream()
            hash.AppendData(SHA256.HashData content)

        $"/{folder}/{Convert.ToHexStringLower(hash.GetHashAndReset()).Substring(0, 10)}"

    let private keep (caching: string) (context: StaticFileResponseContext) =
        context.Context.Response.Headers.CacheControl <- caching

    /// `root` is what `root` said.
    let serve (app: WebApplication) (root: string) =
        let assets =
            new PhysicalFileProvider(Path.Combine(app.Environment.WebRootPath, folder))

        app
            .UseStaticFiles(
                StaticFileOptions(
                    RequestPath = PathString root,
                    FileProvider = assets,
                    OnPrepareResponse = keep "public, max-age=31536000, immutable"
                )
            )
            // What has no version is asked for again.
            .UseStaticFiles(StaticFileOptions(OnPrepareResponse = keep "no-cache"))
        |> ignore
