module Tests.Expecto.Web.WorkerAddressTests

open Expecto
open FsCheck
open FsCheck.FSharp
open Web.Giraffe

/// A text, and its host, its port and whether it names TLS.
let private good =
    [
        "127.0.0.1:8888", ("127.0.0.1", 8888, false)
        "localhost:1", ("localhost", 1, false)
        "Worker-7.Example.ORG:65535", ("worker-7.example.org", 65535, false)
        "my_worker:8888", ("my_worker", 8888, false)
        "  host:80\t", ("host", 80, false)
        "host:0080", ("host", 80, false)
        "[::1]:8888", ("::1", 8888, false)
        "[2001:DB8:0:0::1]:9", ("2001:db8::1", 9, false)
        "tls://127.0.0.1:8888", ("127.0.0.1", 8888, true)
        " TLS://Worker.example.org:1 ", ("worker.example.org", 1, true)
        "tls://[2001:DB8::1]:9", ("2001:db8::1", 9, true)
    ]

let private bad =
    [
        "", EmptyAddress
        "   ", EmptyAddress
        "nonsense", MissingPort "nonsense"
        "host:", MissingPort "host:"
        "[::1]", MissingPort "[::1]"
        "[::1]:", MissingPort "[::1]:"
        "[::1]8888", MissingPort "[::1]8888"
        ":8888", EmptyHost ":8888"
        "[]:8888", EmptyHost "[]:8888"
        "host:0", PortOutOfRange "0"
        "host:70000", PortOutOfRange "70000"
        "host:65536", PortOutOfRange "65536"
        "host:99999999999999999999", PortOutOfRange "99999999999999999999"
        "host:http", PortNotANumber "http"
        "host:-1", PortNotANumber "-1"
        "host:+80", PortNotANumber "+80"
        "host:8 0", PortNotANumber "8 0"
        "host:٨٠", PortNotANumber "٨٠"
        "::1:8888", BracketsMissing "::1:8888"
        "http://host:80", SchemeUnknown "http"
        "://host:80", SchemeUnknown ""
        "tls://", EmptyAddress
        "tls://host", MissingPort "host"
        "tls:/host:80", BracketsMissing "tls:/host:80"
        "tls://tls://host:80", BracketsMissing "tls://host:80"
        "[127.0.0.1]:80", BadHost "127.0.0.1"
        "[::1:80", BadHost "[::1:80"
        "[[::1]]:80", MissingPort "[[::1]]:80"
        "256.0.0.1:80", BadHost "256.0.0.1"
        "127.1:80", BadHost "127.1"
        "2130706433:80", BadHost "2130706433"
        "0x7f000001:80", BadHost "0x7f000001"
        "1.2.3.0x4:80", BadHost "1.2.3.0x4"
        "a..b:80", BadHost "a..b"
        "-a:80", BadHost "-a"
        "a/b:80", BadHost "a/b"
        "a b:80", BadHost "a b"
        "<script>:80", BadHost "<script>"
        "münchen:80", BadHost "münchen"
        String.replicate 64 "a" + ":80", BadHost(String.replicate 64 "a")
    ]

let private label =
    Gen.elements [ 'a' .. 'z' ]
    |> Gen.nonEmptyListOf
    |> Gen.map (List.truncate 20 >> Array.ofList >> System.String)

let private address =
    gen {
        let! host =
            Gen.oneof
                [
                    Gen.nonEmptyListOf label |> Gen.map (List.truncate 5 >> String.concat ".")
                    Gen.arrayOfLength 4 (Gen.choose (0, 255))
                    |> Gen.map (Array.map string >> String.concat ".")
                    Gen.arrayOfLength 16 (Gen.choose (0, 255))
                    |> Gen.map (fun bytes -> System.Net.IPAddress(Array.map byte bytes).ToString())
                ]

        let! port = Gen.choose (1, 65535)
        let! isTls = Gen.elements [ false; true ]

        return
            { WorkerAddress.withoutTls host port with
                IsTls = isTls
            }
    }

let tests =
    testList
        "WorkerAddress"
        [
            for text, (host, port, isTls) in good do
                test $"'{text}' is read" {
                    Expect.equal
                        (WorkerAddress.tryParse text)
                        (Ok
                            {
                                Host = host
                                Port = port
                                IsTls = isTls
                            })
                        "host, port and TLS"
                }

            for text, error in bad do
                test $"'{text}' is refused" {
                    Expect.equal (WorkerAddress.tryParse text) (Error error) "the reason"
                    Expect.isNonEmpty (AddressError.describe error) "a sentence"
                }

            test "an empty text is refused" {
                Expect.equal (WorkerAddress.tryParse null) (Error EmptyAddress) "the reason"
            }

            test "the error names the port" {
                for port in [ "0"; "70000" ] do
                    Expect.stringContains (AddressError.describe (PortOutOfRange port)) $"'{port}'" "the port"
            }

            test "an error repeats at most 80 characters of the input" {
                let error =
                    Expect.wantError (WorkerAddress.tryParse (String.replicate 10_000 "x")) "refused"

                Expect.isLessThan (AddressError.describe error).Length 200 "its length"
            }

            testProperty "what an address prints is read as the same address"
            <| Prop.forAll (Arb.fromGen address) (fun address -> WorkerAddress.tryParse (string address) = Ok address)

            testProperty "no text throws, and a parsed address has a host and a valid port"
            <| fun (text: string) ->
                match WorkerAddress.tryParse text with
                | Ok address -> address.Host <> "" && address.Port >= 1 && address.Port <= 65535
                | Error error -> AddressError.describe error <> ""
        ]
