/// Idle and busy connections don't keep out other clients' requests.
module Tests.Expecto.Web.ConnectionsTests

open System
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.ClassifyUnderTest
open Tests.Expecto.Web.BodyTimesTests

let private dispose (connections: RawConnection seq) =
    for connection in connections do
        (connection :> IDisposable).Dispose()

/// The first line of the answer to a request with these headers.
let private ask (web: WebUnderTest) path headers =
    task {
        use! connection = web.Raw()
        do! connection.Send $"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n"
        return! connection.FirstLine()
    }

let tests =
    testList
        "Connections"
        [
            testTask "more silent connections than the node accepts delay nobody" {
                use! web = serve [ "--Http:MaxConnections=40" ]
                let! silent = Task.WhenAll [ for _ in 1..150 -> web.Raw() ]

                // Each with a connection of its own.
                for _ in 1..10 do
                    let! line = ask web "/health/live" "Connection: close"
                    Expect.equal line "HTTP/1.1 200 OK" "health"

                do! Http.returns 200 "an upload" (classify web (Http.body (Picture.png 1000)))
                dispose silent
            }

            testTask "when every connection has a request, health and administration are served and others get 503" {
                use! web = serve [ "--Http:MaxConnections=30"; "--Admin:Token=0123456789abcdef" ]

                let! busy =
                    Task.WhenAll
                        [
                            for _ in 1..30 -> stalled web "/api/classify" "image/png" 50_000 (Picture.png 100)
                        ]

                do! Task.Delay 1000

                for path in [ "/health/live"; "/health/ready"; "/api/workers"; "/metrics" ] do
                    let! line = ask web path "Authorization: Bearer 0123456789abcdef"
                    Expect.equal line "HTTP/1.1 200 OK" path

                let! line = ask web "/" "Accept: */*"
                Expect.stringStarts line "HTTP/1.1 503" "the page"
                dispose busy
            }
        ]
