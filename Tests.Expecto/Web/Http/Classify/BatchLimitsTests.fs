/// Several files in one request: how many, how much memory they take, and forms that end early.
module Tests.Expecto.Web.BatchLimitsTests

open System.Net.Http
open Expecto
open Tests.Expecto
open Web.Giraffe
open Tests.Expecto.Web.ClassifyUnderTest

let private bounded =
    testTask "files are classified in parallel up to the limit, and answered in order" {
        use! web = WebUnderTest.StartWith([ "--Pool:InFlight=100" ], TestWorker.slow 50.0)
        let! results = results (classify web (many "files" 30 100))
        Expect.equal (results |> List.map fileOf) [ for number in 1..30 -> $"{number}.png" ] "in order"
        Expect.all results (fun result -> statusOf result = 200) "all answered"
        Expect.isGreaterThan web.Worker.MaxConcurrent 1 "side by side"
        Expect.isLessThanOrEqual web.Worker.MaxConcurrent BoundedParallel.limit "bounded"
    }

let private tooMany =
    testTask "too many files get 400 with the limit" {
        use! web = serve [ "--Upload:MaxFiles=3" ]
        let! results = results (classify web (many "file" 3 100))
        Expect.hasLength results 3 "up to the limit"
        do! refuses 400 "up to 3 files" "says so" (classify web (many "file" 4 100))
    }

let private fieldAfter =
    testTask "a field may follow the only file that a form may have" {
        use! web = serve [ "--Upload:MaxFiles=1" ]
        let form = Http.form [ Http.part "a.png" (Picture.png 100); Http.field "top" "2" ]
        do! Http.returns 200 "classified" (classify web form)
        Expect.equal (Array.last web.Worker.ReceivedParameters).Top (ValueSome 2) "with its option"
    }

let private memory =
    testTask "a batch holds no more memory than its parallel requests, and returns it" {
        // Each picture takes 65,536 bytes, so that 40 of them would not fit at once.
        let options =
            [
                "--Upload:MaxBytes=100000"
                $"--Upload:MaxBuffered={9 * 65_536}"
                "--Upload:MaxRequest=10000000"
            ]

        use! web = WebUnderTest.StartWith(options, TestWorker.slow 20.0)

        for _ in 1..2 do
            let! results = results (classify web (many "file" 40 60_000))
            Expect.all results (fun result -> statusOf result = 200) "each had room in its turn"
    }

/// The form's bytes after a change, with its own boundary.
let private changed (change: byte[] -> byte[]) (form: HttpContent) =
    task {
        let! bytes = form.ReadAsByteArrayAsync()
        return Http.typed (string form.Headers.ContentType) (change bytes)
    }

let private cut =
    testTask "a truncated form gets 400 and keeps no memory" {
        use! web = serve [ "--Upload:MaxBytes=100000"; "--Upload:MaxBuffered=200000" ]

        for _ in 1..5 do
            let! cut =
                many "file" 2 60_000 |> changed (fun bytes -> bytes[.. bytes.Length - 1000])

            do! refuses 400 "" "cut" (classify web cut)

        let! results = results (classify web (many "file" 2 60_000))
        Expect.equal (results |> List.map statusOf) [ 200; 200 ] "there is room for a whole one"
    }

let private malformed =
    testTask "a malformed later part gets 400 after the form's running requests end" {
        use! web = WebUnderTest.StartWith([], TestWorker.slow 1_000.0)

        // In place of the closing delimiter.
        let! broken =
            many "file" 2 100
            |> changed (fun bytes -> Array.append bytes[.. bytes.Length - 5] "\r\nno header\r\n\r\nx"B)

        do! refuses 400 "" "malformed" (classify web broken)
        Expect.hasLength web.Worker.Pictures 2 "the files before were sent"
        let! list = Http.textOf (web.Send("GET", "/api/workers"))
        Expect.stringContains list "\"inFlight\":0" "and is over"
    }

let private sizes =
    testTask "too many files, too long a request and too large a picture can be told apart by their codes" {
        let options =
            [
                "--Upload:MaxFiles=3"
                "--Upload:MaxBytes=100000"
                "--Upload:MaxRequest=200000"
            ]

        use! web = serve options

        for path, content, status, code, says in
            [
                "/api/classify/batch", many "files" 4 100, 400, "too-many-files", "up to 3 files"
                "/api/classify", many "files" 4 100, 400, "too-many-files", "up to 3 files"
                // Their length is announced.
                "/api/classify/batch", many "files" 3 99_000, 413, "request-too-large", "up to 200,000 bytes"
                "/api/classify", Http.body (Picture.png 100_001), 413, "too-large", "A picture"
            ] do
            let! answer = web.Send("POST", path, [], Some content)
            let! detail = refused status answer
            Expect.stringContains detail says path
            let! problem = Http.json answer
            Expect.equal (string (problem.GetProperty "code")) code path

        let! results =
            results (classify web (Http.files "files" [ "a.png", Picture.png 100_001; "b.png", Picture.png 100 ]))

        let problem = results[0].GetProperty "problem"
        Expect.equal (string (problem.GetProperty "code")) "too-large" "the picture's own"

        for path, says in
            [
                "/v2/models/squeezenet1_1/infer", "200,000 bytes"
                "/v2/repository/index", "65,536 bytes"
            ] do
            let! root =
                Http.jsonWith 413 path (web.Send("POST", path, [], Some(Http.body (Array.create 300_000 ' 'B))))

            Expect.stringContains (string (root.GetProperty "error")) says path
    }

let tests =
    testList "BatchLimits" [ bounded; tooMany; fieldAfter; memory; cut; malformed; sizes ]
