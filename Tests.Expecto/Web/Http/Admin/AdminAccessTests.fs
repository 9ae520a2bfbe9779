/// Who is let in to the worker list, over HTTP.
module Tests.Expecto.Web.AdminAccessTests

open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe
open Tests.Expecto.Web.AdminTests

let private crossSite =
    testTask "another site's request is refused on every admin route, logged, and changes nothing" {
        use! web = WebUnderTest.Start []
        let foreign = [ "Sec-Fetch-Site", "cross-site" ]

        for method, path in
            [
                "GET", "/add/127.7.0.5:8888"
                "GET", "/del/127.7.0.5:8888"
                "GET", "/workers"
                "POST", "/workers"
                "GET", "/api/workers"
                "PUT", "/api/workers/127.7.0.5:8888"
                "DELETE", "/api/workers/127.7.0.5:8888"
            ] do
            let! answer = web.Send(method, path, foreign)
            Expect.equal (Http.status answer) 403 $"{method} {path}"

        let! byOrigin =
            post web [ "Origin", "https://evil.example" ] [ "action", "add"; "address", "127.7.0.5:8888" ]

        Expect.equal (Http.status byOrigin) 403 "told by its origin"
        let! list = addresses web
        Expect.isEmpty list "the list"
        Expect.hasLength (web.Lines.With 3002) 8 "logged"
    }

let private strangers =
    testTask "with trusted loopback, proxies and foreign host names are refused, as a page or as JSON" {
        use! web = WebUnderTest.Start []
        let! proxied = web.Send("GET", "/api/workers", [ "X-Forwarded-For", "203.0.113.9" ])
        Expect.equal (Http.status proxied, Http.mediaType proxied) (403, "application/problem+json") "a proxy"
        let! rebound = web.Send("GET", "/workers", [ "Host", "rebound.example:9999" ])
        Expect.equal (Http.status rebound, Http.mediaType rebound) (403, "text/html") "a foreign name"

        let! open' =
            web.Send("GET", "/", [ "Host", "rebound.example:9999"; "X-Forwarded-For", "203.0.113.9" ])

        Expect.equal (Http.status open') 200 "the upload page is for all"
    }

let internal secret = "the right token here"

let private token =
    testTask "a token is required on loopback too, as Bearer or Basic; wrong ones are throttled, the right one never" {
        // A clock that stands still: the allowance does not come back on a slow machine.
        use! web = WebUnderTest.Start([ $"--Admin:Token={secret}" ], [], FakeTimeProvider())

        let ask headers =
            web.Send("GET", "/api/workers", headers)

        for path in
            [
                "/workers"
                "/api/workers"
                "/metrics"
                "/add/127.7.0.5:8888"
                "/del/127.7.0.5:8888"
            ] do
            let! asked = web.Send("GET", path, [ "Host", $"127.0.0.1:{web.Port}" ])
            Expect.equal (Http.status asked) 401 path
            Expect.stringContains (Http.header "WWW-Authenticate" asked) "Basic realm=" "so that a browser asks"

        let! bearer =
            ask [ "Authorization", $"Bearer {secret}"; "X-Forwarded-For", "203.0.113.9" ]

        Expect.equal (Http.status bearer) 200 "Bearer, through a proxy"
        let! page = web.Send("GET", "/add/127.7.0.5:8888", [ Http.basic secret ])
        Expect.equal (Http.status page) 201 "Basic, as curl sends it"

        for _ in 1..10 do
            let! wrong = ask [ "Authorization", "Bearer wrong" ]
            Expect.equal (Http.status wrong) 401 "wrong"

        let! slowed = ask [ "Authorization", "Bearer wrong" ]
        Expect.equal (Http.status slowed) 429 "slowed"
        Expect.isGreaterThan (int (Http.header "Retry-After" slowed)) 0 "when to come back"
        let! right = ask [ "Authorization", $"Bearer {secret}" ]
        Expect.equal (Http.status right) 200 "the right one passes"
        Expect.isGreaterThan (web.Lines.With 3002).Length 10 "logged"

        for line in web.Lines.All do
            Expect.isFalse (line.Text.Contains "the right token") "the token is in no log"
    }

let private proxied =
    testTask "X-Forwarded-For is used only from trusted proxies, for the throttle and the log" {
        let from (address: string) headers =
            [ "X-Forwarded-For", address ] @ headers

        let wrong = [ "Authorization", "Bearer wrong" ]

        let statuses (web: WebUnderTest) (addresses: string list) =
            task {
                let mutable found = []

                for address in addresses do
                    let! answer = web.Send("GET", "/api/workers", from address wrong)
                    found <- Http.status answer :: found

                return List.rev found
            }

        let many = [ for number in 1..11 -> $"203.0.113.{number}" ]
        let slowed = List.replicate 10 401 @ [ 429 ]

        use! trusting =
            WebUnderTest.Start(
                [ $"--Admin:Token={secret}"; "--Http:TrustedProxies=127.0.0.1, 192.0.2.0/24" ],
                [],
                FakeTimeProvider()
            )

        let! found = statuses trusting many
        Expect.equal found (List.replicate 11 401) "each client has its own allowance"

        let! found =
            statuses trusting [ for number in 1..11 -> $"198.51.100.{number}, 203.0.113.100, 192.0.2.7" ]

        Expect.equal found slowed "what a client claims itself counts for nothing; a chain of proxies does"
        let log = trusting.Lines.With 3002 |> List.map _.Text |> String.concat "\n"
        Expect.stringContains log "by 203.0.113.100" "the client's address"
        Expect.isFalse (log.Contains "198.51.100.") "not what it claims"

        use! suspicious =
            WebUnderTest.Start([ $"--Admin:Token={secret}" ], [], FakeTimeProvider())

        let! found = statuses suspicious many
        Expect.equal found slowed "nobody is trusted by default"

        use! elsewhere =
            WebUnderTest.Start([ $"--Admin:Token={secret}"; "--Http:TrustedProxies=192.0.2.1" ], [], FakeTimeProvider())

        let! found = statuses elsewhere many
        Expect.equal found slowed "nor another address"
    }

let tests = testList "AdminAccess" [ crossSite; strangers; token; proxied ]
