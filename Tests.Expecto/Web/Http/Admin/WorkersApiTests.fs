/// The worker list as programs change it: rows and changes as JSON, drained and resumed workers.
module Tests.Expecto.Web.WorkersApiTests

open Expecto
open Tests.Expecto
open Tests.Expecto.Web.AdminTests
open Tests.Expecto.Web.ClassifyUnderTest

let private json =
    testTask "the JSON API adds and removes a worker" {
        use! web = WebUnderTest.Start []
        let one = "/api/workers/localhost:8888"
        do! expect web "PUT" one 201 "Worker added" [ "localhost:8888" ]
        do! expect web "PUT" one 200 "Already there" [ "localhost:8888" ]
        let! row = Http.jsonOf (web.Send("GET", one))
        Expect.equal (row.GetProperty("state").GetString()) "active" "state"
        Expect.equal (row.GetProperty("uses").GetInt64()) 0L "uses"
        Expect.equal (row.GetProperty("failures").GetInt64()) 0L "failures"
        Expect.equal (row.GetProperty("lastError").ValueKind) System.Text.Json.JsonValueKind.Null "last error"
        do! expect web "DELETE" one 200 "Worker removed" []
        do! expect web "DELETE" one 404 "not in the list" []
        do! expect web "GET" one 404 "not in the list" []
        do! expect web "PUT" "/api/workers/host:70000" 400 "70000" []
        do! expect web "POST" "/api/workers" 405 "POST is not supported here" []
    }

let private rest =
    testTask "a worker is drained, resumed and probed through JSON and the page's forms" {
        use! web = serve []
        let one = $"/api/workers/{web.Worker.Address}"
        let there = [ string web.Worker.Address ]

        let state () =
            task {
                let! row = Http.jsonOf (web.Send("GET", one))
                return row.GetProperty("state").GetString()
            }

        let classify () =
            classify web (Http.body (Picture.png 50))

        do! expect web "POST" $"{one}/drain" 200 "Worker drained" there
        do! expect web "POST" $"{one}/drain" 200 "Already drained" there
        let! now = state ()
        Expect.equal now "drained" "state"
        do! Http.returns 503 "nobody takes pictures" (classify ())
        do! expect web "POST" $"{one}/probe" 200 "\"answered\":true" there
        let! now = state ()
        Expect.equal now "drained" "a probe is no resumption"
        do! expect web "POST" $"{one}/resume" 200 "Worker resumed" there
        do! expect web "POST" $"{one}/resume" 200 "Not drained" there
        do! Http.returns 200 "answered" (classify ())
        let! row = Http.jsonOf (web.Send("GET", one))
        Expect.isGreaterThan (row.GetProperty("median").GetDouble()) 0.0 "median, ms"
        Expect.isTrue (row.GetProperty("next").GetBoolean()) "the only one is next"

        for verb in [ "drain"; "resume"; "probe" ] do
            do! expect web "POST" $"/api/workers/10.9.9.9:1/{verb}" 404 "not in the list" there
            do! expect web "POST" $"/api/workers/nonsense/{verb}" 400 "Nothing was changed" there
            do! expect web "GET" $"{one}/{verb}" 405 "GET is not supported here" there

        for action, says in
            [
                "drain", "finishes its requests"
                "probe", "answered in"
                "resume", "receives requests again"
            ] do
            let fields = [ "action", action; "address", string web.Worker.Address ]
            let! text = Http.textWith 200 action (post web [] fields)
            Expect.stringContains text says action
    }

let tests = testList "WorkersApi" [ json; rest ]
