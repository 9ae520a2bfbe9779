/// The rate limit on pictures.
module Tests.Expecto.Web.RateLimitTests

open System
open Expecto
open Tests.Expecto
open Web.Giraffe.Api
open Tests.Expecto.Web.ApiUnderTest
open Tests.Expecto.Web.ClassifyUnderTest

let private limit =
    testTask "above its burst a key or an address gets 429 with Retry-After, and others are served" {
        let options =
            [
                $"--Api:Keys={first},{second}"
                "--Api:Page=open"
                "--Api:RequestsPerSecond=0.01"
                "--Api:Burst=3"
            ]

        use! web = serve options

        for _ in 1..3 do
            do! Http.returns 200 "within the burst" (classifyAs web (bearer first))

        let! answer = classifyAs web (bearer first)
        let! _ = refused 429 answer
        let wait = int (Http.header "Retry-After" answer)
        Expect.isTrue (wait > 0 && wait <= 100) $"a picture each 100 s, so wait {wait} s"
        let! answer = inferAs web (bearer first)

        Expect.equal (Http.status answer, Http.mediaType answer) (429, "application/json") "one allowance for all"
        do! Http.returns 200 "another key" (classifyAs web (bearer second))
        do! Http.returns 200 "the page, by address" (classifyAs web [ "Sec-Fetch-Site", "same-origin" ])
        do! Http.returns 200 "what costs no picture is not counted" (web.Send("GET", "/v2", bearer first))
    }

let private limitOfSeveral =
    testTask "each picture of a request counts" {
        use! web = serve [ "--Api:RequestsPerSecond=0.01"; "--Api:Burst=3" ]
        let! results = results (classify web (many "file" 5 100))
        Expect.equal (results |> List.map statusOf) [ 200; 200; 200; 429; 429 ] "three, and no more"
    }

let private networks =
    testTask "an IPv6 /64 counts as one address" {
        use! web = serve (behindProxy [ "--Api:RequestsPerSecond=0.01"; "--Api:Burst=2" ])

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
            do! Http.returns status address (classifyAs web [ "X-Forwarded-For", address ])
    }

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
