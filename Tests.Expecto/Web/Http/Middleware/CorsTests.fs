/// Pages of other origins, and a node below a path: what the headers say.
module Tests.Expecto.Web.CorsTests

open System
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.ClassifyUnderTest

let private page = "https://app.example"

let private preflight (web: WebUnderTest) origin method path =
    web.Send(
        "OPTIONS",
        path,
        [
            "Origin", origin
            "Access-Control-Request-Method", method
            "Access-Control-Request-Headers", "authorization,content-type,x-api-key"
        ]
    )

let private allowed answer =
    Http.header "Access-Control-Allow-Origin" answer

let private off =
    testTask "no page of another origin may use the API unless it is allowed to" {
        use! web = serve []
        let! answer = preflight web page "POST" "/api/classify"
        Expect.equal (Http.status answer, allowed answer) (405, "") "no preflight"

        let! answer = ApiUnderTest.classifyAs web [ "Origin", page ]
        Expect.equal (allowed answer) "" "no permission"
    }

let private on =
    testTask "an allowed origin may use the API, and read its headers; never administration" {
        use! web = serve [ $"--Api:AllowedOrigins={page},http://localhost:5173" ]

        for path in [ "/api/classify"; "/api/classify/batch"; "/models/m"; "/v2/models/m/infer" ] do
            for origin in [ page; "http://localhost:5173" ] do
                let! answer = preflight web origin "POST" path
                Expect.equal (Http.status answer, allowed answer) (204, origin) path
                let methods = Http.header "Access-Control-Allow-Methods" answer
                Expect.stringContains methods "POST" path
                let headers = Http.header "Access-Control-Allow-Headers" answer
                Expect.stringContains headers "x-api-key" path

            let! answer = preflight web "https://evil.example" "POST" path
            Expect.equal (allowed answer) "" "another origin"

        for body, status in [ Picture.png 100, 200; "nonsense"B, 415 ] do
            let! answer =
                web.Send("POST", "/api/classify", [ "Origin", page ], Some(Http.body body))

            Expect.equal (Http.status answer, allowed answer) (status, page) "answers and errors"
            Expect.stringContains (Http.header "Access-Control-Expose-Headers" answer) "trace-id" "headers"

        for path in [ "/api"; "/api/models"; "/openapi/v1.json"; "/v2" ] do
            for origin in [ page; "https://evil.example"; "" ] do
                let headers = if origin = "" then [] else [ "Origin", origin ]
                let! answer = web.Send("GET", path, ("Accept-Encoding", "gzip") :: headers)
                Expect.equal (allowed answer) (if origin = page then page else "") $"{path} {origin}"
                let varies = (Http.header "Vary" answer).Split(',', StringSplitOptions.TrimEntries)
                Expect.sequenceEqual (Seq.sort varies) [ "Accept-Encoding"; "Origin" ] "for caches"

        for method, path in
            [
                "PUT", "/api/workers/127.0.0.1:7"
                "GET", "/models/m/classes"
                "DELETE", "/api/workers/127.0.0.1:7"
                "GET", "/api/workers"
                "GET", "/add/127.0.0.1:7"
                "POST", "/workers"
                "POST", "/v2/repository/models/m/load"
                "POST", "/v2/repository/models/m/unload"
                "GET", "/metrics"
                "GET", "/"
            ] do
            let! answer = preflight web page method path
            Expect.equal (allowed answer) "" $"{method} {path}"
            let! answer = web.Send("GET", path, [ "Origin", page ])
            Expect.equal (allowed answer) "" $"GET {path}"
    }

let private every =
    testTask "an asterisk allows every origin" {
        use! web = serve [ "--Api:AllowedOrigins=*" ]
        let! answer = preflight web page "POST" "/api/classify"
        Expect.equal (Http.status answer, allowed answer) (204, "*") "any"
        let! answer = web.Send("GET", "/v2", [ "Origin", page ])
        Expect.equal (allowed answer, Http.header "Vary" answer) ("*", "") "the same for all of them"
    }

let private wrong =
    let refuses option (says: string) =
        testTask option {
            let! error =
                task {
                    try
                        use! _ = WebUnderTest.Start([ option ], [])
                        return ""
                    with Failure error ->
                        return error
                }

            Expect.stringContains error says "the node does not start"
        }

    testList
        "wrong options"
        [
            refuses "--Api:AllowedOrigins=https://app.example/path" "Api:AllowedOrigins"
            refuses "--Api:AllowedOrigins=app.example" "Api:AllowedOrigins"
            refuses "--Api:AllowedOrigins=https://*.example" "Api:AllowedOrigins"
            refuses "--Http:PathBase=app" "Http:PathBase"
            refuses "--Http:PathBase=//app" "Http:PathBase"
            refuses "--Http:PathBase=/a b" "Http:PathBase"
        ]

let private below =
    testTask "below a path, pages, cookies, redirects and documents have it; without it the node answers, too" {
        use! web = serve [ "--Http:PathBase=/app/"; "--Api:Keys=a-key-0123456789" ]

        for path in [ "/app/"; "/app"; "/" ] do
            let! page = Http.textOf (web.Send("GET", path))
            Expect.stringContains page "action=\"/app/sign-in\"" path
            Expect.isFalse (page.Contains "href=\"/assets") path

        let! answer =
            web.Send("POST", "/app/sign-in", [], Some(Http.fields [ "key", "a-key-0123456789" ]))

        Expect.equal (Http.status answer, Http.header "Location" answer) (303, "/app/") "back home"
        Expect.stringContains (Http.header "Set-Cookie" answer) "path=/app/" "its cookie"

        for path in [ "/app/openapi/v1.json"; "/openapi/v1.json" ] do
            let! document = Http.jsonOf (web.Send("GET", path))
            Expect.equal (string (document.GetProperty("servers").[0].GetProperty "url")) "/app" path

        let! root =
            Http.jsonOf (web.Send("GET", "/app/api", [ "X-API-Key", "a-key-0123456789" ]))

        Expect.equal (root.GetProperty("openApi").GetString()) "/app/openapi/v1.json" "the way to it"
        let! page = Http.textOf (web.Send("GET", "/app/docs"))
        Expect.stringContains page $":{web.Port}/app/api/classify" "its commands"
        let! answer = web.Send("GET", "/app/docs?lang=de")
        Expect.stringContains (Http.header "Set-Cookie" answer) "path=/app/" "the language"
        do! Http.returns 200 "a probe" (web.Send("GET", "/app/health/live"))
    }

let private forwarded =
    testTask "X-Forwarded-Prefix counts from a trusted proxy, and only if it is a path" {
        let home (web: WebUnderTest) prefix =
            web.Send("GET", "/", [ "X-Forwarded-For", "203.0.113.7"; "X-Forwarded-Prefix", prefix ])
            |> Http.textOf

        use! trusting = WebUnderTest.Start(ApiUnderTest.behindProxy [], [])
        let! page = home trusting "/app"
        Expect.stringContains page "data-base=\"/app\"" "trusted"

        for prefix in [ "//evil.example"; "/a\"b"; "/.." ] do
            let! page = home trusting prefix
            Expect.isFalse (page.Contains "data-base") prefix

        use! other = WebUnderTest.Start []
        let! page = home other "/app"
        Expect.isFalse (page.Contains "data-base") "not trusted"
    }

let tests = testList "Cors" [ off; on; every; wrong; below; forwarded ]
