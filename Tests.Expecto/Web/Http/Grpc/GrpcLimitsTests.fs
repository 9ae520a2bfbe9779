/// Keys, rate limits and memory limits of gRPC.
module Tests.Expecto.Web.GrpcLimitsTests

open System
open System.Threading
open Google.Protobuf
open Expecto
open Tests.Expecto
open Grpc.Core
open Grpc.Core.Interceptors
open OpenInference.Grpc
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.GrpcUnderTest

let private key = "a-key-of-this-test-0"
let private token = "a-token-of-this-test"

/// A key is needed, and good for three pictures.
let private guarded =
    [
        $"--Api:Keys={key}"
        "--Api:RequestsPerSecond=0.01"
        "--Api:Burst=3"
        $"--Admin:Token={token}"
    ]

let private keys =
    testTask "keys and limits, in the metadata as in REST's headers" {
        use! node = serveGrpc guarded

        let infer pictures pairs =
            node.Client.ModelInferAsync(typed pictures, headers pairs).ResponseAsync

        for pairs, says in
            [
                [], "Send one of Api:Keys"
                [ "x-api-key", "wrong" ], "not one of Api:Keys"
                [ "authorization", "Bearer wrong" ], "not one of Api:Keys"
            ] do
            do! fails StatusCode.Unauthenticated says says (infer [ picture 1 ] pairs)

            let metadata =
                node.Client.ServerMetadataAsync(ServerMetadataRequest(), headers pairs)

            do! fails StatusCode.Unauthenticated says says metadata.ResponseAsync
            use call = node.Client.ModelStreamInfer(headers pairs)
            do! fails StatusCode.Unauthenticated says says (call.ResponseStream.MoveNext CancellationToken.None)

        Expect.isEmpty node.Worker.Pictures "no worker was asked"
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

        let more = infer [ picture 1 ] [ "x-api-key", key ]
        let! error = failure StatusCode.ResourceExhausted "three pictures were allowed" more

        let wait =
            error.Trailers.GetValue "grpc-retry-pushback-ms" |> Unchecked.nonNull |> int

        Expect.isGreaterThan wait 0 "when to come back"

        let load pairs =
            node.Client
                .RepositoryModelLoadAsync(RepositoryModelLoadRequest(ModelName = "squeezenet1_1"), headers pairs)
                .ResponseAsync

        do! fails StatusCode.Unauthenticated "token" "not an administrator" (load [])
        let! _ = load [ "authorization", $"Bearer {token}" ]
        ()
    }

let private spellings =
    testTask "keys, limits and tokens apply however the path of a method is written" {
        use! node = serveGrpc guarded

        let spelled (path: string) =
            [ path; path.ToLowerInvariant(); path.ToUpperInvariant(); path + "/" ]

        let isOpen = [ "ServerLive"; "ServerReady"; "ModelReady" ]

        let methods =
            [
                for method in GRPCInferenceService.Descriptor.Methods do
                    if not (List.contains method.Name isOpen) then
                        method.Name
            ]

        Expect.isGreaterThan methods.Length 7 "the methods"

        for name in methods do
            for path in spelled $"/inference.GRPCInferenceService/{name}" do
                do! fails StatusCode.Unauthenticated "" path (callPath node path [] [||])

        for name in [ "RepositoryModelLoad"; "RepositoryModelUnload" ] do
            for path in spelled $"/inference.GRPCInferenceService/{name}" do
                do! fails StatusCode.Unauthenticated "token" path (callPath node path [ "x-api-key", key ] [||])

        let infer path =
            callPath node path [ "x-api-key", key ] ((typed [ picture 1 ]).ToByteArray())

        let paths = spelled "/inference.GRPCInferenceService/ModelInfer"

        for path in paths[1..] do
            do! infer path

        Expect.hasLength node.Worker.Pictures 3 "as many as the limit allows"

        for path in paths do
            do! fails StatusCode.ResourceExhausted "" path (infer path)
    }

let private budgets =
    testTask "the size of messages and the memory of uploads are limited, and given back" {
        use! node = serveGrpc [ "--Upload:MaxRequest=300000"; "--Upload:MaxBuffered=150000" ]

        let infer pictures =
            node.Client.ModelInferAsync(typed pictures).ResponseAsync

        let large = Picture.png 90_000

        for _ in 1..3 do
            do! fails StatusCode.Unavailable "Too many pictures" "three times" (infer (List.replicate 3 large))

            let! error =
                failure StatusCode.ResourceExhausted "too long" (infer (List.replicate 5 large))

            Expect.isNonEmpty error.Status.Detail "a sentence"

        Expect.isEmpty node.Worker.Pictures "no worker was asked"

        let long = node.Metadata(String('a', 65_536), "")
        do! fails StatusCode.ResourceExhausted "bytes" "64 KiB for a call without tensors" long

        for _ in 1..3 do
            let! _ = infer [ large ]
            ()

        use call = node.Client.ModelStreamInfer()

        for index in 1..20 do
            do! call.RequestStream.WriteAsync(typed [ large ])
            let! more = call.ResponseStream.MoveNext CancellationToken.None
            Expect.isTrue more $"answer {index}"
            Expect.equal call.ResponseStream.Current.ErrorMessage "" "room for each"

        do! call.RequestStream.CompleteAsync()
    }

let private compressed =
    testTask "a compressed message is taken, and one that expands without bound is refused" {
        use! node =
            serveGrpc [ "--Upload:MaxRequest=1000000"; "--Upload:MaxBuffered=4000000" ]

        let bomb = typed [ Array.zeroCreate 30_000_000 ]

        for encoding in [ "gzip"; "deflate" ] do
            let encoded = headers [ "grpc-internal-encoding-request", encoding ]

            let infer request =
                node.Client.ModelInferAsync(request, encoded).ResponseAsync

            let! answer = infer (typed [ picture 7 ] |> asking [ "label", None ])
            Expect.equal (answer.Outputs[0].Contents.BytesContents[0].ToStringUtf8()) "class 7" encoding

            for _ in 1..3 do
                do! fails StatusCode.ResourceExhausted "" "a bomb" (infer bomb)

            let! _ = infer (typed [ Picture.png 90_000 ])
            ()

        Expect.hasLength node.Worker.Pictures 4 "a good one has room"
    }

let tests = testList "GrpcLimits" [ keys; spellings; budgets; compressed ]
