/// Access to administration as a function of the request; over HTTP it is in AdminAccessTests.
module Tests.Expecto.Web.AdminGuardTests

open System
open System.Net
open System.Text
open Expecto
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Time.Testing
open Web.Giraffe

let internal here = IPAddress.Loopback
let internal token = "a long enough token"

let internal request (caller: IPAddress) (host: string) (headers: (string * string) list) =
    let dictionary = HeaderDictionary()

    for name, value in headers do
        dictionary.Append(name, value)

    {
        Caller = Some caller
        Host = HostString host
        Headers = dictionary
        Method = "GET"
        Changes = true
    }

let internal throttle () = LoginThrottle(FakeTimeProvider())

let internal withToken =
    {
        Token = Some token
        TrustLoopback = false
    }

let internal trusting = { Token = None; TrustLoopback = true }

let private without caller host headers =
    AdminGuard.check (throttle ()) trusting (request caller host headers)

let internal bearer (given: string) = "Authorization", $"Bearer {given}"

let private ``on loopback`` =
    testList
        "on loopback"
        [
            for address in [ "127.0.0.1"; "127.9.9.9"; "::1"; "::ffff:127.0.0.1" ] do
                test $"{address} is this machine" {
                    Expect.isOk (without (IPAddress.Parse address) "localhost:9999" []) "let through"
                }

            for address in [ "10.0.0.7"; "192.168.1.1"; "::ffff:10.0.0.7"; "2001:db8::1"; "0.0.0.0" ] do
                test $"{address} is another machine" {
                    Expect.equal
                        (without (IPAddress.Parse address) "localhost:9999" [])
                        (Error NotThisMachine)
                        "refused"
                }

            test "a caller without an address is refused" {
                let nobody =
                    { request here "localhost" [] with
                        Caller = None
                    }

                Expect.equal (AdminGuard.check (throttle ()) trusting nobody) (Error NotThisMachine) "refused"
            }

            for name in
                [
                    "X-Forwarded-For"
                    "x-forwarded-host"
                    "X-Forwarded-Proto"
                    "Forwarded"
                    "X-Real-IP"
                    "Via"
                    "X-Original-For"
                    "X-Original-Proto"
                    "TRUE-CLIENT-IP"
                    "CF-Connecting-IP"
                ] do
                test $"a request that a proxy marked with {name} is refused" {
                    Expect.equal (without here "localhost" [ name, "127.0.0.1" ]) (Error(Forwarded name)) "refused"
                }

            for host in [ "localhost"; "LOCALHOST:80"; "127.0.0.1:9999"; "127.1.2.3"; "[::1]:9999" ] do
                test $"Host {host} is local" { Expect.isOk (without here host []) "let through" }

            for host in
                [
                    "rebound.example.com:9999"
                    "localhost.example.com"
                    "10.0.0.1"
                    "127.0.0.1.example.com"
                    ""
                ] do
                test $"Host '{host}' is not local" { Expect.equal (without here host []) (Error ForeignHost) "refused" }

            test "without a configured token, a sent one changes nothing" {
                Expect.equal
                    (without (IPAddress.Parse "10.0.0.7") "localhost" [ bearer token ])
                    (Error NotThisMachine)
                    "refused"
            }
        ]

let internal far = IPAddress.Parse "203.0.113.9"

let private ``with a token`` =
    let check headers =
        AdminGuard.check (throttle ()) withToken (request far "recognition.example.com" headers)

    let basic (pair: string) =
        "Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes pair)

    testList
        "with a token"
        [
            for name, header in
                [
                    "Bearer", bearer token
                    "bearer in lower case", ("Authorization", $"bearer {token}")
                    "the password of HTTP Basic", basic $"anyone:{token}"
                    "Basic with no name", basic $":{token}"
                ] do
                test $"{name} is accepted from any address" { Expect.isOk (check [ header ]) "let through" }

            for name, header in
                [
                    "a wrong one", bearer "another token entirely"
                    "its beginning", bearer "a long enough"
                    "it and more", bearer (token + "x")
                    "an empty one", bearer ""
                    "the name of HTTP Basic", basic $"{token}:"
                    "Basic that is no base64", ("Authorization", "Basic !!!")
                    "another scheme", ("Authorization", $"Token {token}")
                    "no scheme at all", ("Authorization", token)
                ] do
                test $"{name} is refused" { Expect.equal (check [ header ]) (Error TokenWrong) "refused" }

            test "a request without a token is refused, from this machine too" {
                Expect.equal (check []) (Error TokenMissing) "asked"

                Expect.equal
                    (AdminGuard.check (throttle ()) withToken (request here "localhost" []))
                    (Error TokenMissing)
                    "asked"
            }

            test "with trusted loopback the token is required from others, and a wrong one is refused from everywhere" {
                let both = { withToken with TrustLoopback = true }

                let check request =
                    AdminGuard.check (throttle ()) both request

                Expect.isOk (check (request here "localhost" [])) "this machine"
                Expect.isOk (check (request far "h" [ bearer token ])) "with it"
                Expect.equal (check (request far "h" [])) (Error TokenMissing) "without it"
                Expect.equal (check (request here "proxied.example" [])) (Error TokenMissing) "another name"
                Expect.equal (check (request here "localhost" [ "Via", "x" ])) (Error TokenMissing) "a proxy"
                Expect.equal (check (request here "localhost" [ bearer "x" ])) (Error TokenWrong) "a wrong one"
            }

            test "without a token and trusted loopback nobody may administer" {
                let nobody = { Token = None; TrustLoopback = false }

                Expect.equal
                    (AdminGuard.check (throttle ()) nobody (request here "localhost" [ bearer "" ]))
                    (Error NotThisMachine)
                    "closed"
            }

            test "a password may have colons" {
                let colons = "a:b:c"
                let request = request far "h" [ basic $"me:{colons}" ]
                let access = { withToken with Token = Some colons }
                Expect.isOk (AdminGuard.check (throttle ()) access request) "all after the first"
            }
        ]

let tests = testList "AdminGuard" [ ``on loopback``; ``with a token`` ]
