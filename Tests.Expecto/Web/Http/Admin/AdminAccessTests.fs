/// Access to the worker list over HTTP.
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
            do! Http.returns 403 $"{method} {path}" (web.Send(method, path, foreign))

        let fields = [ "action", "add"; "address", "127.7.0.5:8888" ]
        do! Http.returns 403 "recognized by its origin" (post web [ "Origin", "https://evil.example" ] fields)
        let! list = addresses web
        Expect.isEmpty list "the list"
        Expect.hasLength (web.Lines.With 3002) 8 "logged"
    }

let private strangers =
    testTask "with trusted loopback, proxies and foreign host names are refused, as a page or as JSON" {
        use! web = WebUnderTest.Start []
        let proxy = "X-Forwarded-For", "203.0.113.9"
        let foreign = "Host", "rebound.example:9999"
        let! proxied = web.Send("GET", "/api/workers", [ proxy ])
        Expect.equal (Http.status proxied, Http.mediaType proxied) (403, "application/problem+json") "a proxy"
        let! _ = Http.page 403 (web.Send("GET", "/workers", [ foreign ]))
        do! Http.returns 200 "the upload page is for all" (web.Send("GET", "/", [ foreign; proxy ]))
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

        let proxied =
            [ "Authorization", $"Bearer {secret}"; "X-Forwarded-For", "203.0.113.9" ]

        do! Http.returns 200 "Bearer, through a proxy" (ask proxied)
        do! Http.returns 201 "Basic, as curl sends it" (web.Send("GET", "/add/127.7.0.5:8888", [ Http.basic secret ]))

        for _ in 1..10 do
            do! Http.returns 401 "wrong" (ask [ "Authorization", "Bearer wrong" ])

        let! slowed = ask [ "Authorization", "Bearer wrong" ]
        Expect.equal (Http.status slowed) 429 "slowed"
        Expect.isGreaterThan (int (Http.header "Retry-After" slowed)) 0 "when to come back"
        do! Http.returns 200 "the right one passes" (ask [ "Authorization", $"Bearer {secret}" ])
        Expect.isGreaterThan (web.Lines.With 3002).Length 10 "logged"

        for line in web.Lines.All do
            Expect.isFalse (line.Text.Contains "the right token") "the token is in no log"
    }

let private proxied =
    testTask "X-Forwarded-For is used only from trusted proxies, for the throttle and the log" {
        let many = [ for number in 1..11 -> $"203.0.113.{number}" ]
        let slowed = List.replicate 10 401 @ [ 429 ]

        let start options =
            WebUnderTest.Start($"--Admin:Token={secret}" :: options, [], FakeTimeProvider())

        let expect (web: WebUnderTest) (addresses: string list) expected (about: string) =
            task {
                for address, status in List.zip addresses expected do
                    do!
                        web.Send("GET", "/api/workers", [ "X-Forwarded-For", address; "Authorization", "Bearer wrong" ])
                        |> Http.returns status $"{about}: {address}"
            }

        use! trusting = start [ "--Http:TrustedProxies=127.0.0.1, 192.0.2.0/24" ]
        do! expect trusting many (List.replicate 11 401) "each client has its own allowance"

        let claims =
            [ for number in 1..11 -> $"198.51.100.{number}, 203.0.113.100, 192.0.2.7" ]

        do! expect trusting claims slowed "what a client claims itself counts for nothing; a chain of proxies does"
        let log = trusting.Lines.With 3002 |> List.map _.Text |> String.concat "\n"
        Expect.stringContains log "by 203.0.113.100" "the client's address"
        Expect.isFalse (log.Contains "198.51.100.") "not what it claims"
        use! suspicious = start []
        do! expect suspicious many slowed "nobody is trusted by default"
        use! elsewhere = start [ "--Http:TrustedProxies=192.0.2.1" ]
        do! expect elsewhere many slowed "nor another address"
    }

let tests = testList "AdminAccess" [ crossSite; strangers; token; proxied ]
