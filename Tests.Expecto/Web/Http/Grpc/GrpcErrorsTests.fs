/// What gRPC says of requests that are wrong, not allowed, too much or too late.
module Tests.Expecto.Web.GrpcErrorsTests

open System
open System.IO
open System.IO.Compression
open System.Net.Http
open System.Threading
open System.Threading.Tasks
open Expecto
open Google.Protobuf
open Grpc.Core
open Grpc.Core.Interceptors
open Grpc.Net.Client
open OpenInference.Grpc
open Web.Giraffe
open Tests.Expecto.Operations
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.GrpcUnderTest

let private change (edit: ModelInferRequest -> unit) =
    let request = typed [ picture 1 ]
    edit request
    request

let private malformed =
    [
        "no input 'x'", change (fun request -> request.Inputs[0].Name <- "x")
        "datatype BYTES, not 'FP32'", change (fun request -> request.Inputs[0].Datatype <- "FP32")
        "says 2, but it holds 1", change (fun request -> request.Inputs[0].Shape[ 0 ] <- 2L)
        "1 to 64 pictures", change (fun request -> request.Inputs[0].Shape[ 0 ] <- 0L)
        "[n] or [n, 1]", change (fun request -> request.Inputs[0].Shape.Add 2L)
        "one input, 'image', not 0", change (fun request -> request.Inputs.Clear())
        "neither 'contents' nor", change (fun request -> request.Inputs[0].Contents <- null)
        "not both", change (fun request -> request.RawInputContents.Add(ByteString.CopyFrom(element (picture 1))))
        "2 elements for 1 inputs",
        change (fun request ->
            request.RawInputContents.Add ByteString.Empty
            request.RawInputContents.Add ByteString.Empty)
        "ends within an element's length",
        change (fun request ->
            request.Inputs[0].Contents <- null
            request.RawInputContents.Add(ByteString.CopyFrom [| 1uy; 2uy |]))
        "Plain text isn't supported", typed [ "nonsense"B ]
        "it is empty", typed [ [||] ]
        "up to 100000", typed [ Picture.png 100_001 ]
        "no output 'x'", typed [ picture 1 ] |> asking [ "x", None ]
        "asked for once", typed [ picture 1 ] |> asking [ "label", None; "label", None ]
        "1 to 1000", typed [ picture 1 ] |> asking [ "label", Some 1001L ]
        "must be a whole number",
        change (fun request ->
            asking [ "label", None ] request |> ignore
            request.Outputs[0].Parameters[ "classification" ] <- InferParameter(StringParam = "2"))
    ]

let private wrong =
    testCaseTask "a request that is wrong: INVALID_ARGUMENT, with REST's sentence"
    <| fun () ->
        withNode [] (fun node worker ->
            task {
                for says, request in malformed do
                    do!
                        failsSaying StatusCode.InvalidArgument says says (fun () ->
                            node.Client.ModelInferAsync(request).ResponseAsync)

                Expect.isEmpty worker.Pictures "no worker was asked"

                for name, version, says in [ "x", "", "no model 'x'"; "squeezenet1_1", "2", "no version '2'" ] do
                    do!
                        failsSaying StatusCode.NotFound says says (fun () ->
                            let request = typed [ picture 1 ]
                            request.ModelName <- name
                            request.ModelVersion <- version
                            node.Client.ModelInferAsync(request).ResponseAsync)

                    do!
                        failsSaying StatusCode.NotFound says says (fun () ->
                            node.Client
                                .ModelMetadataAsync(ModelMetadataRequest(Name = name, Version = version))
                                .ResponseAsync)

                let! error =
                    fails StatusCode.NotFound "a long name" (fun () ->
                        node.Client.ModelInferAsync(ModelInferRequest(ModelName = String('x', 50_000))).ResponseAsync)

                Expect.isLessThan error.Status.Detail.Length 300 "is not repeated"
                let! _ = node.Web.Send("DELETE", $"/api/workers/{worker.Address}")

                let! error =
                    fails StatusCode.Unavailable "no worker" (fun () ->
                        node.Client.ModelInferAsync(typed [ picture 1 ]).ResponseAsync)

                Expect.equal (error.Trailers.GetValue "grpc-retry-pushback-ms") "5000" "when to come back"
            })

let private key = "a-key-of-this-test-0"
let private token = "a-token-of-this-test"

let private keys =
    testCaseTask "keys and limits, in the metadata as in REST's headers"
    <| fun () ->
        withNode
            [
                $"--Api:Keys={key}"
                "--Api:RequestsPerSecond=0.01"
                "--Api:Burst=3"
                $"--Admin:Token={token}"
            ]
            (fun node worker ->
                task {
                    let infer pictures pairs =
                        node.Client.ModelInferAsync(typed pictures, headers pairs)

                    for pairs, says in
                        [
                            [], "Send one of Api:Keys"
                            [ "x-api-key", "wrong" ], "not one of Api:Keys"
                            [ "authorization", "Bearer wrong" ], "not one of Api:Keys"
                        ] do
                        do!
                            failsSaying StatusCode.Unauthenticated says says (fun () ->
                                (infer [ picture 1 ] pairs).ResponseAsync)

                        do!
                            failsSaying StatusCode.Unauthenticated says says (fun () ->
                                node.Client.ServerMetadataAsync(ServerMetadataRequest(), headers pairs).ResponseAsync)

                        do!
                            failsSaying StatusCode.Unauthenticated says says (fun () ->
                                task {
                                    use call = node.Client.ModelStreamInfer(headers pairs)
                                    let! _ = call.ResponseStream.MoveNext CancellationToken.None
                                    ()
                                })

                    Expect.isEmpty worker.Pictures "no worker was asked"
                    let! live = node.Client.ServerLiveAsync(ServerLiveRequest())
                    Expect.isTrue live.Live "health needs no key"

                    let intercepted =
                        Client(
                            node.Channel.Intercept(fun (metadata: Metadata) ->
                                metadata.Add("x-api-key", key)
                                metadata)
                        )

                    let! _ = intercepted.ModelInferAsync(typed [ picture 1 ])
                    let! _ = infer [ picture 1; picture 2 ] [ "authorization", $"Bearer {key}" ]

                    let! error =
                        fails StatusCode.ResourceExhausted "three pictures were allowed" (fun () ->
                            (infer [ picture 1 ] [ "x-api-key", key ]).ResponseAsync)

                    Expect.isGreaterThan
                        (int (Unchecked.nonNull (error.Trailers.GetValue "grpc-retry-pushback-ms")))
                        0
                        "when to come back"

                    let load pairs =
                        node.Client.RepositoryModelLoadAsync(
                            RepositoryModelLoadRequest(ModelName = "squeezenet1_1"),
                            headers pairs
                        )

                    do!
                        failsSaying StatusCode.Unauthenticated "token" "not an administrator" (fun () ->
                            (load []).ResponseAsync)

                    let! _ = load [ "authorization", $"Bearer {token}" ]
                    ()
                })

/// A call with raw bytes as its messages, whatever its path.
let private callPath (channel: GrpcChannel) (path: string) pairs (message: byte[]) : Task =
    let bytes = Marshallers.Create((fun (bytes: byte[]) -> bytes), id)

    let service, name =
        let slash = path.IndexOf('/', 1)
        path.Substring(1, slash - 1), path.Substring(slash + 1)

    let method = Method<byte[], byte[]>(MethodType.Unary, service, name, bytes, bytes)

    channel.CreateCallInvoker().AsyncUnaryCall(method, null, CallOptions(headers pairs), message).ResponseAsync

/// A field of a message of protobuf that has a length.
let private lengthDelimited (number: int) (bytes: byte[]) =
    use stream = new MemoryStream()
    use output = new CodedOutputStream(stream)
    output.WriteTag(number, WireFormat.WireType.LengthDelimited)
    output.WriteLength bytes.Length
    output.Flush()
    Array.append (stream.ToArray()) bytes

let private spellings =
    testCaseTask "keys, limits and tokens apply however the path of a method is written"
    <| fun () ->
        withNode
            [
                $"--Api:Keys={key}"
                "--Api:RequestsPerSecond=0.01"
                "--Api:Burst=3"
                $"--Admin:Token={token}"
            ]
            (fun node worker ->
                task {
                    let spelled (path: string) =
                        [ path; path.ToLowerInvariant(); path.ToUpperInvariant(); path + "/" ]

                    let isOpen = [ "ServerLive"; "ServerReady"; "ModelReady" ]

                    let guarded =
                        [
                            for method in GRPCInferenceService.Descriptor.Methods do
                                if not (List.contains method.Name isOpen) then
                                    method.Name
                        ]

                    Expect.isGreaterThan guarded.Length 7 "the methods"

                    for name in guarded do
                        for path in spelled $"/inference.GRPCInferenceService/{name}" do
                            let! _ =
                                fails StatusCode.Unauthenticated path (fun () -> callPath node.Channel path [] [||])

                            ()

                    for name in [ "RepositoryModelLoad"; "RepositoryModelUnload" ] do
                        for path in spelled $"/inference.GRPCInferenceService/{name}" do
                            do!
                                failsSaying StatusCode.Unauthenticated "token" path (fun () ->
                                    callPath node.Channel path [ "x-api-key", key ] [||])

                    let infer path =
                        callPath node.Channel path [ "x-api-key", key ] ((typed [ picture 1 ]).ToByteArray())

                    let paths = spelled "/inference.GRPCInferenceService/ModelInfer"

                    for path in paths[1..] do
                        do! infer path

                    Expect.hasLength worker.Pictures 3 "as many as the limit allows"

                    for path in paths do
                        let! _ = fails StatusCode.ResourceExhausted path (fun () -> infer path)
                        ()
                })

let private budgets =
    testCaseTask "the size of messages and the memory of uploads are limited, and given back"
    <| fun () ->
        withNode [ "--Upload:MaxRequest=300000"; "--Upload:MaxBuffered=150000" ] (fun node worker ->
            task {
                let infer pictures () : Task =
                    node.Client.ModelInferAsync(typed pictures).ResponseAsync

                let large = Picture.png 90_000

                for _ in 1..3 do
                    do!
                        failsSaying
                            StatusCode.Unavailable
                            "Too many pictures"
                            "three times the memory"
                            (infer [ large; large; large ])

                    let! error =
                        fails StatusCode.ResourceExhausted "too long" (infer (List.replicate 5 large))

                    Expect.isNonEmpty error.Status.Detail "a sentence"

                Expect.isEmpty worker.Pictures "no worker was asked"

                for _ in 1..3 do
                    do! infer [ large ] ()

                use call = node.Client.ModelStreamInfer()

                for index in 1..20 do
                    do! call.RequestStream.WriteAsync(typed [ large ])
                    let! more = call.ResponseStream.MoveNext CancellationToken.None
                    Expect.isTrue more $"answer {index}"
                    Expect.equal call.ResponseStream.Current.ErrorMessage "" "room for each"

                do! call.RequestStream.CompleteAsync()
            })

let private abandoned =
    testCaseTask "streams that their clients abandon give back the memory that they took, once"
    <| fun () ->
        task {
            use worker = new TestWorker(Silent)

            let options =
                [
                    "--Pool:RequestSeconds=60"
                    "--Upload:MaxBytes=100000"
                    "--Upload:MaxRequest=2000000"
                    "--Upload:MaxBuffered=1000000"
                ]

            let! node = start options [ worker.Address ]
            use _ = node.Channel
            use! web = Task.FromResult node.Web

            let inFlight count =
                Programs.eventually 30.0 (fun () -> $"not {count} with the worker") (fun () ->
                    task {
                        let! answer = web.Send("GET", "/api/workers")
                        let! json = Http.json answer
                        return json.GetProperty("workers").[0].GetProperty("inFlight").GetInt32() = count
                    })

            for _ in 1..10 do
                do!
                    task {
                        use call = node.Client.ModelStreamInfer()

                        for _ in 1..5 do
                            do! call.RequestStream.WriteAsync(typed [ Picture.png 90_000 ])

                        do! inFlight 5
                    }

                do! inFlight 0

            let infer count =
                let call =
                    node.Client.ModelInferAsync(
                        typed (List.replicate count (Picture.png 90_000)),
                        deadline = DateTime.UtcNow.AddSeconds 10.0
                    )

                fun () -> call.ResponseAsync :> Task

            do! failsSaying StatusCode.Unavailable "Too many pictures" "more than the limit" (infer 13)
            let! _ = fails StatusCode.DeadlineExceeded "less is taken" (infer 9)
            ()
        }

let private ending =
    testCaseTask "a stopping node ends a stream that waits for its client, and says so"
    <| fun () ->
        withNode [] (fun node _ ->
            task {
                use call = node.Client.ModelStreamInfer()
                do! call.RequestStream.WriteAsync(typed [ picture 1 ])
                let! more = call.ResponseStream.MoveNext CancellationToken.None
                Expect.isTrue more "answered"
                let stopping = node.Web.Stop()

                do!
                    failsSaying StatusCode.Unavailable "stopping" "the rest" (fun () ->
                        call.ResponseStream.MoveNext CancellationToken.None)

                do! stopping
            })

let private deadlines =
    testCaseTask "a deadline ends a call, and a cancelled call ends its work"
    <| fun () ->
        task {
            use worker = new TestWorker(Silent)
            let! node = start [ "--Pool:RequestSeconds=60" ] [ worker.Address ]
            use _ = node.Channel
            use! web = Task.FromResult node.Web

            let! _ =
                fails StatusCode.DeadlineExceeded "the client's deadline" (fun () ->
                    node.Client
                        .ModelInferAsync(typed [ picture 1 ], deadline = DateTime.UtcNow.AddSeconds 0.5)
                        .ResponseAsync)

            use cancel = new CancellationTokenSource()

            let call =
                node.Client.ModelInferAsync(typed [ picture 1 ], cancellationToken = cancel.Token)

            cancel.CancelAfter 300
            let! _ = fails StatusCode.Cancelled "cancelled" (fun () -> call.ResponseAsync)
            let clock = Diagnostics.Stopwatch.StartNew()

            let busy () =
                task {
                    let! answer = web.Send("GET", "/api/workers")
                    let! json = Http.json answer
                    return json.GetProperty("workers").[0].GetProperty("inFlight").GetInt32() > 0
                }

            let mutable isBusy = true

            while isBusy && clock.Elapsed < TimeSpan.FromSeconds 30.0 do
                let! now = busy ()
                isBusy <- now
                do! Task.Delay 20

            Expect.isFalse isBusy "the worker's place is free"
        }

let private telemetry =
    testCaseTask "calls are in the metrics of requests, with their status"
    <| fun () ->
        withNode [] (fun node _ ->
            task {
                let! _ = node.Client.ModelInferAsync(typed [ picture 1 ])

                let! _ =
                    fails StatusCode.NotFound "unknown" (fun () ->
                        node.Client.ModelMetadataAsync(ModelMetadataRequest(Name = "x")).ResponseAsync)

                let! answer = node.Web.Send("GET", "/metrics")
                let! text = Http.text answer

                let has (method: string) (code: int) =
                    text.Split '\n'
                    |> Array.exists (fun line ->
                        line.StartsWith "http_server_request_duration_seconds_count"
                        && line.Contains $"GRPCInferenceService/{method}\""
                        && line.Contains $"rpc_grpc_status_code=\"{code}\"")

                Expect.isTrue (has "ModelInfer" 0) "one that succeeded"
                Expect.isTrue (has "ModelMetadata" 5) "one that did not"
            })

let private compressed =
    testCaseTask "a compressed message is taken, and one that expands without bound is refused"
    <| fun () ->
        withNode [ "--Upload:MaxRequest=1000000"; "--Upload:MaxBuffered=4000000" ] (fun node worker ->
            task {
                let bomb = typed [ Array.zeroCreate 30_000_000 ]

                for encoding in [ "gzip"; "deflate" ] do
                    let encoded = headers [ "grpc-internal-encoding-request", encoding ]

                    let! answer =
                        node.Client.ModelInferAsync(typed [ picture 7 ] |> asking [ "label", None ], encoded)

                    Expect.equal (answer.Outputs[0].Contents.BytesContents[0].ToStringUtf8()) "class 7" encoding

                    for _ in 1..3 do
                        let! _ =
                            fails StatusCode.ResourceExhausted "a bomb" (fun () ->
                                node.Client.ModelInferAsync(bomb, encoded).ResponseAsync)

                        ()

                    let! _ = node.Client.ModelInferAsync(typed [ Picture.png 90_000 ], encoded)
                    ()

                Expect.hasLength worker.Pictures 4 "a good one has room"
            })

let private costly =
    testCaseTask "a message that would take many times its size in memory is refused before it is parsed"
    <| fun () ->
        withNode [ "--Upload:MaxRequest=3000000"; "--Upload:MaxBuffered=6000000" ] (fun node worker ->
            task {
                let infer = "/inference.GRPCInferenceService/ModelInfer"
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
                    do!
                        failsSaying StatusCode.InvalidArgument says says (fun () ->
                            callPath node.Channel infer [] message)

                    do!
                        failsSaying StatusCode.InvalidArgument says $"in a stream: {says}" (fun () ->
                            callPath node.Channel "/inference.GRPCInferenceService/ModelStreamInfer" [] message)

                // Each number of one byte becomes one of 4 or 8 bytes.
                for number in [ 3; 4 ] do
                    let numbers = field 5 (field 5 (field number (Array.create 2_000_000 1uy)))

                    for _ in 1..3 do
                        do!
                            failsSaying StatusCode.Unavailable "Too many pictures" $"field {number}" (fun () ->
                                callPath node.Channel infer [] numbers)

                let! _ =
                    fails StatusCode.ResourceExhausted "a long small message" (fun () ->
                        callPath
                            node.Channel
                            "/inference.GRPCInferenceService/ServerReady"
                            []
                            (field 9 (Array.zeroCreate 200_000)))

                let! _ =
                    fails StatusCode.ResourceExhausted "one that is long when decompressed" (fun () ->
                        callPath
                            node.Channel
                            "/grpc.health.v1.Health/Check"
                            [ "grpc-internal-encoding-request", "gzip" ]
                            (field 1 (Array.zeroCreate 2_000_000)))

                let! _ =
                    node.Client.ModelInferAsync(typed [ for number in 1..8 -> Picture.png (50_000 + number) ])

                Expect.hasLength worker.Pictures 8 "a good one"
            })

let private encoded =
    testCaseTask "a Content-Encoding, which would expand messages past their limits, is refused"
    <| fun () ->
        withNode [] (fun node worker ->
            task {
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

                Expect.hasLength worker.Pictures 1 "the one that is not encoded"
            })

let tests =
    testList
        "GrpcErrors"
        [
            wrong
            keys
            spellings
            budgets
            abandoned
            ending
            deadlines
            telemetry
            compressed
            costly
            encoded
        ]
