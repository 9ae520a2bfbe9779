/// Who may administer, as a function of the request; the same over HTTP is in AdminTests.
module Tests.Expecto.Web.AdminGuardTests

open System
open System.Net
open System.Text
open Expecto
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Time.Testing
open Web.Giraffe

let private here = IPAddress.Loopback
let internal token = "a long enough token"

let internal request (caller: IPAddress) (host: string) (headers: (string * string) list) =
    let dictionary = HeaderDictionary()

    for name, value in headers do
        dictionary.Append(name, value)

    {
        Caller = Some caller
        Host = HostString host
        Headers = dictionary
        Changes = true
    }

let internal wrongTokens () = WrongTokens(FakeTimeProvider())

let private without caller host headers =
    AdminGuard.check (wrongTokens ()) None (request caller host headers)

let internal bearer (given: string) = "Authorization", $"Bearer {given}"

let private ``without a token`` =
    testList
        "without a token"
        [
            for address in [ "127.0.0.1"; "127.9.9.9"; "::1"; "::ffff:127.0.0.1" ] do
                test $"{address} is this machine" {
                    Expect.isOk (without (IPAddress.Parse address) "localhost:9999" []) "let through"
                }

            for address in [ "10.0.0.7"; "192.168.1.1"; "::ffff:10.0.0.7"; "2001:db8::1"; "0.0.0.0" ] do
                test $"{address} is another" {
                    Expect.equal
                        (without (IPAddress.Parse address) "localhost:9999" [])
                        (Error NotThisMachine)
                        "refused"
                }

            test "a caller without an address is nobody" {
                let nobody =
                    { request here "localhost" [] with
                        Caller = None
                    }

                Expect.equal (AdminGuard.check (wrongTokens ()) None nobody) (Error NotThisMachine) "refused"
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
                    "CF-Connecting-IP"
                ] do
                test $"behind a proxy that leaves {name}, nobody is" {
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
                test $"Host '{host}' is not" { Expect.equal (without here host []) (Error ForeignHost) "refused" }

            test "a token that nobody asked for changes nothing" {
                Expect.equal
                    (without (IPAddress.Parse "10.0.0.7") "localhost" [ bearer token ])
                    (Error NotThisMachine)
                    "refused"
            }
        ]

let internal far = IPAddress.Parse "203.0.113.9"

let private ``with a token`` =
    let check headers =
        AdminGuard.check (wrongTokens ()) (Some token) (request far "recognition.example.com" headers)

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
                test $"{name} opens it, from anywhere" { Expect.isOk (check [ header ]) "let through" }

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
                test $"{name} does not" { Expect.equal (check [ header ]) (Error TokenWrong) "refused" }

            test "none is asked for, this machine's callers too" {
                Expect.equal (check []) (Error TokenMissing) "asked"

                Expect.equal
                    (AdminGuard.check (wrongTokens ()) (Some token) (request here "localhost" []))
                    (Error TokenMissing)
                    "asked"
            }

            test "a password may have colons" {
                let colons = "a:b:c"
                let request = request far "h" [ basic $"me:{colons}" ]
                Expect.isOk (AdminGuard.check (wrongTokens ()) (Some colons) request) "all after the first"
            }
        ]

let private ``other pages`` =
    let sent changes headers =
        AdminGuard.check
            (wrongTokens ())
            None
            { request here "localhost:9999" headers with
                Changes = changes
            }

    let site value = [ "Sec-Fetch-Site", value ]

    testList
        "other pages"
        [
            test "a cross-site request is refused, whatever it does" {
                Expect.equal (sent true (site "cross-site")) (Error CrossSite) "a change"
                Expect.equal (sent false (site "cross-site")) (Error CrossSite) "a look"
            }

            test "a page on another port of this host may link here, but change nothing" {
                Expect.equal (sent true (site "same-site")) (Error CrossSite) "a change"
                Expect.isOk (sent false (site "same-site")) "a look"
            }

            test "the address bar and our own pages may" {
                Expect.isOk (sent true (site "none")) "typed"
                Expect.isOk (sent true (site "same-origin")) "our form"
            }

            test "where the browser says nothing of the site, the origin must be ours" {
                Expect.isOk (sent true [ "Origin", "http://localhost:9999" ]) "ours"
                Expect.equal (sent true [ "Origin", "http://localhost:8080" ]) (Error CrossSite) "another port"
                Expect.equal (sent true [ "Origin", "http://evil.example" ]) (Error CrossSite) "another host"
                Expect.equal (sent true [ "Origin", "null" ]) (Error CrossSite) "none that can be named"
            }

            test "a foreign page is refused before its token is looked at" {
                let request =
                    request here "localhost" [ bearer token; "Sec-Fetch-Site", "cross-site" ]

                Expect.equal (AdminGuard.check (wrongTokens ()) (Some token) request) (Error CrossSite) "refused"
            }

            test "a browser's guess changes nothing" {
                let guess = [ "Sec-Purpose", "prefetch;prerender"; "Sec-Fetch-Site", "none" ]
                Expect.equal (sent true guess) (Error Prefetch) "refused"
                Expect.isOk (sent false guess) "looking is free"
            }
        ]

let tests =
    testList "AdminGuard" [ ``without a token``; ``with a token``; ``other pages`` ]
