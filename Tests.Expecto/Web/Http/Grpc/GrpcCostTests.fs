/// The memory that gRPC calls may take, whatever the form of their messages and the end of their streams.
module Tests.Expecto.Web.GrpcCostTests

open System
open System.IO
open System.IO.Compression
open System.Net.Http
open System.Threading
open Expecto
open Google.Protobuf
open Grpc.Core
open OpenInference.Grpc
open Web.Giraffe
open Tests.Expecto
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.GrpcUnderTest

/// A field of a message of protobuf that has a length.
let private lengthDelimited (number: int) (bytes: byte[]) =
    use stream = new MemoryStream()
    use output = new CodedOutputStream(stream)
    output.WriteTag(number, WireFormat.WireType.LengthDelimited)
    output.WriteLength bytes.Length
    output.Flush()
    Array.append (stream.ToArray()) bytes

let private abandoned =
    testTask "streams that their clients abandon give back the memory that they took, once" {
        let options =
            [
                "--Pool:RequestSeconds=60"
                "--Upload:MaxBytes=100000"
                "--Upload:MaxRequest=2000000"
                "--Upload:MaxBuffered=1000000"
            ]

        use! node = start options [ new TestWorker(Silent) ]

        for _ in 1..4 do
            do!
                task {
                    use call = node.Client.ModelStreamInfer()

                    for _ in 1..5 do
                        do! call.RequestStream.WriteAsync(typed [ Picture.png 90_000 ])

                    do! inFlight node 5
                }

            do! inFlight node 0

        let infer count =
            node.Client
                .ModelInferAsync(
                    typed (List.replicate count (Picture.png 90_000)) |> asking [ "label", None ],
                    deadline = DateTime.UtcNow.AddSeconds 60.0
                )
                .ResponseAsync

        do! fails StatusCode.Unavailable "Too many pictures" "more than the limit" (infer 13)
        node.Worker.Behaviour <- Recognizes recognize
        let! _ = infer 9
        ()
    }

let private ending =
    testTask "a stopping node ends a stream that waits for its client, and says so" {
        use! node = serveGrpc []
        use call = node.Client.ModelStreamInfer()
        do! call.RequestStream.WriteAsync(typed [ picture 1 ])
        let! more = call.ResponseStream.MoveNext CancellationToken.None
        Expect.isTrue more "answered"
        let stopping = node.Web.Stop()

        let next = call.ResponseStream.MoveNext CancellationToken.None
        do! fails StatusCode.Unavailable "stopping" "the rest" next
        do! stopping
    }

let private costly =
    testTask "a message that would take many times its size in memory is refused before it is parsed" {
        use! node =
            serveGrpc [ "--Upload:MaxRequest=3000000"; "--Upload:MaxBuffered=6000000" ]

        let infer message =
            callPath node "/inference.GRPCInferenceService/ModelInfer" [] message

        let stream message =
            callPath node "/inference.GRPCInferenceService/ModelStreamInfer" [] message

        let field (number: int) (bytes: byte[]) = lengthDelimited number bytes

        let many count (bytes: byte[]) =
            Array.concat (Array.replicate count bytes)

        for says, message in
            [
                "more than 4096 fields", many 1_000_000 [| 0x2Auy; 0uy |]
                "more than 4096 fields", field 5 (many 500_000 (field 4 [||]))
                "more than 4096 fields", field 6 (many 5000 (field 2 (field 1 "a"B)))
                "more than 4096 fields", field 5 (field 5 (many 5000 (field 8 "a"B)))
                "more than 4096 fields", many 5000 (field 4 (field 1 "a"B))
                "more than 4096 fields", many 5000 (field 7 "a"B)
                // Unknown fields.
                "more than 4096 fields", many 5000 [| 0x78uy; 1uy |]
                "more than 4096 fields", many 5000 (field 99 "a"B)
                "is not a ModelInferRequest", [| 0x0Buy; 0x0Cuy |]
                "is not a ModelInferRequest", [| 0x2Auy; 5uy; 1uy |]
                "is not a ModelInferRequest", many 11 [| 0xFFuy |]
            ] do
            do! fails StatusCode.InvalidArgument says says (infer message)
            do! fails StatusCode.InvalidArgument says $"in a stream: {says}" (stream message)

        // Each number of one byte becomes one of 4 or 8 bytes.
        for number in [ 3; 4 ] do
            let numbers = field 5 (field 5 (field number (Array.create 2_000_000 1uy)))

            for _ in 1..3 do
                do! fails StatusCode.Unavailable "Too many pictures" $"field {number}" (infer numbers)

        let small =
            callPath node "/inference.GRPCInferenceService/ServerReady" [] (field 9 (Array.zeroCreate 200_000))

        do! fails StatusCode.ResourceExhausted "" "a long small message" small
        let packed = [ "grpc-internal-encoding-request", "gzip" ]

        let check =
            callPath node "/grpc.health.v1.Health/Check" packed (field 1 (Array.zeroCreate 2_000_000))

        do! fails StatusCode.ResourceExhausted "" "one that is long when decompressed" check

        let! _ =
            node.Client.ModelInferAsync(typed [ for number in 1..8 -> Picture.png (50_000 + number) ])

        Expect.hasLength node.Worker.Pictures 8 "a good one"
    }

let private encoded =
    testTask "a Content-Encoding, which would expand messages past their limits, is refused" {
        use! node = serveGrpc []
        use client = new HttpClient()

        for encoding, status in [ "gzip", "3"; "deflate", "3"; "br", "3"; "identity", "0" ] do
            let message = (typed [ picture 1 ]).ToByteArray()
            let length = BitConverter.GetBytes message.Length |> Array.rev
            let framed = Array.concat [ [| 0uy |]; length; message ]

            let body =
                if encoding = "gzip" then
                    use packed = new MemoryStream()

                    do
                        use gzip = new GZipStream(packed, CompressionLevel.Fastest)
                        gzip.Write(framed, 0, framed.Length)

                    packed.ToArray()
                else
                    framed

            let content = Http.body body
            content.Headers.Add("Content-Type", "application/grpc")
            content.Headers.Add("Content-Encoding", encoding)

            use request =
                new HttpRequestMessage(
                    HttpMethod.Post,
                    $"http://127.0.0.1:{node.Port}/inference.GRPCInferenceService/ModelInfer",
                    Version = System.Version(2, 0),
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    Content = content
                )

            request.Headers.TE.ParseAdd "trailers"
            use! answer = client.SendAsync request
            let! _ = answer.Content.ReadAsByteArrayAsync()

            let header name =
                match answer.TrailingHeaders.TryGetValues name with
                | true, values -> String.Join(", ", Unchecked.nonNull values)
                | _ -> Http.header name answer

            Expect.equal (header "grpc-status") status encoding

            if status <> "0" then
                Expect.stringContains (header "grpc-message") "grpc-encoding" "what to do"

        Expect.hasLength node.Worker.Pictures 1 "the one that is not encoded"
    }

let tests = testList "GrpcCost" [ abandoned; ending; costly; encoded ]
