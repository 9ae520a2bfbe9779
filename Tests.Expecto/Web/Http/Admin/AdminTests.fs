/// The worker list over HTTP as people change it: the admin URLs, the page and its forms.
module Tests.Expecto.Web.AdminTests

open Expecto
open Tests.Expecto
open Tests.Expecto.Web.ClassifyUnderTest

let internal addresses (web: WebUnderTest) =
    task {
        let! list = Http.jsonOf (web.Send("GET", "/api/workers"))

        return
            [
                for row in list.GetProperty("workers").EnumerateArray() ->
                    string (row.GetProperty("address").GetString())
            ]
    }

/// Asks, checks the status and that the answer says so, and that the list is then this.
let internal expect (web: WebUnderTest) method path status (says: string) list =
    task {
        let! answer = web.Send(method, path)
        let! text = Http.text answer
        Expect.equal (Http.status answer) status $"{method} {path}"
        Expect.stringContains text says $"{method} {path}"
        let! now = addresses web
        Expect.equal now list $"the list after {method} {path}"

        let mediaType =
            if path.StartsWith "/api" then
                "application/problem+json"
            else
                "text/html"

        if status >= 400 then
            Expect.equal (Http.mediaType answer) mediaType $"{method} {path}"
    }

let private urls =
    testTask "the admin URLs add and remove a worker, and each has its status the second time" {
        use! web = WebUnderTest.Start []
        let first, second = "127.7.0.5:8888", "[::1]:8889"

        for path, status, says, list in
            [
                $"/add/{first}", 201, $"{first} now receives requests", [ first ]
                $"/add/{first}", 409, "in the list already", [ first ]
                $"/add/{second}", 201, second, [ first; second ]
                "/add/%5B::1%5D:8889", 409, second, [ first; second ]
                $"/del/{first}", 200, "receives no more requests", [ second ]
                $"/del/{first}", 404, "not in the list", [ second ]
            ] do
            do! expect web "GET" path status says list
    }

let private secureUrls =
    testTask "a TLS worker's address has two slashes, or the one that a proxy leaves" {
        use! web = WebUnderTest.Start []
        let first, second = "tls://127.7.0.5:8888", "tls://[::1]:8888"
        let ofSecond = "/api/workers/tls:%2F%2F[::1]:8888"

        for method, path, status, says, list in
            [
                "GET", $"/add/{first}", 201, $"{first} now receives requests", [ first ]
                "GET", "/add/tls:/127.7.0.5:8888", 409, "in the list already", [ first ]
                "GET", "/add/tls:%2F%2F127.7.0.5:8888", 409, "in the list already", [ first ]
                // Without TLS it is another way to the same machine.
                "GET", "/del/127.7.0.5:8888", 404, "not in the list", [ first ]
                "GET", $"/del/{first}", 200, "receives no more requests", []
                "GET", "/add/https://127.7.0.5:8888", 404, "", []
                "GET", "/add/tls://127.7.0.5/8888", 400, "Nothing was changed.", []
                "PUT", ofSecond, 201, second, [ second ]
                "GET", ofSecond, 200, "active", [ second ]
                "DELETE", ofSecond, 200, second, []
            ] do
            do! expect web method path status says list
    }

let private nonsense =
    testTask "invalid addresses and ports get 400 with a reason and change nothing" {
        use! web = WebUnderTest.Start []

        for verb in [ "add"; "del" ] do
            for address in
                [
                    "nonsense"
                    "host:0"
                    "host:70000"
                    "host:-1"
                    "host:12x"
                    ":8888"
                    "host:"
                    "::1:8888"
                    "a%2Fb:1"
                    "%3Cscript%3E:1"
                ] do
                do! expect web "GET" $"/{verb}/{address}" 400 ". Nothing was changed." []
                let! text = Http.textOf (web.Send("GET", $"/{verb}/{address}"))
                Expect.isFalse (text.Contains "<script>") "nothing unescaped"
    }

let private methods =
    testTask "HEAD, POST and PUT on an admin URL get 405 and change nothing" {
        use! web = WebUnderTest.Start []

        for method in [ "HEAD"; "POST"; "PUT" ] do
            let! answer = web.Send(method, "/add/127.7.0.5:8888")
            Expect.equal (Http.status answer) 405 method
            Expect.equal (Http.header "Allow" answer) "GET" "and which one would"

        let! list = addresses web
        Expect.isEmpty list "the list"
    }

let internal post (web: WebUnderTest) headers (fields: (string * string) list) =
    web.Send("POST", "/workers", headers, Some(Http.fields fields))

let private forms =
    testTask "the page's forms add and remove workers" {
        use worker = TestWorker.good ()
        use! web = WebUnderTest.Start []
        let worker = string worker.Address

        let said status (says: string) headers fields =
            task {
                let! text = Http.textWith status $"{fields}" (post web headers fields)
                Expect.stringContains text says $"{fields}"
                Expect.stringContains text "<h1>Workers</h1>" "the list again"
            }

        let add = [ "action", "add"; "address", $" {worker} " ]

        do!
            said
                200
                "now receives requests"
                [ "Origin", $"http://127.0.0.1:{web.Port}"; "Sec-Fetch-Site", "same-origin" ]
                add

        do! said 409 "in the list already" [] add
        do! said 400 ". Nothing was changed." [] [ "action", "add"; "address", "<b>" ]
        do! said 400 "none of add, remove," [] [ "action", "burn"; "address", worker ]
        do! said 200 "receives no more requests" [] [ "action", "remove"; "address", worker ]
        do! said 404 "not in the list" [] [ "action", "remove"; "address", worker ]

        let huge = [ "action", "add"; "address", System.String('x', 70_000) ]
        do! Http.returns 413 "no form is that long" (post web [] huge)
    }

let private page =
    testTask "the page shows state, uses, failures and the last error, escaped" {
        use worker = TestWorker.good ()
        let dead = TestWorker.deadAddress ()
        use! web = WebUnderTest.Start [ worker.Address; dead ]

        for _ in 1..3 do
            do! Http.returns 200 "answered" (classify web (Http.body (Picture.png 50)))

        let! text = Http.textOf (web.Send("GET", "/workers"))
        Expect.stringContains text "1 of 2 workers active" "how many"
        Expect.stringContains text $"<code>{worker.Address}</code>" "the one"
        Expect.stringContains text """<span class="uses">3</span>""" "its uses"
        Expect.stringContains text "state inactive" "the other one's state"
        Expect.stringContains text """<span class="failures">1</span>""" "its failures"
        Expect.stringContains text "refused" "its last error"
    }

let tests = testList "Admin" [ urls; secureUrls; nonsense; methods; forms; page ]
