/// Which certificates the web node and the worker trust, and how they report the others.
module internal Tests.Expecto.Hosting.TrustTests

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Protocol.Core
open Tests.Expecto.Hosting.TlsUnderTest
open Web.Giraffe

let private distrusted =
    [
        "a certificate of another authority", "stranger", here, -1.0, 1.0, "was not issued by"
        "a certificate for another host",
        "elsewhere",
        Server [ "worker.example"; "10.0.0.1" ],
        -1.0,
        1.0,
        "is for worker.example, 10.0.0.1, not for 127.0.0.1"
        "a certificate that has expired", "old", here, -5.0, -1.0, "has expired at "
        "a certificate that is not valid yet", "early", here, 1.0, 2.0, "is not valid before "
        "a client's certificate", "client", Client, -1.0, 1.0, "is not valid for this purpose"
    ]
    |> List.map (fun (what, name, purpose, first, last, says) ->
        case $"a worker with {what} is not trusted, and the error says why" (fun authority ->
            task {
                use stranger = new Authority("somebody's authority")
                let signer = if name = "stranger" then stranger else authority
                use worker = serve (signer.Sign(name, purpose, first, last)) None noPlainPort

                let! outcome = askOnce authority None (addressOf worker 0)
                untrusted says outcome
            }))

let private mutual =
    case "a worker that requires client certificates accepts only those of its authority" (fun authority ->
        task {
            use stranger = new Authority("somebody's authority")
            use worker = serve (authority.Sign("worker", here)) (Some authority) noPlainPort
            let address = addressOf worker 0

            let askAs own = askOnce authority own address

            let! known = askAs (Some(authority.Sign("web", Client)))
            answered known
            let! nobody = askAs None
            untrusted "the worker requires a client certificate: set Client:TlsCertificate" nobody
            Expect.stringContains (worker.Line 214) "it presented no certificate" "the worker's line"
            let! other = askAs (Some(stranger.Sign("web", Client)))
            Expect.isTrue other.IsFailed "a stranger"
        })

let private aStranger =
    case "an unknown client's certificate is reported in the worker's log" (fun authority ->
        task {
            use stranger = new Authority("somebody's authority")
            use worker = serve (authority.Sign("worker", here)) (Some authority) noPlainPort

            let! outcome =
                askOnce authority (Some(stranger.Sign("web", Client))) (addressOf worker 0)

            match outcome with
            | Failed(_, detail) -> Expect.stringContains detail "see its log" "where to look"
            | other -> failtest $"answered: {other}"

            Expect.stringContains (worker.Line 214) "was not issued by" "the worker's line"
        })

let private crossed =
    case "TLS to a plain port and plain traffic to a TLS port fail, and the errors say why" (fun authority ->
        task {
            use worker = serve (authority.Sign("worker", here)) None (Nullable 0)

            use client = client authority None ExchangeMode.Extended

            let secret, plain = addressOf worker 0, addressOf worker 1
            let! outcome = ask client { plain with IsTls = true }
            untrusted "the worker does not use TLS on this port: leave out tls://" outcome
            let! outcome = ask client { secret with IsTls = false }

            match outcome with
            | Failed(failure, _) -> Expect.equal failure.Stage Stage.Size $"{failure}"
            | other -> failtest $"answered: {other}"

            Expect.stringContains (worker.Line 214) "did not complete the TLS handshake" "the worker's line"
        })

let private renewed =
    case "a renewed certificate on disk is used, and a damaged one is not" (fun authority ->
        task {
            let own = authority.Sign("worker", here, -5.0, -1.0)
            use worker = serve own None noPlainPort

            let once () =
                askOnce authority None (addressOf worker 0)

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
    testTask "a running web node picks up a renewed authority" {
        use first = new Authority("the operator's authority")
        use second = new Authority("the operator's next authority")
        use worker = serve (second.Sign("worker", here)) None noPlainPort

        use client = client first None ExchangeMode.Extended

        let! outcome = ask client (addressOf worker 0)
        untrusted "was not issued by" outcome
        File.Copy(second.File, first.File, true)
        do! Task.Delay 1100
        let! outcome = ask client (addressOf worker 0)
        answered outcome
    }

let tests =
    testList "trust" (distrusted @ [ mutual; aStranger; crossed; renewed; authorityRenewed ])
