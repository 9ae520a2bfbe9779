/// The headers of every answer: its trace id, and the caller's rate limit.
module Tests.Expecto.Web.AnswerHeadersTests

open System.Text.RegularExpressions
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.ClassifyUnderTest
open Tests.Expecto.Web.ApiUnderTest

let private traced =
    testTask "every answer has its trace id, that of the caller's trace if it has one" {
        use! web = serve []
        let trace = "0af7651916cd43dd8448eb211c80319c"

        for method, path in
            [
                "GET", "/"
                "GET", "/assets/app.css"
                "GET", "/health/live"
                "GET", "/nothing"
                "GET", "/v2"
                "POST", "/api/classify"
            ] do
            let! answer = web.Send(method, path)
            let own = Http.header "trace-id" answer
            Expect.isTrue (Regex.IsMatch(own, "^[0-9a-f]{32}$")) $"{method} {path}: {own}"

            let! answer =
                web.Send(method, path, [ "traceparent", $"00-{trace}-b7ad6b7169203331-01" ])

            Expect.equal (Http.header "trace-id" answer) trace $"{method} {path}: the caller's"

        let! answer = web.Send("POST", "/api/classify")
        let! problem = Http.json answer

        Expect.stringContains
            (string (problem.GetProperty "traceId"))
            (Http.header "trace-id" answer)
            "as in the problem"
    }

let private limits =
    testTask "answers state the caller's rate limit and the rest of it, if there is a limit" {
        use! web = serve [ "--Api:RequestsPerSecond=0.01"; "--Api:Burst=5" ]
        let limit = Http.header "RateLimit"
        let! answer = classifyAs web []
        Expect.equal (Http.header "RateLimit-Policy" answer) "\"pictures\";q=5;w=500" "the policy"
        Expect.equal (limit answer) "\"pictures\";r=4;t=100" "after one"
        let! answer = batch web [] (many "file" 3 100)
        Expect.equal (limit answer) "\"pictures\";r=1;t=400" "after four"
        let! answer = web.Send("GET", "/api/models")
        Expect.equal (limit answer) "\"pictures\";r=1;t=400" "costs nothing"
        let! _ = classifyAs web []
        let! answer = classifyAs web []
        let! _ = refused 429 answer
        Expect.equal (limit answer) "\"pictures\";r=0;t=500" "none left"
        Expect.notEqual (Http.header "Retry-After" answer) "" "and when to come back"

        use! web = serve []
        let! answer = classifyAs web []
        Expect.equal (limit answer) "" "no limit"
    }

let tests = testList "AnswerHeaders" [ traced; limits ]
