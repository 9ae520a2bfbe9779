/// Who may call gRPC, how often, and with how much.
module Tests.Expecto.Web.GrpcLimitsTests

open System
open System.Threading
open System.Threading.Tasks
open Google.Protobuf
open Expecto
open Grpc.Core
open Grpc.Core.Interceptors
open Grpc.Net.Client
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
    testCaseTask "keys and limits, in the metadata as in REST's headers"
    <| fun () ->
        withNode guarded (fun node worker ->
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

let private spellings =
    testCaseTask "keys, limits and tokens apply however the path of a method is written"
    <| fun () ->
        withNode guarded (fun node worker ->
            task {
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

                do!
                    failsSaying StatusCode.ResourceExhausted "bytes" "64 KiB for a call without tensors" (fun () ->
                        node.Client.ModelMetadataAsync(ModelMetadataRequest(Name = String('a', 65_536))).ResponseAsync)

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

let tests = testList "GrpcLimits" [ keys; spellings; budgets; compressed ]
