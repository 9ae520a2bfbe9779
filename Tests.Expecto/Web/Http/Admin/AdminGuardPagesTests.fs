/// Requests that a page of another site makes a browser send.
module Tests.Expecto.Web.AdminGuardPagesTests

open System
open System.Text
open Expecto
open Web.Giraffe
open Tests.Expecto.Web.AdminGuardTests

let private send verb changes headers =
    AdminGuard.check
        (throttle ())
        trusting
        { request here "localhost:9999" headers with
            Method = verb
            Changes = changes
        }

let private get = send "GET" true
let private post = send "POST" true
let private look = send "GET" false
let private site value = [ "Sec-Fetch-Site", value ]

let private firefox =
    "User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

let tests =
    testList
        "AdminGuard and other pages"
        [
            test "every cross-site request is refused" {
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

            test "without Sec-Fetch-Site, a POST's Origin must be ours" {
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
                test $"{name} needs no confirmation" {
                    Expect.isOk (get headers) "GET"
                    Expect.isOk (post headers) "POST"
                }

            test "a Bearer token needs no confirmation, a password does: browsers send it by themselves" {
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

            test "another site's request is refused before its token is checked" {
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
