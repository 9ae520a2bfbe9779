namespace Web.Giraffe

open System
open System.IO
open System.Security.Cryptography
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Json.Nodes
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.StaticFiles
open Microsoft.Extensions.FileProviders
open Protocol.Core

/// The files of wwwroot, and the texts of the scripts.
[<RequireQualifiedAccess>]
module StaticFiles =
    let private folder = "assets"

    // The modules are files of their own: nothing in them needs the escapes of a page.
    let private format =
        JsonSerializerOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

    /// The rules for putting an answer into words, for the script.
    let private wording =
        let rules = JsonObject()
        rules["sure"] <- AnswerText.Sure
        rules["likely"] <- AnswerText.Likely
        rules["guess"] <- AnswerText.Guess
        rules["plural"] <- JsonSerializer.SerializeToNode(Set.toArray AnswerText.plural)
        rules["uncountable"] <- JsonSerializer.SerializeToNode(Set.toArray AnswerText.uncountable)
        rules.ToJsonString format

    /// Returns the module `texts.js` of a language.
    let private texts (language: Language) =
        $"export default {JsonSerializer.Serialize(language.Texts, format)};\nexport const wording = {wording};\n"

    /// Returns the files below a folder, in the same order on every machine.
    let rec private below (files: IFileProvider) (path: string) : seq<IFileInfo> =
        files.GetDirectoryContents path
        |> Seq.sortWith (fun a b -> String.CompareOrdinal(a.Name, b.Name))
        |> Seq.collect (fun file ->
            if file.IsDirectory then
                below files $"{path}/{file.Name}"
            else
                Seq.singleton file)

    /// Returns the path of the page's styles and scripts. It changes with their content, so that they can be cached
    /// forever, and a module imports modules of its own version. Below it is a folder for each language.
    let root (files: IFileProvider) : string =
        use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256

        for file in below files folder do
            use content = file.CreateReadStream()
            hash.AppendData(SHA256.HashData content)

        for language in Texts.languages do
            hash.AppendData(Text.Encoding.UTF8.GetBytes(texts language))

        $"/{folder}/{Convert.ToHexStringLower(hash.GetHashAndReset()).Substring(0, 10)}"

    /// Returns the folder of a language.
    let ofLanguage (root: string) (language: Language) = $"{root}/{language.Culture.Name}"

    let private forever = "public, max-age=31536000, immutable"

    let private keep (caching: string) (context: StaticFileResponseContext) =
        context.Context.Response.Headers.CacheControl <- caching

    let private contentTypes =
        let types = FileExtensionContentTypeProvider()
        types.Mappings[".webmanifest"] <- "application/manifest+json"
        types

    let private serveTexts (app: WebApplication) (path: string) (language: Language) =
        let content = texts language

        app.Map(
            PathString path,
            fun branch ->
                branch.Run(fun context ->
                    context.Response.Headers.CacheControl <- forever

                    TypedResults.Text(content, "text/javascript; charset=utf-8").ExecuteAsync context)
        )
        |> ignore

    /// Serves the files. `root` is the result of the function `root`.
    let serve (app: WebApplication) (root: string) =
        let assets =
            new PhysicalFileProvider(Path.Combine(app.Environment.WebRootPath, folder))

        for language in Texts.languages do
            let path = ofLanguage root language
            serveTexts app $"{path}/texts.js" language

            app.UseStaticFiles(
                StaticFileOptions(
                    RequestPath = PathString path,
                    FileProvider = assets,
                    OnPrepareResponse = keep forever
                )
            )
            |> ignore

        // Files without a version are revalidated.
        app.UseStaticFiles(StaticFileOptions(ContentTypeProvider = contentTypes, OnPrepareResponse = keep "no-cache"))
        |> ignore
