/// How much may be uploaded, over real HTTP and, where a client must misbehave, over a bare socket.
module Tests.Expecto.Web.UploadLimitsTests

open System
open System.IO
open System.Text
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.UploadTests

let private firstAnswer (stream: Stream) =
    task {
        let buffer = Array.zeroCreate<byte> 1024

        let! count =
            stream.ReadAsync(Memory buffer).AsTask().WaitAsync(TimeSpan.FromSeconds 30.0)

        return Encoding.ASCII.GetString(buffer, 0, count)
    }

let tests =
    testList
        "UploadLimits"
        [
            testTask "an upload may have the limit and not a byte more, as a body and in a form" {
                do!
                    withWorker [ "--Upload:MaxBytes=100000" ] (fun web worker ->
                        task {
                            for content in [ Http.body; Http.file "a.png" ] do
                                let! fits = classify web (content (Picture.png 100_000))
                                Expect.equal (Http.status fits) 200 "at the limit"
                                let! over = classify web (content (Picture.png 100_001))
                                let! detail = refused 413 over
                                Expect.stringContains detail "100,000 bytes" "says the limit"

                            Expect.equal worker.Pictures.Length 2 "the others never got there"
                        })
            }

            testTask "413 is sent before the body arrives" {
                do!
                    withWorker [] (fun web _ ->
                        task {
                            use! socket = web.Raw()
                            let stream = socket.GetStream()

                            let head =
                                "POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n"

                            do! stream.WriteAsync(ReadOnlyMemory(Encoding.ASCII.GetBytes head))
                            let! answer = firstAnswer stream
                            Expect.stringStarts answer "HTTP/1.1 413" "at once"
                        })
            }

            testTask "a chunked body without an end is cut off at the limit" {
                do!
                    withWorker [ "--Upload:MaxBytes=100000" ] (fun web _ ->
                        task {
                            use! socket = web.Raw()
                            let stream = socket.GetStream()

                            let head =
                                "POST /api/classify HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"

                            do! stream.WriteAsync(ReadOnlyMemory(Encoding.ASCII.GetBytes head))
                            let chunk = Encoding.ASCII.GetBytes("4000\r\n" + String('x', 0x4000) + "\r\n")
                            let mutable sent = 0

                            while sent < 7 do
                                do! stream.WriteAsync(ReadOnlyMemory chunk)
                                sent <- sent + 1

                            let! answer = firstAnswer stream
                            Expect.stringStarts answer "HTTP/1.1 413" "too much"
                        })
            }

            testTask "uploads hold no more than the node's budget, and return it" {
                use worker = TestWorker.slow 400.0
                let options = [ "--Upload:MaxBytes=131072"; "--Upload:MaxBuffered=131072" ]
                use! web = WebUnderTest.Start(options, [ worker.Address ])
                let first = classify web (Http.body (Picture.png 100_000))

                do! WorkersUnderTest.eventually "the first is with the worker" (fun () -> worker.Pictures.Length = 1)

                let! second = classify web (Http.body (Picture.png 100_000))
                let! _ = refused 503 second
                Expect.equal (Http.header "Retry-After" second) "2" "when to come back"
                let! first = first
                Expect.equal (Http.status first) 200 "the first had its share"
                let! third = classify web (Http.body (Picture.png 100_000))
                Expect.equal (Http.status third) 200 "and gave it back"
            }
        ]
