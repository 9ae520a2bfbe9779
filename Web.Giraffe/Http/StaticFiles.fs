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

    /// Returns the path of the page's styles and scripts. It changes with their content, so that they can be cached
    /// forever, and a module imports modules of its own version.
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

    /// Serves the files. `root` is the result of the function `root`.
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
            // Files without a version are revalidated.
            .UseStaticFiles(StaticFileOptions(OnPrepareResponse = keep "no-cache"))
        |> ignore
