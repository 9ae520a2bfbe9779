/// What strangers' connections leave for the others.
module Tests.Expecto.Web.ConnectionsTests

open System
open System.Net.Sockets
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.UploadTests
open Tests.Expecto.Web.BodyTimesTests

let private dispose (sockets: TcpClient seq) =
    for socket in sockets do
        socket.Dispose()

let tests =
    testList
        "Connections"
        [
            testTask "more silent connections than the node accepts delay nobody" {
                do!
                    withWorker [ "--Http:MaxConnections=40" ] (fun web _ ->
                        task {
                            let! silent = Task.WhenAll [ for _ in 1..150 -> web.Raw() ]

                            // Each with a connection of its own.
                            for _ in 1..10 do
                                use! socket = web.Raw()

                                do!
                                    send
                                        socket
                                        "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"B

                                let! line = firstLine socket
                                Expect.equal line "HTTP/1.1 200 OK" "health"

                            let! answer = classify web (Http.body (Picture.png 1000))
                            Expect.equal (Http.status answer) 200 "an upload"
                            dispose silent
                        })
            }

            testTask "when every connection has a request, health and administration are served and others get 503" {
                do!
                    withWorker [ "--Http:MaxConnections=30"; "--Admin:Token=0123456789abcdef" ] (fun web _ ->
                        task {
                            let! busy =
                                [
                                    for _ in 1..30 -> stalled web "/api/classify" "image/png" 50_000 (Picture.png 100)
                                ]
                                |> Task.WhenAll

                            do! Task.Delay 1000

                            let ask path headers =
                                task {
                                    use! socket = web.Raw()

                                    do!
                                        send
                                            socket
                                            (Text.Encoding.ASCII.GetBytes
                                                $"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")

                                    return! firstLine socket
                                }

                            for path in [ "/health/live"; "/health/ready"; "/api/workers"; "/metrics" ] do
                                let! line = ask path "Authorization: Bearer 0123456789abcdef\r\n"
                                Expect.equal line "HTTP/1.1 200 OK" path

                            let! line = ask "/" ""
                            Expect.stringStarts line "HTTP/1.1 503" "the page"
                            dispose busy
                        })
            }
        ]
