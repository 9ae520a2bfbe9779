/// The pages as a browser without scripts gets them, and what every answer carries.
module Tests.Expecto.Web.PagesTests

open System
open System.IO
open System.Net.Http
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto
open Protocol.Core
open Web.Giraffe

let private post (web: WebUnderTest) content = web.Send("POST", "/", [], Some content)

let internal page status (answer: HttpResponseMessage) =
    task {
        Expect.equal (Http.status answer) status "status"
        Expect.equal (Http.mediaType answer) "text/html" "a page"
        return! Http.text answer
    }

/// A folder with two sample pictures, gone afterwards.
let private withSamples (test: string -> Threading.Tasks.Task<unit>) =
    task {
        let folder = Directory.CreateTempSubdirectory "samples"

        try
            File.WriteAllBytes(Path.Combine(folder.FullName, "traffic-light.png"), Picture.png 64)
            File.WriteAllBytes(Path.Combine(folder.FullName, "spider-web.png"), Picture.png 65)
            File.WriteAllText(Path.Combine(folder.FullName, "samples.json"), "{}")
            do! test folder.FullName
        finally
            folder.Delete true
    }

let private upload =
    testTask "an upload's result is a table of category, bar and percentage, with the worker and the time" {
        use worker = TestWorker.good ()
        use! web = WebUnderTest.Start [ worker.Address ]
        let! answer = post web (Http.file "dog.png" (Picture.png 100))
        let! text = page 200 answer
        Expect.stringContains text "<title>A Samoyed (92.8%) &#183; Recognition</title>" "title"
        Expect.stringContains text """<th scope="row">Samoyed</th>""" "category"
        Expect.stringContains text """<td class="share">92.844%</td>""" "percentage"
        Expect.stringContains text """width="92.844%" """ "bar"
        Expect.stringContains text $"<dd class=\"worker\">{worker.Address}</dd>" "worker"
        Expect.isTrue (Regex.IsMatch(text, """<dd class="time">\d+ ms</dd>""")) "time"
        Expect.stringContains text "dog.png" "the file's name"
    }

let private nothing =
    testTask "without a file, with a file that is no picture or too long, the page has a message and the form" {
        use worker = TestWorker.good ()
        use! web = WebUnderTest.Start([ "--Upload:MaxBytes=1000" ], [ worker.Address ])

        for content, status, (says: string) in
            [
                Http.noFile (), 400, "Choose a picture first"
                Http.fields [], 400, "Choose a picture first"
                Http.fields [ "sample", "../appsettings.json" ], 404, "no sample picture"
                Http.file "notes.txt" "some text that is no picture"B, 415, "choose a picture, such as a JPEG or PNG"
                Http.file "long.png" (Picture.png 1001), 413, "up to 1,000 bytes"
            ] do
            let! answer = post web content
            let! text = page status answer
            Expect.stringContains text says "message"
            Expect.stringContains text "role=\"alert\"" "announced"
            Expect.stringContains text "id=\"upload\"" "the form again"

        Expect.isEmpty worker.Pictures "no worker was asked"
    }

let private nobody =
    testTask "without an active worker the page and JSON get 503" {
        use! web = WebUnderTest.Start [ TestWorker.deadAddress () ]
        let! answer = post web (Http.file "a.png" (Picture.png 100))
        let! text = page 503 answer
        Expect.stringContains text "No active worker" "on the page"

        let! answer =
            web.Send("POST", "/api/classify", [], Some(Http.body (Picture.png 100)))

        Expect.equal (Http.status answer) 503 "status"
        Expect.isGreaterThan (int (Http.header "Retry-After" answer)) 0 "when to come back"
        let! problem = Http.json answer
        Expect.equal (problem.GetProperty("title").GetString()) "No active worker" "in JSON"
    }

let private late =
    testTask "a worker that never answers gets the user 504 at the request's deadline" {
        use worker = new TestWorker(Silent)
        use! web = WebUnderTest.Start([ "--Pool:RequestSeconds=0.3" ], [ worker.Address ])

        let! answer =
            web.Send("POST", "/api/classify", [], Some(Http.body (Picture.png 100)))

        Expect.equal (Http.status answer) 504 "out of time"
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

        use worker = new TestWorker(Predicts(evil, TimeSpan.Zero))
        use! web = WebUnderTest.Start [ worker.Address ]

        let! answer =
            post web (Http.file "<img src=x onerror=alert(2)>.png" (Picture.png 100))

        let! text = page 200 answer
        Expect.isFalse (text.Contains "<script>alert") "the label"
        Expect.stringContains text "&lt;script&gt;alert(1)" "as text"
        Expect.isFalse (text.Contains "<img src=x") "the file's name"
    }

let private samples =
    testTask "samples are offered, served and classified by a form" {
        do!
            withSamples (fun folder ->
                task {
                    use worker = TestWorker.good ()
                    use! web = WebUnderTest.Start([ $"--Samples:Folder={folder}" ], [ worker.Address ])
                    let! home = web.Send("GET", "/")
                    let! text = page 200 home
                    Expect.stringContains text "Or try a sample" "offered"
                    Expect.stringContains text "<span>traffic light</span>" "by name"
                    Expect.isFalse (text.Contains "samples.json") "pictures only"
                    let! picture = web.Send("GET", "/samples/spider-web.png")
                    let! bytes = picture.Content.ReadAsByteArrayAsync()
                    Expect.equal (Http.mediaType picture, bytes) ("image/png", Picture.png 65) "served"
                    let tag = Http.header "ETag" picture
                    let! again = web.Send("GET", "/samples/spider-web.png", [ "If-None-Match", tag ])
                    Expect.equal (Http.status again) 304 "once only"
                    let! answer = post web (Http.fields [ "sample", "spider-web.png" ])
                    let! text = page 200 answer
                    Expect.stringContains text "Samoyed" "answered"
                    Expect.stringContains text """<img src="/samples/spider-web.png" """ "with the picture"
                    Expect.equal worker.Pictures [| Picture.png 65 |] "that picture"

                    for path in
                        [
                            "samples.json"
                            "..%2Fappsettings.json"
                            "%2E%2E%2Fappsettings.json"
                            "none.png"
                        ] do
                        let! missing = web.Send("GET", $"/samples/{path}")
                        Expect.equal (Http.status missing) 404 path
                })
    }

let private noSamples =
    testTask "without samples the page has no section for them" {
        use! web = WebUnderTest.Start([ "--Samples:Folder=/nowhere/at/all" ], [])
        let! home = web.Send("GET", "/")
        let! text = page 200 home
        Expect.isFalse (text.Contains "Or try a sample") "hidden"
    }

let tests =
    testList "Pages" [ upload; nothing; nobody; late; untrusted; samples; noSamples ]
