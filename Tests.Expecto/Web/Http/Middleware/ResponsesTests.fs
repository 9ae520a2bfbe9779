/// The headers of every response, and the format of errors.
module Tests.Expecto.Web.ResponsesTests

open System
open System.IO
open System.Security.Cryptography
open System.Text
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto
open Web.Giraffe

let private headers =
    testTask "every response has the security headers and no Server header" {
        use! web = WebUnderTest.Start []

        for method, path in
            [
                "GET", "/"
                "HEAD", "/"
                "GET", "/assets/app.css"
                "GET", "/health/ready"
                "GET", "/nothing/here"
                "DELETE", "/"
                "POST", "/api/classify"
                "GET", "/add/nonsense"
            ] do
            let! answer = web.Send(method, path)
            let policy = Http.header "Content-Security-Policy" answer
            Expect.stringContains policy "default-src 'none'" $"{method} {path}"
            Expect.stringContains policy "frame-ancestors 'none'" $"{method} {path}"
            Expect.isFalse (policy.Contains "unsafe") $"{method} {path}"
            Expect.equal (Http.header "X-Content-Type-Options" answer) "nosniff" $"{method} {path}"
            Expect.equal (Http.header "Referrer-Policy" answer) "same-origin" $"{method} {path}"
            Expect.equal (Http.header "Server" answer) "" $"{method} {path}"
            Expect.notEqual (Http.header "Cache-Control" answer) "" $"{method} {path}"
    }

let private errors =
    testTask "errors are pages for browsers and problem details below /api" {
        use! web = WebUnderTest.Start []

        for method, path, status, mediaType in
            [
                "GET", "/nothing", 404, "text/html"
                "GET", "/api/nothing", 404, "application/problem+json"
                "DELETE", "/", 405, "text/html"
                "GET", "/api/classify", 405, "application/problem+json"
                "GET", "/../../etc/passwd", 404, "text/html"

            ] do
            let! answer = web.Send(method, path)
            Expect.equal (Http.status answer, Http.mediaType answer) (status, mediaType) $"{method} {path}"
    }

let private own =
    testTask "the page requests only its own small files and has no inline script or style" {
        use! web = WebUnderTest.Start []
        let! text = Http.page 200 (web.Send("GET", "/"))
        Expect.isFalse (Regex.IsMatch(text, "<style|style=|<script>|\\son\\w+=|https?:|//")) "only our own"
        let files = Regex.Matches(text, "(?:href|src)=\"(/[^\"]+\\.(?:css|js|svg))\"")
        Expect.isGreaterThan files.Count 10 "style, scripts, icon"
        let mutable bytes = 0L

        for file in files |> Seq.distinctBy _.Groups[1].Value do
            let! answer = web.Send("GET", file.Groups[1].Value)
            Expect.equal (Http.status answer) 200 file.Value
            let! content = answer.Content.ReadAsByteArrayAsync()

            if file.Value.Contains ".js" then
                bytes <- bytes + content.LongLength

            if file.Value.Contains "/assets/" then
                Expect.stringContains (Http.header "Cache-Control" answer) "immutable" file.Value

        Expect.isLessThan bytes 122_880L "under 120 KB of script together"
    }

/// Nodes of one release have to agree on it, however each of them was built.
let private assets =
    testTask "the assets' folder is named by their content alone" {
        use! web = WebUnderTest.Start []
        let! page = Http.page 200 (web.Send("GET", "/"))
        let found = Regex.Match(page, "\"(/assets/([0-9a-f]+))/en/app.css\"")
        Expect.isTrue found.Success page
        use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256
        let folder = Path.Combine(Repository.root, "Web.Giraffe", "wwwroot", "assets")

        // Each folder's files and folders by their names.
        let files =
            Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            |> Array.sortWith (fun a b -> String.CompareOrdinal(a.Replace('/', '\000'), b.Replace('/', '\000')))

        for file in files do
            hash.AppendData(SHA256.HashData(File.ReadAllBytes file))

        for language in Texts.languages do
            let address = $"{found.Groups[1].Value}/{language.Culture.Name}/texts.js"
            let! texts = Http.textWith 200 address (web.Send("GET", address))
            hash.AppendData(Encoding.UTF8.GetBytes texts)

        Expect.stringStarts (Convert.ToHexStringLower(hash.GetHashAndReset())) found.Groups[2].Value "its hash"
    }

let tests = testList "Responses" [ headers; errors; own; assets ]
