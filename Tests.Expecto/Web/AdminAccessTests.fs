/// Who is let in to the worker list, over HTTP.
module Tests.Expecto.Web.AdminAccessTests

open Expecto
open Tests.Expecto.Web.AdminTests

let private crossSite =
    testCaseTask "a foreign page's request: refused on every admin route, logged, nothing changed"
    <| fun () ->
        task {
            use! web = WebUnderTest.Start []
            let foreign = [ "Sec-Fetch-Site", "cross-site" ]

            for method, path in
                [
                    "GET", "/add/10.0.0.5:8888"
                    "GET", "/del/10.0.0.5:8888"
                    "GET", "/workers"
                    "POST", "/workers"
                    "GET", "/api/workers"
                    "PUT", "/api/workers/10.0.0.5:8888"
                    "DELETE", "/api/workers/10.0.0.5:8888"
                ] do
                let! answer = web.Send(method, path, foreign)
                Expect.equal (Http.status answer) 403 $"{method} {path}"

            let! byOrigin =
                post web [ "Origin", "https://evil.example" ] [ "action", "add"; "address", "10.0.0.5:8888" ]

            Expect.equal (Http.status byOrigin) 403 "told by its origin"
            let! list = addresses web
            Expect.isEmpty list "the list"
            Expect.hasLength (web.Lines.With 3002) 8 "logged"
        }

let private strangers =
    testCaseTask "without a token: proxies and foreign names are refused, pages and JSON in their own form"
    <| fun () ->
        task {
            use! web = WebUnderTest.Start []
            let! proxied = web.Send("GET", "/api/workers", [ "X-Forwarded-For", "203.0.113.9" ])
            Expect.equal (Http.status proxied, Http.mediaType proxied) (403, "application/problem+json") "a proxy"
            let! rebound = web.Send("GET", "/workers", [ "Host", "rebound.example:9999" ])
            Expect.equal (Http.status rebound, Http.mediaType rebound) (403, "text/html") "a foreign name"

            let! open' =
                web.Send("GET", "/", [ "Host", "rebound.example:9999"; "X-Forwarded-For", "203.0.113.9" ])

            Expect.equal (Http.status open') 200 "the upload page is for all"
        }

let private token =
    testCaseTask "with a token: asked for, taken as Bearer and Basic, shut out after ten wrong ones"
    <| fun () ->
        task {
            use! web = WebUnderTest.Start([ "--Admin:Token=the right token here" ], [])

            let ask headers =
                web.Send("GET", "/api/workers", headers)

            let! asked = ask []
            Expect.equal (Http.status asked) 401 "asked for"
            Expect.stringContains (Http.header "WWW-Authenticate" asked) "Basic realm=" "so that a browser asks"

            let! bearer =
                ask
                    [
                        "Authorization", "Bearer the right token here"
                        "X-Forwarded-For", "203.0.113.9"
                    ]

            Expect.equal (Http.status bearer) 200 "Bearer, through a proxy"

            let! page =
                web.Send("GET", "/add/10.0.0.5:8888", [ Http.basic "the right token here" ])

            Expect.equal (Http.status page) 201 "Basic, as from the address bar"

            for _ in 1..10 do
                let! wrong = ask [ "Authorization", "Bearer wrong" ]
                Expect.equal (Http.status wrong) 401 "wrong"

            let! shut = ask [ "Authorization", "Bearer the right token here" ]
            Expect.equal (Http.status shut) 429 "shut out"
            Expect.isGreaterThan (int (Http.header "Retry-After" shut)) 50 "when to come back"
            Expect.isGreaterThan (web.Lines.With 3002).Length 10 "logged"

            for line in web.Lines.All do
                Expect.isFalse (line.Text.Contains "the right token") "the token is in no log"
        }

let tests = testList "AdminAccess" [ crossSite; strangers; token ]
