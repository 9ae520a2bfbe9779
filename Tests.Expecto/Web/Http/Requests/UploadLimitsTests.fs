/// How much may be uploaded, over real HTTP and, where a client misbehaves, over a raw connection.
module Tests.Expecto.Web.UploadLimitsTests

open System
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.ClassifyUnderTest

/// The first line of the answer to a request with these headers and this beginning of a body.
let private firstLine (web: WebUnderTest) (headers: string) (body: string) =
    task {
        use! connection = web.Raw()
        do! connection.Send $"POST /api/classify HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n{body}"
        return! connection.FirstLine()
    }

let tests =
    testList
        "UploadLimits"
        [
            testTask "an upload may have the limit and not a byte more, as a body and in a form" {
                use! web = serve [ "--Upload:MaxBytes=100000" ]

                for content in [ Http.body; Http.file "a.png" ] do
                    do! Http.returns 200 "at the limit" (classify web (content (Picture.png 100_000)))
                    do! refuses 413 "100,000 bytes" "says the limit" (classify web (content (Picture.png 100_001)))

                Expect.equal web.Worker.Pictures.Length 2 "the others never got there"
            }

            testTask "413 is sent before the body arrives" {
                use! web = serve []
                let! line = firstLine web "Content-Length: 999999999" ""
                Expect.stringStarts line "HTTP/1.1 413" "at once"
            }

            testTask "a chunked body without an end is cut off at the limit" {
                use! web = serve [ "--Upload:MaxBytes=100000" ]
                let chunk = "4000\r\n" + String('x', 0x4000) + "\r\n"
                let! line = firstLine web "Transfer-Encoding: chunked" (String.replicate 7 chunk)
                Expect.stringStarts line "HTTP/1.1 413" "too much"
            }

            testTask "uploads hold no more than the node's budget, and return it" {
                let options = [ "--Upload:MaxBytes=131072"; "--Upload:MaxBuffered=131072" ]
                use! web = WebUnderTest.StartWith(options, TestWorker.slow 400.0)
                let first = classify web (Http.body (Picture.png 100_000))

                do!
                    WorkersUnderTest.eventually "the first is with the worker" (fun () ->
                        web.Worker.Pictures.Length = 1)

                let! second = classify web (Http.body (Picture.png 100_000))
                let! _ = refused 503 second
                Expect.equal (Http.header "Retry-After" second) "2" "when to come back"
                do! Http.returns 200 "the first had its share" first
                do! Http.returns 200 "and gave it back" (classify web (Http.body (Picture.png 100_000)))
            }
        ]
