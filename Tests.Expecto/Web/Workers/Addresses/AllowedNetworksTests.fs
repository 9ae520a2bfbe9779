/// The networks of workers that are added while the service runs.
module Tests.Expecto.Web.AllowedNetworksTests

open System.Net
open System.Threading
open Expecto
open Tests.Expecto
open Web.Giraffe

let internal address text : WorkerAddress =
    Expect.wantOk (WorkerAddress.tryParse text) text

let internal addresses (texts: string list) =
    [| for text in texts -> IPAddress.Parse text |]

let private resolve (allowed: AllowedNetworks) text =
    (AllowedNetworks.resolve allowed (address text) CancellationToken.None).GetAwaiter().GetResult()

let private standard =
    {
        Networks = AllowedNetworks.standard
        Trusted = []
    }

let private read = GivenSettings.workers

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
                test $"{text} is in an allowed network" { Expect.isOk (resolve standard text) "resolved" }

            for text in
                [
                    "8.8.8.8:1"
                    "172.32.0.1:1"
                    "192.169.0.1:1"
                    "[::ffff:8.8.8.8]:1"
                    "[2001:db8::1]:1"
                ] do
                test $"{text} is outside of the allowed networks" {
                    match resolve standard text with
                    | Error(OutsideNetworks _) -> ()
                    | other -> failtest $"{other}"
                }

            test "a name without an address is refused" {
                match resolve standard "no-such-name.invalid:1" with
                | Error(Unresolved _) -> ()
                | other -> failtest $"{other}"
            }

            test "only a name's allowed addresses are used" {
                let usable =
                    AllowedNetworks.filter
                        standard
                        (address "name.test:1")
                        (addresses
                            [
                                "8.8.8.8"
                                "10.0.0.1"
                                "169.254.169.254"
                                "2001:db8::1"
                                "fd12::1"
                                "fd00:ec2::254"
                                "::ffff:192.168.0.1"
                                "::ffff:8.8.8.8"
                            ])

                Expect.equal usable (Ok(addresses [ "10.0.0.1"; "fd12::1"; "::ffff:192.168.0.1" ])) "three of eight"
            }

            test "if none of a name's addresses is allowed, the refusal names them all" {
                let outside = addresses [ "8.8.8.8"; "2001:db8::1" ]
                let name = address "name.test:1"

                Expect.equal
                    (AllowedNetworks.filter standard name outside)
                    (Error(OutsideNetworks(name, outside)))
                    "all"
            }

            test "a worker from the settings may be in any network" {
                let trusting =
                    { standard with
                        Trusted = [ address "203.0.113.9:1" ]
                    }

                Expect.isOk (resolve trusting "203.0.113.9:1") "the very address"
                Expect.isError (resolve trusting "203.0.113.9:2") "another port"
            }

            test "the setting takes a list, single addresses or nothing" {
                let option = "Admin:AllowedNetworks"

                for settings, expected in
                    [
                        [], List.map string AllowedNetworks.standard
                        [ option, "203.0.113.0/24, 2001:db8::7" ], [ "203.0.113.0/24"; "2001:db8::7/128" ]
                        [ $"{option}:0", "10.0.0.0/8"; $"{option}:1", "fd00::/8" ], [ "10.0.0.0/8"; "fd00::/8" ]
                        [ option, "" ], []
                    ] do
                    let settings = Expect.wantOk (read settings) $"{settings}"
                    Expect.equal (settings.Client.Allowed.Networks |> List.map string) expected $"{settings}"
            }

            for wrong in [ "10.0.0.0/33"; "everywhere"; "10.0.0.0-10.0.0.9" ] do
                test $"'{wrong}' is refused as a network" {
                    match read [ "Admin:AllowedNetworks", wrong ] with
                    | Error [ message ] -> Expect.stringContains message $"'{wrong}'" "named"
                    | other -> failtest $"{other}"
                }

            testTask
                "an address outside of the allowed networks gets 403 on every route, is logged, and receives no request" {
                use! web = WebUnderTest.Start []
                let! page = web.Send("GET", "/add/203.0.113.9:8888")
                let! text = Http.text page
                Expect.equal (Http.status page) 403 "URL"
                Expect.stringContains text "Admin:AllowedNetworks" "the setting"
                let! json = web.Send("PUT", "/api/workers/203.0.113.9:8888")
                Expect.equal (Http.status json, Http.mediaType json) (403, "application/problem+json") "JSON"

                let! form = AdminTests.post web [] [ "action", "add"; "address", "203.0.113.9:8888" ]
                Expect.equal (Http.status form) 403 "form"
                Expect.hasLength (web.Lines.With 3005) 3 "logged"

                for forbidden in [ "169.254.169.254:80"; "[fd00:ec2::254]:80"; "[::ffff:169.254.169.254]:80" ] do
                    let! answer = web.Send("PUT", $"/api/workers/{forbidden}")
                    let! text = Http.text answer
                    Expect.equal (Http.status answer) 403 forbidden
                    Expect.stringContains text "where no worker may be" "the reason"

                let unknown = web.Send("PUT", "/api/workers/no-such-name.invalid:8888")
                do! Http.returns 403 "a name without an address" unknown
                let! list = AdminTests.addresses web
                Expect.isEmpty list "the list"
            }

            testTask "a worker's port and first bytes are shown only to administrators and in the log" {
                use speaks = TestWorker.good ()
                speaks.Behaviour <- Sends "SSH-2.0-OpenSSH_9.2p1"B
                let dead = TestWorker.deadAddress ()
                use! web = WebUnderTest.Start [ speaks.Address; dead ]

                let ask path (content: System.Net.Http.HttpContent) =
                    task {
                        let! answer = web.Send("POST", path, [], Some content)
                        let! text = Http.text answer
                        Expect.isGreaterThanOrEqual (Http.status answer) 500 path

                        for detail in [ "SSH"; "refused"; "connect"; string dead.Port; string speaks.Address.Port ] do
                            Expect.isFalse
                                (text.Contains(detail, System.StringComparison.OrdinalIgnoreCase))
                                $"{path}: {detail}"
                    }

                for _ in 1..2 do
                    do! ask "/api/classify" (Http.body (Picture.png 100))
                    do! ask "/" (Http.file "a.png" (Picture.png 100))

                let! health = web.Send("GET", "/health/ready")
                let! text = Http.text health
                Expect.isFalse (text.Contains(string dead.Port)) "nor readiness"
                let! list = web.Send("GET", "/api/workers")
                let! text = Http.text list
                Expect.stringContains text "refused" "the administrator's list contains it"
            }
        ]
