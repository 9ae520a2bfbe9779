/// Compressed requests, and answers that are compressed on request.
module Tests.Expecto.Web.EncodedBodyTests

open System.IO
open System.IO.Compression
open System.Text
open System.Text.Json
open Expecto
open Tests.Expecto
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest

let private packed (encoding: string) (bytes: byte[]) =
    use packed = new MemoryStream()

    let write (stream: Stream) =
        stream.Write(bytes, 0, bytes.Length)
        stream.Dispose()

    match encoding.ToLowerInvariant() with
    | "gzip"
    | "x-gzip" -> write (new GZipStream(packed, CompressionLevel.Fastest, true))
    | "deflate" -> write (new ZLibStream(packed, CompressionLevel.Fastest, true))
    | _ -> packed.Write(bytes, 0, bytes.Length)

    packed.ToArray()

let private sends (web: WebUnderTest) path encoding (body: byte[]) =
    let content = Http.body body

    content.Headers.TryAddWithoutValidation("Content-Encoding", (encoding: string))
    |> ignore

    web.Send("POST", path, [], Some content)

let private request =
    Encoding.UTF8.GetBytes(inferJson [ 7 ] """[{"name":"label"}]""")

let private encodings =
    [
        "gzip"
        "x-gzip"
        "GZIP"
        "deflate"
        "Deflate"
        "identity"
        "Identity"
        "IDENTITY"
    ]

let private accepted =
    testTask "gzip, deflate and identity, in any case, on every API" {
        use! web = serveInference []

        for encoding in encodings do
            for path, body in [ "/api/classify", picture 7; model + "/infer", request ] do
                do! Http.returns 200 $"{path}: {encoding}" (sends web path encoding (packed encoding body))
                Expect.equal (Array.last web.Worker.Pictures) (picture 7) "the picture's own bytes"
    }

let private bombs =
    testTask "a short body that expands beyond the limits is refused, and gives its memory back" {
        use! web =
            serveInference [ "--Upload:MaxRequest=1000000"; "--Upload:MaxBuffered=20000000" ]

        let zeros = Array.zeroCreate<byte> 30_000_000

        let inner =
            "{\"inputs\":[{\"name\":\"image\",\"x\":\""
            + System.String('a', 30_000_000)
            + "\"}]}"

        for encoding in [ "gzip"; "deflate" ] do
            for path, status, body in
                [
                    "/api/classify", 413, zeros
                    model + "/infer", 413, zeros
                    model + "/infer", 413, Encoding.UTF8.GetBytes inner
                ] do
                let bomb = packed encoding body
                Expect.isLessThan bomb.Length 500_000 "short on the wire"

                for _ in 1..3 do
                    do! Http.returns status path (sends web path encoding bomb)

            let good = sends web "/api/classify" encoding (packed encoding (picture 7))
            do! Http.returns 200 "a good one has room" good

        Expect.hasLength web.Worker.Pictures 2 "no worker was asked for the others"
    }

let private damaged =
    testTask "a body that is not what its Content-Encoding says: 400 with what to do" {
        use! web = serveInference []

        for encoding in [ "gzip"; "deflate" ] do
            let whole = packed encoding (picture 7)

            for body in [ picture 7; whole[.. whole.Length - 2]; whole[..12]; whole[..3] ] do
                let! text =
                    Http.textWith 400 $"{encoding}, {body.Length} bytes" (sends web "/api/classify" encoding body)

                Expect.stringContains text $"not {encoding} data" $"{encoding}, {body.Length} bytes"

        Expect.isEmpty web.Worker.Pictures "no worker was asked"
    }

let private unknown =
    testTask "another encoding: refused, with those that are accepted" {
        use! web = serveInference []

        for encoding in [ "br"; "zstd"; "gzip, gzip"; "compress" ] do
            for path, status in [ "/api/classify", 415; model + "/infer", 400 ] do
                let! answer = sends web path encoding (picture 7)
                let! text = Http.text answer
                Expect.equal (Http.status answer) status text
                Expect.stringContains text $"'{encoding}' is not supported" path
                Expect.equal (Http.header "Accept-Encoding" answer) "gzip, deflate" path

        Expect.isEmpty web.Worker.Pictures "no worker was asked"
    }

let private answers =
    testTask "answers are compressed only on request" {
        use! web = serveInference []
        let body () = Some(Http.body request)

        for wanted in [ "gzip"; "deflate"; "br" ] do
            let! answer =
                web.Send("POST", model + "/infer", [ "Accept-Encoding", wanted ], body ())

            Expect.equal (Http.status answer) 200 wanted
            Expect.equal (Http.header "Content-Encoding" answer) wanted "as it was asked for"
            let! stream = answer.Content.ReadAsStreamAsync()

            use plain: Stream =
                match wanted with
                | "gzip" -> new GZipStream(stream, CompressionMode.Decompress)
                | "deflate" -> new ZLibStream(stream, CompressionMode.Decompress)
                | _ -> new BrotliStream(stream, CompressionMode.Decompress)

            use! json = JsonDocument.ParseAsync plain
            Expect.equal (string (json.RootElement.GetProperty "model_name")) "squeezenet1_1" "the answer"

        let! answer = web.Send("POST", model + "/infer", [], body ())
        Expect.equal (Http.header "Content-Encoding" answer) "" "not asked for"

        let! page =
            web.Send("GET", "/add/127.7.0.5:8888", [ "Accept-Encoding", "gzip"; "Accept", "text/html" ])

        Expect.equal (Http.header "Content-Encoding" page) "" "it may hold a confirmation beside the address"
    }

let tests = testList "EncodedBody" [ accepted; bombs; damaged; unknown; answers ]
