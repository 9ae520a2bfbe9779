/// The limit on pictures: who has had too many, and when there are more for him.
module Tests.Expecto.Web.RateLimitTests

open System
open System.Net.Http
open Expecto
open Web.Giraffe.Api
open Tests.Expecto.Web.ApiUnderTest
open Tests.Expecto.Web.UploadTests

let private limit =
    testCaseTask "above its burst a key or an address gets 429 with Retry-After, and others are served"
    <| fun () ->
        withWorker
            [
                $"--Api:Keys={first},{second}"
                "--Api:Page=open"
                "--Api:RequestsPerSecond=0.01"
                "--Api:Burst=3"
            ]
            (fun web _ ->
                task {
                    for _ in 1..3 do
                        let! answer = classifyAs web (bearer first)
                        Expect.equal (Http.status answer) 200 "within the burst"

                    let! answer = classifyAs web (bearer first)
                    let! _ = refused 429 answer
                    let wait = int (Http.header "Retry-After" answer)
                    Expect.isTrue (wait > 0 && wait <= 100) $"a picture each 100 s, so wait {wait} s"
                    let! answer = inferAs web (bearer first)

                    Expect.equal
                        (Http.status answer, Http.mediaType answer)
                        (429, "application/json")
                        "one allowance for all"

                    let! answer = classifyAs web (bearer second)
                    Expect.equal (Http.status answer) 200 "another key"
                    let! answer = classifyAs web [ "Sec-Fetch-Site", "same-origin" ]
                    Expect.equal (Http.status answer) 200 "the page, by address"
                    let! answer = web.Send("GET", "/v2", bearer first)
                    Expect.equal (Http.status answer) 200 "what costs no picture is not counted"
                })

let private limitOfSeveral =
    testCaseTask "each picture of a request counts"
    <| fun () ->
        withWorker [ "--Api:RequestsPerSecond=0.01"; "--Api:Burst=3" ] (fun web _ ->
            task {
                let form = new MultipartFormDataContent()

                for number in 1..5 do
                    form.Add(Http.part $"{number}.png" (Picture.png 100))

                let! answer = classify web form
                let! root = Http.json answer

                let statuses =
                    [
                        for result in root.GetProperty("results").EnumerateArray() ->
                            result.GetProperty("status").GetInt32()
                    ]

                Expect.equal statuses [ 200; 200; 200; 429; 429 ] "three, and no more"
            })

let private networks =
    testCaseTask "an IPv6 /64 counts as one address"
    <| fun () ->
        withWorker (behindProxy [ "--Api:RequestsPerSecond=0.01"; "--Api:Burst=2" ]) (fun web _ ->
            task {
                for address, status in
                    [
                        "2001:db8:1:2::1", 200
                        "2001:db8:1:2:ffff:ffff:ffff:ffff", 200
                        "2001:db8:1:2:3::9", 429
                        "2001:db8:1:3::1", 200
                        "2001:db8:1:1:ffff::", 200
                        "203.0.113.1", 200
                        "203.0.113.1", 200
                        "::ffff:203.0.113.1", 429
                        "203.0.113.2", 200
                    ] do
                    let! answer = classifyAs web [ "X-Forwarded-For", address ]
                    Expect.equal (Http.status answer) status address
            })

let private refills =
    test "an allowance refills over time" {
        let settings: ApiSettings =
            {
                KeysFile = None
                Page = PageAccess.Open
                Rate = 20.0
                Burst = 2
                AllowedOrigins = []
            }

        use limit = new RateLimit(settings)
        Expect.equal (limit.Take("a", 2)) None "the burst"
        Expect.isSome (limit.Take("a", 1)) "no more"
        let until = DateTime.UtcNow.AddSeconds 10.0

        while (limit.Take("a", 1)).IsSome do
            Expect.isLessThan DateTime.UtcNow until "it comes back"
            Threading.Thread.Sleep 20
    }

let tests = testList "RateLimit" [ limit; limitOfSeveral; networks; refills ]
