/// What may be uploaded and what not, over real HTTP with the real engine behind it.
module Tests.Expecto.Web.UploadTests

open System
open System.IO
open System.Net.Http
open System.Text
open Expecto
open Tests.Expecto
open Web.Giraffe

let internal classify (web: WebUnderTest) (content: HttpContent) =
    web.Send("POST", "/api/classify", [], Some content)

/// The problem details of an answer that must have this status.
let internal refused status (answer: HttpResponseMessage) =
    task {
        Expect.equal (Http.status answer) status "status"
        Expect.equal (Http.mediaType answer) "application/problem+json" "RFC 9457"
        let! problem = Http.json answer
        Expect.equal (problem.GetProperty("status").GetInt32()) status "the same status inside"
        return problem.GetProperty("detail").GetString() |> string
    }

let internal withWorker options (test: WebUnderTest -> TestWorker -> Threading.Tasks.Task<unit>) =
    task {
        use worker = TestWorker.good ()
        use! web = WebUnderTest.Start(options, [ worker.Address ])
        do! test web worker
    }

let tests =
    testList
        "Upload"
        [
            testTask "the worker gets exactly the bytes of a body, a chunked body and a file field" {
                do!
                    withWorker [] (fun web worker ->
                        task {
                            let picture = Picture.png 300_000
                            Random(7).NextBytes(Span(picture, 8, picture.Length - 8))
                            let chunked = new StreamContent(new MemoryStream(picture))

                            use request =
                                new HttpRequestMessage(HttpMethod.Post, "/api/classify", Content = chunked)

                            request.Headers.TransferEncodingChunked <- Nullable true
                            let! third = web.Client.SendAsync request
                            let! first = classify web (Http.body picture)
                            let! second = classify web (Http.file "dog.png" picture)

                            for answer in [ first; second; third ] do
                                Expect.equal (Http.status answer) 200 "taken"

                            Expect.equal worker.Pictures [| picture; picture; picture |] "unchanged"
                            let! answer = Http.json first

                            Expect.equal (answer.GetProperty("worker").GetString()) (string worker.Address) "worker"

                            Expect.equal (answer.GetProperty("model").GetString()) "squeezenet1_1" "model"

                            Expect.isGreaterThan (answer.GetProperty("milliseconds").GetDouble()) 0.0 "milliseconds"

                            let best = answer.GetProperty("predictions")[0]
                            Expect.equal (best.GetProperty("label").GetString()) "Samoyed" "label"

                            Expect.equal (best.GetProperty("probability").GetDouble()) 0.9284364581108093 "all digits"
                        })
            }

            testTask "other fields of the page's form and the file name are ignored" {
                do!
                    withWorker [] (fun web worker ->
                        task {
                            let form = new MultipartFormDataContent()
                            form.Add(new StringContent "hello", "comment")
                            form.Add(Http.part "../../..\\evil\u0007.png" (Picture.png 100))
                            form.Add(new StringContent "bye", "more")
                            let! answer = web.Send("POST", "/", [], Some form)
                            Expect.equal (Http.status answer) 200 "taken"
                            Expect.equal worker.Pictures.Length 1 "one picture"
                        })
            }

            testTask "an empty body, an empty file, no file and an invalid form get 400" {
                do!
                    withWorker [] (fun web worker ->
                        task {
                            let! empty = classify web (Http.body [||])
                            let! detail = refused 400 empty
                            Expect.stringContains detail "empty" "says so"
                            let! emptyFile = classify web (Http.file "a.png" [||])
                            let! _ = refused 400 emptyFile
                            let form = new MultipartFormDataContent()
                            form.Add(new StringContent "3", "top")
                            let! noFile = classify web form
                            let! detail = refused 400 noFile
                            Expect.stringContains detail "Choose a picture" "says what to do"
                            let broken = new StringContent "no parts at all"

                            broken.Headers.ContentType <-
                                Headers.MediaTypeHeaderValue.Parse "multipart/form-data; boundary=x"

                            let! broken = classify web broken
                            let! _ = refused 400 broken
                            let unbound = new StringContent "--"
                            unbound.Headers.ContentType <- Headers.MediaTypeHeaderValue.Parse "multipart/form-data"
                            let! unbound = classify web unbound
                            let! _ = refused 400 unbound
                            Expect.isEmpty worker.Pictures "no worker was asked"
                        })
            }

            testTask "two files in the page's form get 400, and no worker is asked" {
                do!
                    withWorker [] (fun web worker ->
                        task {
                            let form = new MultipartFormDataContent()
                            form.Add(new ByteArrayContent(Picture.png 10), "file", "a.png")
                            form.Add(new ByteArrayContent(Picture.png 10), "file", "b.png")
                            let! answer = web.Send("POST", "/", [], Some form)
                            Expect.equal (Http.status answer) 400 "status"
                            let! page = Http.text answer
                            Expect.stringContains page "one picture" "says so"
                            Expect.isEmpty worker.Pictures "no worker was asked"
                        })
            }

            testTask "files that are no pictures and encoded bodies get 415 with the accepted formats" {
                do!
                    withWorker [] (fun web worker ->
                        task {
                            let! answer = classify web (new StringContent "just some text, long enough to tell")
                            let! detail = refused 415 answer

                            Expect.equal
                                detail
                                "Plain text isn't supported: choose a picture, such as a JPEG or PNG."
                                "what it is"

                            let packed = Http.body (Picture.png 10)
                            packed.Headers.ContentEncoding.Add "zstd"
                            let! answer = classify web packed
                            let! _ = refused 415 answer
                            Expect.isEmpty worker.Pictures "no worker was asked"
                            let line = List.head (web.Lines.With 3001)
                            Expect.equal (line.Values["Status"], line.Values["Bytes"]) ("415", "35") "logged"
                        })
            }

            testTask "an undecodable picture gets 422, and the worker stays active" {
                use worker = new TestWorker(CantDecode)
                use! web = WebUnderTest.Start [ worker.Address ]
                let! answer = classify web (Http.body (Picture.png 100))
                let! _ = refused 422 answer
                let! ready = web.Send("GET", "/v2/health/ready")
                Expect.equal (Http.status ready) 200 "still active"
            }
        ]
