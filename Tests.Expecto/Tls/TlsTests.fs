/// Web node and worker over TLS: the real client against the real server, with certificates made here.
module Tests.Expecto.Tls.TlsTests

open System
open System.IO
open System.Net.Security
open System.Net.Sockets
open System.Text
open System.Threading
open System.Threading.Tasks
open Expecto
open Microsoft.Extensions.Configuration
open Protocol.Core
open Tests.Expecto.Web
open Tests.Expecto.Worker
open Web.Giraffe
open Worker.Settings

/// A worker on a port of its own; `client` is whose certificates it wants.
let private serve (own: PemPair) (client: Authority option) plainPort =
    let files =
        TlsFiles(own.Certificate, own.Key, client |> Option.map _.File |> Option.toObj)

    new ServerUnderTest.Running(ServerUnderTest.standard, 100, TimeSpan.FromSeconds 10.0, files, plainPort)

let private noPlainPort = Nullable<int>()

let private addressOf (worker: ServerUnderTest.Running) index =
    match WorkerAddress.tryParse worker.Addresses[index] with
    | Ok address -> address
    | Error error -> failwith (AddressError.describe error)

/// The settings of a web node that trusts `authority`, and shows `own`.
let private settings (authority: Authority) (own: PemPair option) manner =
    let given =
        [
            "Client:TlsCa", authority.File
            match own with
            | Some own ->
                "Client:TlsCertificate", own.Certificate
                "Client:TlsKey", own.Key
            | None -> ()
        ]
        |> List.map (fun (key, value) -> Collections.Generic.KeyValuePair<string, string | null>(key, value))

    match EngineSettings.read (ConfigurationBuilder().AddInMemoryCollection(given).Build()) with
    | Ok settings ->
        { settings.Client with
            Manner = manner
            Silence = TimeSpan.FromSeconds 5.0
            Connect = TimeSpan.FromSeconds 5.0
        }
    | Error wrong -> failwith $"{wrong}"

let private ask (client: WorkerClient) address =
    client.Ask(
        address,
        ReadOnlyMemory(ServerUnderTest.picture.Force()),
        Wishes.None,
        TimeSpan.FromSeconds 10.0,
        CancellationToken.None
    )

let private answered outcome =
    match outcome with
    | Replied(Named recognition) -> Expect.hasLength recognition.Classes 5 "five classes"
    | other -> failtest $"{other}"

/// Stage and cause of the failure, and what its detail says.
let private untrusted (detail: string) outcome =
    match outcome with
    | Broken(failure, said) ->
        Expect.equal (Failure.code failure) "connect/untrusted" said
        Expect.stringContains said detail "the detail"
    | Replied reply -> failtest $"answered: {reply}"

let private case name (body: Authority -> Task<unit>) =
    testCaseTask name
    <| fun () ->
        task {
            use authority = new Authority("the operator's authority")
            do! body authority
        }

let private here = Server [ "127.0.0.1"; "localhost" ]

let private goesThrough =
    case "a picture goes by either exchange, over connections that are kept" (fun authority ->
        task {
            use worker = serve (authority.Sign("worker", here)) None noPlainPort
            Expect.isTrue (addressOf worker 0).IsTls worker.Addresses[0]

            for manner in [ Manner.Extended; Manner.Plain ] do
                use client = new WorkerClient(settings authority None manner, TimeProvider.System)

                for _ in 1..3 do
                    let! outcome = ask client (addressOf worker 0)
                    answered outcome

            let byName =
                { addressOf worker 0 with
                    Host = "localhost"
                }

            use client =
                new WorkerClient(settings authority None Manner.Extended, TimeProvider.System)

            let! outcome = ask client byName
            answered outcome
        })

let private longPictures =
    testCaseTask "a long picture comes as it was sent, in either form"
    <| fun () ->
        task {
            use authority = new Authority("the operator's authority")
            use worker = serve (authority.Sign("worker", here)) None noPlainPort
            // No picture: what the worker says of it shows that it has read all of it.
            let noise = Array.init 5_000_000 (fun index -> byte (index * 31 >>> 3))

            for manner in [ Manner.Extended; Manner.Plain ] do
                use client = new WorkerClient(settings authority None manner, TimeProvider.System)

                let! outcome =
                    client.Ask(
                        addressOf worker 0,
                        ReadOnlyMemory noise,
                        Wishes.None,
                        TimeSpan.FromSeconds 10.0,
                        CancellationToken.None
                    )

                match outcome with
                | Replied(NotDecoded _) -> ()
                | other -> failtest $"{manner}: {other}"
        }

let private plainBeside =
    case "the plain port beside it serves old peers as ever" (fun authority ->
        task {
            use worker = serve (authority.Sign("worker", here)) None (Nullable 0)
            let plain = addressOf worker 1
            Expect.isFalse plain.IsTls worker.Addresses[1]
            let _, _, result = OldPeer.ask plain.Port (ServerUnderTest.picture.Force())
            Expect.equal result (ServerUnderTest.expected ()) "the result"
        })

let private distrusted =
    [
        "a certificate of another authority", "stranger", here, -1.0, 1.0, "comes from none of"
        "a certificate for another host",
        "elsewhere",
        Server [ "worker.example"; "10.0.0.1" ],
        -1.0,
        1.0,
        "is for worker.example, 10.0.0.1, not for 127.0.0.1"
        "a certificate that has expired", "old", here, -5.0, -1.0, "has expired at "
        "a certificate that is not valid yet", "early", here, 1.0, 2.0, "is not valid before "
        "a client's certificate", "client", Client, -1.0, 1.0, "is not good for this"
    ]
    |> List.map (fun (what, name, purpose, first, last, says) ->
        case $"the worker shows {what}: not trusted, and why" (fun authority ->
            task {
                use stranger = new Authority("somebody's authority")
                let signer = if name = "stranger" then stranger else authority
                use worker = serve (signer.Sign(name, purpose, first, last)) None noPlainPort

                use client =
                    new WorkerClient(settings authority None Manner.Extended, TimeProvider.System)

                let! outcome = ask client (addressOf worker 0)
                untrusted says outcome
            }))

let private mutual =
    case "a worker that wants to know who asks: its authority's certificate, and no other, is let in" (fun authority ->
        task {
            use stranger = new Authority("somebody's authority")
            use worker = serve (authority.Sign("worker", here)) (Some authority) noPlainPort
            let address = addressOf worker 0

            let askAs own =
                task {
                    use client =
                        new WorkerClient(settings authority own Manner.Extended, TimeProvider.System)

                    return! ask client address
                }

            let! known = askAs (Some(authority.Sign("web", Client)))
            answered known
            let! nobody = askAs None
            untrusted "it wants a certificate (Client:TlsCertificate), and there is none" nobody
            Expect.stringContains (worker.Line 214) "it showed no certificate" "the worker's line"
            let! other = askAs (Some(stranger.Sign("web", Client)))
            Expect.isTrue other.IsBroken "a stranger"
        })

let private aStranger =
    case "a stranger's certificate gets a line in the worker's log" (fun authority ->
        task {
            use stranger = new Authority("somebody's authority")
            use worker = serve (authority.Sign("worker", here)) (Some authority) noPlainPort

            use client =
                new WorkerClient(
                    settings authority (Some(stranger.Sign("web", Client))) Manner.Extended,
                    TimeProvider.System
                )

            let! outcome = ask client (addressOf worker 0)

            match outcome with
            | Broken(_, detail) -> Expect.stringContains detail "its log says" "where to look"
            | Replied reply -> failtest $"answered: {reply}"

            Expect.stringContains (worker.Line 214) "comes from none of" "the worker's line"
        })

let private crossed =
    case "TLS where there is none, and none where there is TLS" (fun authority ->
        task {
            use worker = serve (authority.Sign("worker", here)) None (Nullable 0)

            use client =
                new WorkerClient(settings authority None Manner.Extended, TimeProvider.System)

            let secret, plain = addressOf worker 0, addressOf worker 1
            let! outcome = ask client { plain with IsTls = true }
            untrusted "a worker without TLS is known without tls://" outcome
            let! outcome = ask client { secret with IsTls = false }

            match outcome with
            | Broken(failure, _) -> Expect.equal failure.Stage Stage.Size $"{failure}"
            | Replied reply -> failtest $"answered: {reply}"

            Expect.stringContains (worker.Line 214) "did not speak TLS" "the worker's line"
        })

let private renewed =
    case "a certificate that is renewed on disk is taken up, and a damaged one is not" (fun authority ->
        task {
            let own = authority.Sign("worker", here, -5.0, -1.0)
            use worker = serve own None noPlainPort

            let once () =
                task {
                    use client =
                        new WorkerClient(settings authority None Manner.Extended, TimeProvider.System)

                    return! ask client (addressOf worker 0)
                }

            let! outcome = once ()
            untrusted "has expired at " outcome
            authority.Sign("worker", here) |> ignore
            // It looks once a second.
            do! Task.Delay 1100
            let! outcome = once ()
            answered outcome
            Expect.stringContains (worker.Line 212) "is in use" "the worker's line"
            File.WriteAllText(own.Certificate, "-----BEGIN CERTIFICATE-----\nAAAA")
            do! Task.Delay 1100
            let! outcome = once ()
            answered outcome
            Expect.stringContains (worker.Line 213) "no certificate with its private key" "the worker's line"
        })

let private authorityRenewed =
    testCaseTask "an authority that is renewed on disk is taken up by a web node that runs"
    <| fun () ->
        task {
            use first = new Authority("the operator's authority")
            use second = new Authority("the operator's next authority")
            use worker = serve (second.Sign("worker", here)) None noPlainPort

            use client =
                new WorkerClient(settings first None Manner.Extended, TimeProvider.System)

            let! outcome = ask client (addressOf worker 0)
            untrusted "comes from none of" outcome
            File.Copy(second.File, first.File, true)
            do! Task.Delay 1100
            let! outcome = ask client (addressOf worker 0)
            answered outcome
        }

let private slow =
    case
        "a handshake that is not finished is cut, and old clients behind a tunnel read one message at a time"
        (fun authority ->
            task {
                let options =
                    Worker.Sockets.ExchangeOptions(
                        Limits.Standard,
                        TimeSpan.FromSeconds 5.0,
                        TimeSpan.FromSeconds 1.0,
                        TimeSpan.FromMilliseconds 20.0,
                        TimeSpan.FromSeconds 5.0
                    )

                let own = authority.Sign("worker", here)

                use worker =
                    new ServerUnderTest.Running(
                        options,
                        100,
                        TimeSpan.FromSeconds 10.0,
                        TlsFiles(own.Certificate, own.Key, null),
                        noPlainPort
                    )

                let port = (addressOf worker 0).Port
                use idle = OldPeer.connect port
                Expect.equal (OldPeer.read idle) "" "cut"
                use socket = OldPeer.connect port

                use tunnel = new SslStream(new NetworkStream(socket), false, (fun _ _ _ _ -> true))

                do! tunnel.AuthenticateAsClientAsync "localhost"
                let buffer = Array.zeroCreate<byte> 1024

                let say (text: string) =
                    tunnel.WriteAsync(ReadOnlyMemory(Encoding.UTF8.GetBytes text))

                let hear () =
                    task {
                        let! count = tunnel.ReadAsync(Memory buffer)
                        return Encoding.UTF8.GetString(buffer, 0, count)
                    }

                do! say (OldPeer.size (ServerUnderTest.picture.Force()))
                let! first = hear ()
                do! say (OldPeer.image (ServerUnderTest.picture.Force()))
                let! second = hear ()
                let! third = hear ()
                Expect.equal (first, second, third) ("A", "A", ServerUnderTest.expected ()) "the old exchange"
            })

let tests =
    testList
        "TLS"
        ([
            goesThrough
            longPictures
            plainBeside
            mutual
            aStranger
            crossed
            renewed
            authorityRenewed
            slow
         ]
         @ distrusted)
