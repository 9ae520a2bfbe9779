/// Pictures from web node to worker over TLS.
module Tests.Expecto.Hosting.TlsTests

open System
open System.Net.Security
open System.Net.Sockets
open System.Text
open Expecto
open Protocol.Core
open Tests.Expecto.Worker
open Tests.Expecto.Hosting.TlsUnderTest
open Web.Giraffe
open Worker.Settings

let private goesThrough =
    case "a picture goes by either exchange, over connections that are kept" (fun authority ->
        task {
            use worker = serve (authority.Sign("worker", here)) None noPlainPort
            Expect.isTrue (addressOf worker 0).IsTls worker.Addresses[0]

            for mode in [ ExchangeMode.Extended; ExchangeMode.Plain ] do
                use client = client authority None mode

                for _ in 1..3 do
                    let! outcome = ask client (addressOf worker 0)
                    answered outcome

            let byName =
                { addressOf worker 0 with
                    Host = "localhost"
                }

            let! outcome = askOnce authority None byName
            answered outcome
        })

let private longPictures =
    case "a long picture arrives unchanged, by either exchange" (fun authority ->
        task {
            use worker = serve (authority.Sign("worker", here)) None noPlainPort
            // No picture: what the worker says of it shows that it has read all of it.
            let noise = Array.init 5_000_000 (fun index -> byte (index * 31 >>> 3))

            for mode in [ ExchangeMode.Extended; ExchangeMode.Plain ] do
                use client = client authority None mode
                let! outcome = askOf noise client (addressOf worker 0)

                match outcome with
                | PictureRefused _ -> ()
                | other -> failtest $"{mode}: {other}"
        })

let private plainBeside =
    case "the plain port beside the TLS port serves old peers" (fun authority ->
        task {
            use worker = serve (authority.Sign("worker", here)) None (Nullable 0)
            let plain = addressOf worker 1
            Expect.isFalse plain.IsTls worker.Addresses[1]
            let _, _, result = OldPeer.ask plain.Port (ServerUnderTest.picture.Force())
            Expect.equal result (ServerUnderTest.expected ()) "the result"
        })

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
    testList "TLS" [ goesThrough; longPictures; plainBeside; slow; TrustTests.tests ]
