/// The pages' files on the wire: compressed where they are text, and kept by the browser.
module Tests.Expecto.Web.CompressionTests

open System
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto
open Tests.Expecto

let private expand (encoding: string) (bytes: byte[]) =
    use packed = new MemoryStream(bytes)

    use stream: Stream =
        match encoding with
        | "br" -> new BrotliStream(packed, CompressionMode.Decompress)
        | _ -> new GZipStream(packed, CompressionMode.Decompress)

    use plain = new MemoryStream()
    stream.CopyTo plain
    plain.ToArray()

/// Returns the content as the encoding sends it, checked against the plain one.
let private sent (web: WebUnderTest) (path: string) (encoding: string) : Task<byte[] * string> =
    task {
        let! plain = web.Send("GET", path)
        Expect.equal (Http.status plain) 200 path
        let! content = plain.Content.ReadAsByteArrayAsync()
        let! answer = web.Send("GET", path, [ "Accept-Encoding", encoding ])
        let! bytes = answer.Content.ReadAsByteArrayAsync()
        Expect.equal (Seq.tryHead answer.Content.Headers.ContentEncoding) (Some encoding) $"{path}: {encoding}"
        Expect.stringContains (Http.header "Vary" answer) "Accept-Encoding" path
        Expect.equal (expand encoding bytes) content $"{path}: {encoding}, expanded"
        return bytes, Http.header "Cache-Control" answer
    }

let private files (text: string) =
    Regex.Matches(text, "(?:href|src)=\"(/[^\"]+\\.(?:css|js|svg|webmanifest))\"")
    |> Seq.map _.Groups[1].Value
    |> Seq.distinct
    |> List.ofSeq

let private compressed =
    testTask "every text file of every page has Brotli and gzip; those with a version are kept forever" {
        use! web = WebUnderTest.Start []

        for page in [ "/"; "/workers"; "/docs"; "/sign-in" ] do
            let! text = Http.textOf (web.Send("GET", page))
            let mutable bytes = 0

            for file in files text do
                for encoding in [ "gzip"; "br" ] do
                    let! content, caching = sent web file encoding

                    if encoding = "br" then
                        bytes <- bytes + content.Length

                    Expect.equal
                        caching
                        (if file.StartsWith "/assets/" then
                             "public, max-age=31536000, immutable"
                         else
                             "no-cache")
                        file

            printfn $"{page}: {(files text).Length} files, {bytes} bytes with Brotli"

        for path in [ "/docs"; "/openapi/v1.json" ] do
            let! _ = sent web path "br"
            ()
    }

let private secret =
    testTask "pages that may hold a secret are not compressed" {
        use! web = WebUnderTest.Start []

        for path in [ "/add/127.0.0.1:1"; "/sign-in" ] do
            let! answer = web.Send("GET", path, [ "Accept-Encoding", "br, gzip" ])
            Expect.isEmpty answer.Content.Headers.ContentEncoding path
    }

let private modules =
    testTask "every module that a script imports is there, in its own version and language" {
        use! web = WebUnderTest.Start []
        let! text = Http.textOf (web.Send("GET", "/docs", [ "Accept-Language", "de" ]))
        let folder = Regex.Match(text, "\"(/assets/[0-9a-f]+/de)/app.css\"").Groups[1].Value
        let! texts = Http.textOf (web.Send("GET", $"{folder}/texts.js"))
        Expect.stringContains texts "Dunkle Farben" "the texts of the language"

        // Every import of each module that a page's script imports in its turn.
        let waiting =
            Queue(
                [ "home/home.js"; "workers/workers.js"; "docs.js"; "common.js" ]
                |> Seq.map (fun name -> $"{folder}/{name}")
            )

        let seen = HashSet waiting

        while waiting.Count > 0 do
            let address = waiting.Dequeue()
            let! answer = web.Send("GET", address)
            Expect.equal (Http.status answer) 200 address
            Expect.equal (Http.mediaType answer) "text/javascript" address
            let! code = Http.text answer

            for found in Regex.Matches(code, "(?:from |import\\()\"(\\.[^\"]+)\"") do
                let import = Uri(Uri $"http://host{address}", found.Groups[1].Value).AbsolutePath

                if seen.Add import then
                    waiting.Enqueue import

        Expect.isGreaterThan seen.Count 30 "modules"
    }

let private installable =
    testTask "the manifest names the app, and its icons are there in their sizes" {
        use! web = WebUnderTest.Start []
        let! answer = web.Send("GET", "/manifest.webmanifest")
        Expect.equal (Http.mediaType answer) "application/manifest+json" "media type"
        let! manifest = Http.json answer
        Expect.equal (manifest.GetProperty("start_url").GetString()) "./" "start, below any path"

        for icon in manifest.GetProperty("icons").EnumerateArray() do
            let source = icon.GetProperty("src").GetString() |> nonNull
            let! answer = web.Send("GET", "/" + source)
            Expect.equal (Http.status answer) 200 source
            Expect.equal (Http.mediaType answer) (icon.GetProperty("type").GetString() |> nonNull) source

            if source.EndsWith ".png" then
                let! bytes = answer.Content.ReadAsByteArrayAsync()
                let image = SixLabors.ImageSharp.Image.Identify bytes
                Expect.equal $"{image.Width}x{image.Height}" (icon.GetProperty("sizes").GetString() |> nonNull) source
    }

let tests = testList "Compression" [ compressed; secret; modules; installable ]
