/// The worker list as programs change it: rows and changes as JSON, and a worker's rest.
module Tests.Expecto.Web.WorkersApiTests

open Expecto
open Tests.Expecto
open Tests.Expecto.Web.AdminTests

let private json =
    testTask "the JSON API adds and removes a worker" {
        use! web = WebUnderTest.Start []
        let one = "/api/workers/localhost:8888"
        let! _ = expect web "PUT" one 201 "Worker added" [ "localhost:8888" ]
        let! _ = expect web "PUT" one 200 "Already there" [ "localhost:8888" ]
        let! answer = web.Send("GET", one)
        let! row = Http.json answer
        Expect.equal (row.GetProperty("state").GetString()) "active" "state"
        Expect.equal (row.GetProperty("uses").GetInt64()) 0L "uses"
        Expect.equal (row.GetProperty("failures").GetInt64()) 0L "failures"
        Expect.equal (row.GetProperty("lastError").ValueKind) System.Text.Json.JsonValueKind.Null "last error"
        let! _ = expect web "DELETE" one 200 "Worker removed" []
        let! missing = expect web "DELETE" one 404 "not in the list" []
        Expect.equal (Http.mediaType missing) "application/problem+json" "RFC 9457"
        let! missing = web.Send("GET", one)
        Expect.equal (Http.status missing) 404 "no row"
        let! bad = expect web "PUT" "/api/workers/host:70000" 400 "70000" []
        Expect.equal (Http.mediaType bad) "application/problem+json" "RFC 9457"
        let! wrong = expect web "POST" "/api/workers" 405 "does not answer to POST" []
        Expect.equal (Http.mediaType wrong) "application/problem+json" "RFC 9457"
    }

let private rest =
    testTask "a worker is drained, resumed and probed through JSON and the page's forms" {
        use worker = TestWorker.good ()
        use! web = WebUnderTest.Start [ worker.Address ]
        let one = $"/api/workers/{worker.Address}"
        let there = [ string worker.Address ]

        let state () =
            task {
                let! answer = web.Send("GET", one)
                let! row = Http.json answer
                return row.GetProperty("state").GetString()
            }

        let classify () =
            web.Send("POST", "/api/classify", [], Some(Http.body (Picture.png 50)))

        let! _ = expect web "POST" $"{one}/drain" 200 "Worker drained" there
        let! _ = expect web "POST" $"{one}/drain" 200 "Already drained" there
        let! now = state ()
        Expect.equal now "drained" "state"
        let! answer = classify ()
        Expect.equal (Http.status answer) 503 "nobody takes pictures"
        let! _ = expect web "POST" $"{one}/probe" 200 "\"answered\":true" there
        let! now = state ()
        Expect.equal now "drained" "a probe is no resumption"
        let! _ = expect web "POST" $"{one}/resume" 200 "Worker resumed" there
        let! _ = expect web "POST" $"{one}/resume" 200 "Not drained" there
        let! answer = classify ()
        Expect.equal (Http.status answer) 200 "answered"
        let! row = web.Send("GET", one)
        let! row = Http.json row
        Expect.isGreaterThan (row.GetProperty("median").GetDouble()) 0.0 "median, ms"
        Expect.isTrue (row.GetProperty("next").GetBoolean()) "the only one is next"

        for verb in [ "drain"; "resume"; "probe" ] do
            let! _ =
                expect web "POST" $"/api/workers/10.9.9.9:1/{verb}" 404 "not in the list" there

            let! _ =
                expect web "POST" $"/api/workers/nonsense/{verb}" 400 "Nothing was changed" there

            let! _ = expect web "GET" $"{one}/{verb}" 405 "does not answer to GET" there
            ()

        for action, says in
            [
                "drain", "finishes its requests"
                "probe", "answered in"
                "resume", "receives requests again"
            ] do
            let fields = [ "action", action; "address", string worker.Address ]
            let! answer = post web [] fields
            let! text = Http.text answer
            Expect.equal (Http.status answer) 200 action
            Expect.stringContains text says action
    }

let tests = testList "WorkersApi" [ json; rest ]
