/// Which uploads are accepted, over HTTP and with the real worker pool.
module Tests.Expecto.Web.UploadTests

open System
open System.IO
open System.Net.Http
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.ClassifyUnderTest

let private page (web: WebUnderTest) form = web.Send("POST", "/", [], Some form)

let tests =
    testList
        "Upload"
        [
            testTask "the worker gets exactly the bytes of a body, a chunked body and a file field" {
                use! web = serve []
                let picture = Picture.png 300_000
                Random(7).NextBytes(Span(picture, 8, picture.Length - 8))
                let chunked = new StreamContent(new MemoryStream(picture))

                use request =
                    new HttpRequestMessage(HttpMethod.Post, "/api/classify", Content = chunked)

                request.Headers.TransferEncodingChunked <- Nullable true
                do! Http.returns 200 "chunked" (web.Client.SendAsync request)
                do! Http.returns 200 "a file field" (classify web (Http.file "dog.png" picture))
                let! answer = Http.jsonOf (classify web (Http.body picture))
                Expect.equal web.Worker.Pictures [| picture; picture; picture |] "unchanged"
                Expect.equal (string (answer.GetProperty "worker")) (string web.Worker.Address) "worker"
                Expect.equal (string (answer.GetProperty "model")) "squeezenet1_1" "model"
                Expect.isGreaterThan (answer.GetProperty("milliseconds").GetDouble()) 0.0 "milliseconds"
                let best = answer.GetProperty("predictions")[0]
                Expect.equal (string (best.GetProperty "label")) "Samoyed" "label"
                Expect.equal (best.GetProperty("probability").GetDouble()) 0.9284364581108093 "all digits"
            }

            testTask "other fields of the page's form and the file name are ignored" {
                use! web = serve []

                let form =
                    Http.form
                        [
                            Http.field "comment" "hello"
                            Http.part "../../..\\evil\u0007.png" (Picture.png 100)
                            Http.field "more" "bye"
                        ]

                do! Http.returns 200 "taken" (page web form)
                Expect.hasLength web.Worker.Pictures 1 "one picture"
            }

            testTask "an empty body, an empty file, no file and an invalid form get 400" {
                use! web = serve []

                for about, content, says in
                    [
                        "an empty body", Http.body [||], "empty"
                        "an empty file", Http.file "a.png" [||], "empty"
                        "no file", Http.form [ Http.field "top" "3" ], "Choose a picture"
                        "no parts", Http.typed "multipart/form-data; boundary=x" "no parts at all"B, "The form"
                        "no boundary", Http.typed "multipart/form-data" "--"B, "boundary"
                    ] do
                    do! refuses 400 says about (classify web content)

                Expect.isEmpty web.Worker.Pictures "no worker was asked"
            }

            testTask "two files in the page's form get 400, and no worker is asked" {
                use! web = serve []
                let! text = Http.textWith 400 "two files" (page web (many "file" 2 10))
                Expect.stringContains text "one picture" "says so"
                Expect.isEmpty web.Worker.Pictures "no worker was asked"
            }

            testTask "files that are no pictures and encoded bodies get 415 with the accepted formats" {
                use! web = serve []

                let text = new StringContent "just some text, long enough to tell"
                let says = "Plain text isn't supported: choose a picture, such as a JPEG or PNG."
                do! refuses 415 says "what it is" (classify web text)
                let packed = Http.body (Picture.png 10)
                packed.Headers.ContentEncoding.Add "zstd"
                do! refuses 415 "zstd" "the encoding" (classify web packed)
                Expect.isEmpty web.Worker.Pictures "no worker was asked"
                let line = List.head (web.Lines.With 3001)
                Expect.equal (line.Values["Status"], line.Values["Bytes"]) ("415", "35") "logged"
            }

            testTask "an undecodable picture gets 422, and the worker stays active" {
                use! web = WebUnderTest.StartWith([], new TestWorker(CantDecode))
                do! refuses 422 "" "undecodable" (classify web (Http.body (Picture.png 100)))
                do! Http.returns 200 "still active" (web.Send("GET", "/v2/health/ready"))
            }
        ]
