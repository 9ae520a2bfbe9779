/// The pages as a browser without scripts gets them, and what every answer carries.
module Tests.Expecto.Web.PagesTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto
open Protocol.Core
open Web.Giraffe
open Tests.Expecto.Web.ClassifyUnderTest

let private post (web: WebUnderTest) content = web.Send("POST", "/", [], Some content)

/// A folder with two sample pictures, gone afterwards.
[<Sealed>]
type private SampleFolder() =
    let folder = Directory.CreateTempSubdirectory "samples"

    do
        File.WriteAllBytes(Path.Combine(folder.FullName, "traffic-light.png"), Picture.png 64)
        File.WriteAllBytes(Path.Combine(folder.FullName, "spider-web.png"), Picture.png 65)
        File.WriteAllText(Path.Combine(folder.FullName, "samples.json"), "{}")

    member _.Path = folder.FullName

    interface IDisposable with
        member _.Dispose() = folder.Delete true

let private upload =
    testTask "an upload's result is a table of category, bar and percentage, with the worker and the time" {
        use! web = serve []
        let! text = Http.page 200 (post web (Http.file "dog.png" (Picture.png 100)))
        Expect.stringContains text "<title>A Samoyed (92.8%) &#183; Recognition</title>" "title"
        Expect.stringContains text """<th scope="row">Samoyed</th>""" "category"
        Expect.stringContains text """<td class="share">92.844%</td>""" "percentage"
        Expect.stringContains text """width="92.844%" """ "bar"
        Expect.stringContains text $"<dd class=\"worker\">{web.Worker.Address}</dd>" "worker"
        Expect.isTrue (Regex.IsMatch(text, """<dd class="time">\d+ ms</dd>""")) "time"
        Expect.stringContains text "dog.png" "the file's name"
    }

let private nothing =
    testTask "without a file, with a file that is no picture or too long, the page has a message and the form" {
        use! web = serve [ "--Upload:MaxBytes=1000" ]

        for content, status, (says: string) in
            [
                Http.noFile (), 400, "Choose a picture first"
                Http.fields [], 400, "Choose a picture first"
                Http.fields [ "sample", "../appsettings.json" ], 404, "no sample picture"
                Http.file "notes.txt" "some text that is no picture"B, 415, "choose a picture, such as a JPEG or PNG"
                Http.file "long.png" (Picture.png 1001), 413, "up to 1,000 bytes"
            ] do
            let! text = Http.page status (post web content)
            Expect.stringContains text says "message"
            Expect.stringContains text "role=\"alert\"" "announced"
            Expect.stringContains text "id=\"upload\"" "the form again"

        Expect.isEmpty web.Worker.Pictures "no worker was asked"
    }

let private nobody =
    testTask "without an active worker the page and JSON get 503" {
        use! web = WebUnderTest.Start [ TestWorker.deadAddress () ]
        let! text = Http.page 503 (post web (Http.file "a.png" (Picture.png 100)))
        Expect.stringContains text "No active worker" "on the page"

        let! answer = classify web (Http.body (Picture.png 100))

        Expect.equal (Http.status answer) 503 "status"
        Expect.isGreaterThan (int (Http.header "Retry-After" answer)) 0 "when to come back"
        let! problem = Http.json answer
        Expect.equal (problem.GetProperty("title").GetString()) "No active worker" "in JSON"
    }

let private late =
    testTask "a worker that never answers gets the user 504 at the request's deadline" {
        use! web =
            WebUnderTest.StartWith([ "--Pool:RequestSeconds=0.3" ], new TestWorker(Silent))

        do! Http.returns 504 "out of time" (classify web (Http.body (Picture.png 100)))
    }

let private untrusted =
    testTask "markup in labels and file names is escaped" {
        let evil =
            [|
                {
                    Label = "<script>alert(1)</script>\"'"
                    Probability = 0.5
                }
            |]

        use! web = WebUnderTest.StartWith([], new TestWorker(Predicts(evil, TimeSpan.Zero)))

        let! text =
            Http.page 200 (post web (Http.file "<img src=x onerror=alert(2)>.png" (Picture.png 100)))

        Expect.isFalse (text.Contains "<script>alert") "the label"
        Expect.stringContains text "&lt;script&gt;alert(1)" "as text"
        Expect.isFalse (text.Contains "<img src=x") "the file's name"
    }

let private samples =
    testTask "samples are offered, served and classified by a form" {
        use folder = new SampleFolder()
        use! web = serve [ $"--Samples:Folder={folder.Path}" ]
        let! text = Http.page 200 (web.Send("GET", "/"))
        Expect.stringContains text "Or try a sample" "offered"
        Expect.stringContains text "<span>traffic light</span>" "by name"
        Expect.isFalse (text.Contains "samples.json") "pictures only"
        let! picture = web.Send("GET", "/samples/spider-web.png")
        let! bytes = picture.Content.ReadAsByteArrayAsync()
        Expect.equal (Http.mediaType picture, bytes) ("image/png", Picture.png 65) "served"
        let kept = [ "If-None-Match", Http.header "ETag" picture ]
        do! Http.returns 304 "once only" (web.Send("GET", "/samples/spider-web.png", kept))
        let! text = Http.page 200 (post web (Http.fields [ "sample", "spider-web.png" ]))
        Expect.stringContains text "Samoyed" "answered"
        Expect.stringContains text """<img src="/samples/spider-web.png" """ "with the picture"
        Expect.equal web.Worker.Pictures [| Picture.png 65 |] "that picture"

        for path in
            [
                "samples.json"
                "..%2Fappsettings.json"
                "%2E%2E%2Fappsettings.json"
                "none.png"
            ] do
            do! Http.returns 404 path (web.Send("GET", $"/samples/{path}"))
    }

let private noSamples =
    testTask "without samples the page has no section for them" {
        use! web = WebUnderTest.Start([ "--Samples:Folder=/nowhere/at/all" ], [])
        let! text = Http.page 200 (web.Send("GET", "/"))
        Expect.isFalse (text.Contains "Or try a sample") "hidden"
    }

let tests =
    testList "Pages" [ upload; nothing; nobody; late; untrusted; samples; noSamples ]
