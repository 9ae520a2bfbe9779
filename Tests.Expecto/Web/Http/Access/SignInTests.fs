/// The page's sign-in, where keys are set.
module Tests.Expecto.Web.SignInTests

open System
open System.Net.Http
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Tests.Expecto.Web.ApiUnderTest
open Tests.Expecto.Web.ClassifyUnderTest

let private signIn (web: WebUnderTest) headers key =
    web.Send("POST", "/sign-in", headers, Some(Http.fields [ "key", key ]))

/// The cookie as a browser sends it back; its attributes are not sent.
let private cookieOf (answer: HttpResponseMessage) =
    "Cookie", (Http.header "Set-Cookie" answer).Split(';')[0]

let private own = "Sec-Fetch-Site", "same-origin"

let private asked =
    testTask "the page asks for a key, and pretending to be the page opens nothing" {
        use! web = serve [ $"--Api:Keys={first}" ]

        for headers in
            [
                []
                [ own ]
                [ "Origin", $"http://127.0.0.1:{web.Port}" ]
                [ "Cookie", "recognition-session=" ]
                [ "Cookie", $"recognition-session={first}" ]
                [ "Cookie", "recognition-session=99999999999.AAAA" ]
            ] do
            let! page = web.Send("GET", "/", headers)
            let! text = Http.text page
            Expect.equal (Http.status page, Http.mediaType page) (401, "text/html") $"GET / {headers}"
            Expect.stringContains text "action=\"/sign-in\"" "the form"

            Expect.isFalse ((Http.header "WWW-Authenticate" page).Contains "Basic") "no dialog of the browser's"
            do! Http.returns 401 $"POST / {headers}" (upload web headers)
            do! refuses 401 "" $"classify {headers}" (classifyAs web headers)
            do! Http.returns 401 $"infer {headers}" (inferAs web headers)

        Expect.equal web.Worker.PictureCount 0 "no worker was asked"
        do! Http.returns 200 "the key as a password, as before" (web.Send("GET", "/", [ Http.basic first ]))
    }

let private signedIn =
    testTask "signing in sets an HttpOnly, SameSite=Strict cookie, Secure over TLS, which other pages can't use" {
        use! web = serve (behindProxy [ $"--Api:Keys={first},{second}" ])
        let! answer = signIn web [ own ] $" {first} "
        Expect.equal (Http.status answer, Http.header "Location" answer) (303, "/") "to the page"
        let set = (Http.header "Set-Cookie" answer).ToLowerInvariant()

        for attribute in [ "httponly"; "samesite=strict"; "path=/" ] do
            Expect.stringContains set attribute "the cookie"

        for attribute in [ "secure"; "expires"; "max-age"; first ] do
            Expect.isFalse (set.Contains attribute) attribute

        let! secure =
            signIn web [ own; "X-Forwarded-Proto", "https"; "X-Forwarded-For", "203.0.113.1" ] first

        Expect.stringContains ((Http.header "Set-Cookie" secure).ToLowerInvariant()) "secure" "over TLS"
        let cookie = cookieOf answer

        for headers, status in
            [
                [ cookie ], 200
                [ cookie; own ], 200
                [ cookie; "Origin", $"http://127.0.0.1:{web.Port}" ], 200
                [ cookie; "Sec-Fetch-Site", "cross-site" ], 403
                [ cookie; "Sec-Fetch-Site", "same-site" ], 403
                [ cookie; "Origin", "http://evil.example" ], 403
                [ cookie; "Origin", "null" ], 403
                cookie :: bearer "wrong-key-0123456789", 401
            ] do
            do! Http.returns status $"{headers}" (classifyAs web headers)
            do! Http.returns status $"POST / {headers}" (upload web headers)

        let! text =
            Http.textWith 200 "a link to the page" (web.Send("GET", "/", [ cookie; "Sec-Fetch-Site", "cross-site" ]))

        Expect.stringContains text "/sign-out" "and out again"
        let! out = web.Send("POST", "/sign-out", [ cookie; own ], Some(Http.fields []))
        Expect.equal (Http.status out) 303 "signed out"
        Expect.stringContains (Http.header "Set-Cookie" out) "recognition-session=;" "the cookie is gone"
        let log = web.Lines.All |> List.map _.Text |> String.concat "\n"
        Expect.isFalse (log.Contains "key-0123456789") "no key is in the log"
    }

let private wrong =
    testTask "wrong keys are reported on the page and throttled, and the right key always works" {
        use! web = WebUnderTest.Start([ $"--Api:Keys={first}" ], [], FakeTimeProvider())

        for number in 1..10 do
            let! answer = signIn web [] $"wrong-key-{number}"
            let! text = Http.text answer
            Expect.equal (Http.status answer) 401 "wrong"
            Expect.stringContains text "Wrong key" "said on the page"
            Expect.equal (Http.header "Set-Cookie" answer) "" "no cookie"

        do! Http.returns 429 "slowed" (signIn web [] "wrong-key-11")
        do! Http.returns 303 "the right one passes" (signIn web [] first)

        for foreign in [ "Sec-Fetch-Site", "cross-site"; "Origin", "http://evil.example" ] do
            do! Http.returns 403 $"{foreign}" (signIn web [ foreign ] first)
    }

let private limited =
    testTask "the signed-in page shares its key's allowance" {
        use! web =
            serve [ $"--Api:Keys={first}"; "--Api:RequestsPerSecond=0.01"; "--Api:Burst=3" ]

        let! answer = signIn web [ own ] first
        let cookie = cookieOf answer

        for _ in 1..2 do
            do! Http.returns 200 "the page" (classifyAs web [ cookie; own ])

        do! Http.returns 200 "a program with the same key" (classifyAs web (bearer first))
        do! Http.returns 429 "one allowance" (classifyAs web [ cookie; own ])
        do! Http.returns 429 "the form, too" (upload web [ cookie; own ])
    }

let private withoutKeys =
    testTask "without configured keys no key is needed" {
        use! web = WebUnderTest.Start []
        do! Http.returns 200 "the page" (web.Send("GET", "/"))
        let! answer = signIn web [] "anything"
        Expect.equal (Http.status answer, Http.header "Set-Cookie" answer) (303, "") "to the page, without a cookie"
    }

let tests = testList "SignIn" [ asked; signedIn; wrong; limited; withoutKeys ]
