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
        Method = "GET"
        Changes = true
    }

let internal throttle () = LoginThrottle(FakeTimeProvider())

let internal withToken =
    {
        Token = Some token
        TrustLoopback = false
    }

let private trusting = { Token = None; TrustLoopback = true }

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
                    (AdminGuard.check (throttle ()) withToken (request here "localhost" []))
                    (Error TokenMissing)
                    "asked"
            }

            test "beside a trusted loopback, it is wanted from all others, and a wrong one is wrong" {
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

            test "with neither, nobody may" {
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

let private ``other pages`` =
    let send verb changes headers =
        AdminGuard.check
            (throttle ())
            trusting
            { request here "localhost:9999" headers with
                Method = verb
                Changes = changes
            }

    let get = send "GET" true
    let post = send "POST" true
    let look = send "GET" false
    let site value = [ "Sec-Fetch-Site", value ]

    let firefox =
        "User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

    testList
        "other pages"
        [
            test "a cross-site request is refused, whatever it does" {
                Expect.equal (get (site "cross-site")) (Error ForeignPage) "a GET that changes"
                Expect.equal (post (site "cross-site")) (Error ForeignPage) "a POST"
                Expect.equal (look (site "cross-site")) (Error ForeignPage) "a look"
            }

            test "a page on another port of this host may link here, but change nothing" {
                Expect.equal (get (site "same-site")) (Error ForeignPage) "a GET that changes"
                Expect.equal (post (site "same-site")) (Error ForeignPage) "a POST"
                Expect.isOk (look (site "same-site")) "a look"
            }

            test "the address bar may change by GET, our own pages by any other method" {
                Expect.isOk (get (site "none")) "typed"
                Expect.isOk (post (site "same-origin")) "our form"
                Expect.equal (get (site "same-origin")) (Error Unconfirmed) "a link on our page"
            }

            test "where the browser says nothing of the site, a POST's origin must be ours" {
                Expect.isOk (post [ firefox; "Origin", "http://localhost:9999" ]) "ours"

                for origin in [ "http://localhost:8080"; "http://evil.example"; "null"; "nonsense" ] do
                    Expect.equal (post [ firefox; "Origin", origin ]) (Error ForeignOrigin) origin
                    Expect.equal (get [ "Origin", origin ]) (Error ForeignOrigin) origin
            }

            // What each of them is sent by a page over plain HTTP: a navigation, an image, a fetch without CORS.
            for name, headers in
                [
                    "a navigation", [ firefox; "Accept", "text/html,application/xhtml+xml,*/*;q=0.8" ]
                    "an image", [ firefox; "Accept", "image/avif,image/webp,*/*;q=0.8" ]
                    "a fetch", [ firefox; "Accept", "*/*"; "Accept-Language", "*" ]
                    "a browser that hides its name", [ "Accept", "text/html" ]
                    "one that hides all but a language", [ "Accept-Language", "de" ]
                    "one that names the page", [ "Referer", "http://evil.example/" ]
                    "a word of later browsers", site "new-word"
                ] do
                test $"{name} changes nothing until the user confirms it" {
                    Expect.equal (get headers) (Error Unconfirmed) "a GET"
                    Expect.equal (post headers) (Error Unconfirmed) "a POST without an origin"
                    Expect.isOk (look headers) "looking is free"
                }

            for name, headers in
                [
                    "curl", [ "User-Agent", "curl/8.5.0"; "Accept", "*/*" ]
                    ".NET", []
                    "Python",
                    [
                        "User-Agent", "python-requests/2.32"
                        "Accept", "*/*"
                        "Accept-Encoding", "gzip"
                    ]
                    "Node",
                    [
                        "User-Agent", "node"
                        "Accept", "*/*"
                        "Accept-Language", "*"
                        "Sec-Fetch-Mode", "cors"
                    ]
                ] do
                test $"{name} acts at once" {
                    Expect.isOk (get headers) "GET"
                    Expect.isOk (post headers) "POST"
                }

            test "a Bearer token is sent on purpose, a password may be the browser's own" {
                let check header =
                    AdminGuard.check
                        (throttle ())
                        withToken
                        (request far "h" [ header; firefox; "Accept", "text/html" ])

                Expect.isOk (check (bearer token)) "Bearer"

                let password =
                    "Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes $"me:{token}")

                Expect.equal (check password) (Error Unconfirmed) "Basic"
            }

            test "a foreign page is refused before its token is looked at" {
                let request =
                    request here "localhost" [ bearer token; "Sec-Fetch-Site", "cross-site" ]

                Expect.equal (AdminGuard.check (throttle ()) withToken request) (Error ForeignPage) "refused"
            }

            for name, value in
                [
                    "Sec-Purpose", "prefetch;prerender"
                    "Purpose", "prefetch"
                    "X-Moz", "prefetch"
                ] do
                test $"a browser's prefetch changes nothing ({name})" {
                    let guess = [ name, value; "Sec-Fetch-Site", "none" ]
                    Expect.equal (get guess) (Error Prefetch) "refused"
                    Expect.isOk (look guess) "looking is free"
                }
        ]

let tests =
    testList "AdminGuard" [ ``on loopback``; ``with a token``; ``other pages`` ]
