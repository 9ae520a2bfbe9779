/// The live feed of the admin page, over a real socket.
module Tests.Expecto.Web.LiveTests

open System
open System.IO
open System.Net.Http
open System.Net.ServerSentEvents
open System.Text.Json
open System.Threading
open Expecto
open Tests.Expecto
open Web.Giraffe
open Tests.Expecto.Web.ClassifyUnderTest

let private path = "/api/workers/events"

/// The stream's head, as soon as it is there.
let private follow (web: WebUnderTest) headers =
    let request = new HttpRequestMessage(HttpMethod.Get, path)

    for name, value: string in headers do
        request.Headers.Add(name, value)

    web.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)

/// The next events, as JSON; none when the stream has ended.
let private events (answer: HttpResponseMessage) =
    task {
        let! stream = answer.Content.ReadAsStreamAsync()
        let items = SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator()

        return
            fun () ->
                task {
                    let! more = items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds 10.0)

                    return
                        if more then
                            Some(JsonDocument.Parse(items.Current.Data).RootElement)
                        else
                            None
                }
    }

let private states (event: JsonElement) =
    [
        for row in event.GetProperty("workers").EnumerateArray() ->
            row.GetProperty("address").GetString(), row.GetProperty("state").GetString()
    ]

let private tells =
    testTask "live events carry the list at once, each change within seconds, and the past seconds' traffic" {
        use! web = serve []
        use! answer = follow web []
        Expect.equal (Http.mediaType answer) "text/event-stream" "server-sent events"
        let! next = events answer
        let! first = next ()
        Expect.equal (states first.Value) [ string web.Worker.Address, "active" ] "the list"
        Expect.equal (first.Value.GetProperty("seconds").GetArrayLength()) 0 "no traffic yet"
        do! Http.returns 200 "answered" (classify web (Http.body (Picture.png 50)))
        let! _ = web.Send("POST", $"/api/workers/{web.Worker.Address}/drain")

        let mutable requests = 0
        let mutable drained = false
        let mutable told = 0

        while told < 8 && (requests = 0 || not drained) do
            let! event = next ()
            told <- told + 1
            drained <- states event.Value = [ string web.Worker.Address, "drained" ]

            for second in event.Value.GetProperty("seconds").EnumerateArray() do
                requests <- requests + second.GetProperty("requests").GetInt32()

        Expect.equal requests 1 "the request, once"
        Expect.isTrue drained "and that the worker is drained"
    }

let private guarded =
    testTask "live events are for administrators only" {
        use! web = WebUnderTest.Start([ "--Admin:Token=0123456789abcdef" ], [])
        use! refused = follow web []
        Expect.equal (Http.status refused) 401 "no token"
        use! foreign = follow web [ "Sec-Fetch-Site", "cross-site" ]
        Expect.equal (Http.status foreign) 403 "another site's page"
        use! answer = follow web [ "Authorization", "Bearer 0123456789abcdef" ]
        Expect.equal (Http.status answer) 200 "with it"
        let! head = web.Send("HEAD", path, [ "Authorization", "Bearer 0123456789abcdef" ])
        Expect.equal (Http.status head) 200 "a HEAD follows nothing"
        Expect.equal (Http.mediaType head) "text/event-stream" "and says what a GET would get"
    }

let private bounded =
    testTask "the number of listeners is limited, and a closed one frees its place" {
        use! web = WebUnderTest.Start []
        let listeners = ResizeArray<HttpResponseMessage>()

        for _ in 1..32 do
            let! answer = follow web []
            Expect.equal (Http.status answer) 200 "let in"
            listeners.Add answer

        use! refused = follow web []
        Expect.equal (Http.status refused) 503 "full"
        Expect.isGreaterThan (int (Http.header "Retry-After" refused)) 0 "when to come back"
        listeners[0].Dispose()
        let mutable status = 503
        let watch = Diagnostics.Stopwatch.StartNew()

        while status = 503 && watch.Elapsed < TimeSpan.FromSeconds 10.0 do
            do! Tasks.Task.Delay 50
            use! again = follow web []
            status <- Http.status again

        Expect.equal status 200 "free again"

        for listener in listeners do
            listener.Dispose()
    }

let private ends =
    testTask "live events end when the node stops and do not delay it" {
        use! web = WebUnderTest.Start []
        use! answer = follow web []
        let! next = events answer
        let! _ = next ()
        let watch = Diagnostics.Stopwatch.StartNew()
        do! web.Stop()
        Expect.isLessThan watch.Elapsed (TimeSpan.FromSeconds 10.0) "stopped soon"
        let mutable last = Some(JsonElement())
        let mutable cut = false

        while last.IsSome && not cut do
            try
                let! event = next ()
                last <- event
            with :? IOException ->
                cut <- true

        Expect.isFalse cut "its end is one, not a cut"
    }

let tests = testList "Live" [ tells; guarded; bounded; ends ]
