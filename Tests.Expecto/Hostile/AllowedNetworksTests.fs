/// Where workers may be that are added while the service runs.
module Tests.Expecto.Hostile.AllowedNetworksTests

open System.Net
open System.Threading
open Expecto
open Microsoft.Extensions.Configuration
open Web.Giraffe
open Tests.Expecto.Web

let private address text : WorkerAddress =
    match WorkerAddress.tryParse text with
    | Ok address -> address
    | Error error -> failwith $"{error}"

let private resolve (allowed: AllowedNetworks) text =
    (AllowedNetworks.resolve allowed (address text) CancellationToken.None).GetAwaiter().GetResult()

let private standard =
    {
        Networks = AllowedNetworks.standard
        Trusted = []
    }

let private read (settings: (string * string) list) =
    ConfigurationBuilder().AddInMemoryCollection(dict settings |> Seq.map (fun pair -> pair)).Build()
    |> EngineSettings.read

let tests =
    testList
        "AllowedNetworks"
        [
            for text in
                [
                    "127.0.0.1:1"
                    "[::1]:1"
                    "[::ffff:127.0.0.1]:1"
                    "10.255.255.255:1"
                    "172.16.0.1:1"
                    "172.31.255.255:1"
                    "192.168.0.1:1"
                    "[fd12::1]:1"
                    "localhost:1"
                ] do
                test $"{text} is inside" { Expect.isOk (resolve standard text) "resolved" }

            for text in
                [
                    "8.8.8.8:1"
                    "172.32.0.1:1"
                    "192.169.0.1:1"
                    "169.254.169.254:1"
                    "0.0.0.0:1"
                    "[::]:1"
                    "[::ffff:8.8.8.8]:1"
                    "[fe80::1]:1"
                    "[2001:db8::1]:1"
                ] do
                test $"{text} is not" {
                    match resolve standard text with
                    | Error(OutsideNetworks _) -> ()
                    | other -> failtest $"{other}"
                }

            test "a name without an address is none" {
                match resolve standard "no-such-name.invalid:1" with
                | Error(Unresolved _) -> ()
                | other -> failtest $"{other}"
            }

            test "of a name's addresses only those inside are used" {
                let onlySix =
                    {
                        Networks = [ IPNetwork.Parse "::1/128" ]
                        Trusted = []
                    }

                match resolve onlySix "localhost:1" with
                | Ok found -> Expect.all found (fun one -> one.Equals IPAddress.IPv6Loopback) "inside"
                | Error(OutsideNetworks(_, found)) ->
                    Expect.all found (fun one -> one.Equals IPAddress.Loopback) "this machine's localhost has no IPv6"
                | other -> failtest $"{other}"
            }

            test "a worker of the settings may be anywhere" {
                let trusting =
                    { standard with
                        Trusted = [ address "203.0.113.9:1" ]
                    }

                Expect.isOk (resolve trusting "203.0.113.9:1") "the very address"
                Expect.isError (resolve trusting "203.0.113.9:2") "another port"
            }

            test "the setting: a list, single addresses, nothing" {
                let networks settings =
                    match read settings with
                    | Ok settings -> settings.Client.Allowed.Networks |> List.map string
                    | Error wrong -> failwith $"{wrong}"

                Expect.equal (networks []) (List.map string AllowedNetworks.standard) "the default"

                Expect.equal
                    (networks [ "Admin:AllowedNetworks", "203.0.113.0/24, 2001:db8::7" ])
                    [ "203.0.113.0/24"; "2001:db8::7/128" ]
                    "one text"

                Expect.equal
                    (networks
                        [
                            "Admin:AllowedNetworks:0", "10.0.0.0/8"
                            "Admin:AllowedNetworks:1", "fd00::/8"
                        ])
                    [ "10.0.0.0/8"; "fd00::/8" ]
                    "a list"

                Expect.equal (networks [ "Admin:AllowedNetworks", "" ]) [] "none at all"
            }

            for wrong in [ "10.0.0.0/33"; "everywhere"; "10.0.0.0-10.0.0.9" ] do
                test $"'{wrong}' is no network" {
                    match read [ "Admin:AllowedNetworks", wrong ] with
                    | Error [ message ] -> Expect.stringContains message $"'{wrong}'" "named"
                    | other -> failtest $"{other}"
                }

            testCaseTask "an address outside: 403 by every way, logged, and no turn"
            <| fun () ->
                task {
                    use! web = WebUnderTest.Start []
                    let! page = web.Send("GET", "/add/203.0.113.9:8888")
                    let! text = Http.text page
                    Expect.equal (Http.status page) 403 "URL"
                    Expect.stringContains text "Admin:AllowedNetworks" "says which setting"
                    let! json = web.Send("PUT", "/api/workers/203.0.113.9:8888")
                    Expect.equal (Http.status json, Http.mediaType json) (403, "application/problem+json") "JSON"

                    let! form = AdminTests.post web [] [ "action", "add"; "address", "203.0.113.9:8888" ]

                    Expect.equal (Http.status form) 403 "form"
                    Expect.hasLength (web.Lines.With 3005) 3 "logged"
                    let! list = AdminTests.addresses web
                    Expect.isEmpty list "the list"
                }
        ]
