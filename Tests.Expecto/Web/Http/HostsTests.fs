/// The node's names, and the bytes of headers that a request may have.
module Tests.Expecto.Web.HostsTests

open System
open System.Net
open System.Net.Http
open System.Net.Sockets
open Expecto
open Tests.Expecto
open Microsoft.AspNetCore.Http
open Web.Giraffe
open Tests.Expecto.Web.ClassifyUnderTest

let private headers =
    testTask "a request may have as many bytes of headers as Kestrel takes by default, and no more" {
        use! web = serve []

        let send length =
            web.Send("POST", "/api/classify", [ "X-Long", String('a', length) ], Some(Http.body (Picture.png 100)))

        do! Http.returns 200 "31,000 bytes" (send 31_000)
        do! Http.returns 431 "33,000 bytes" (send 33_000)
    }

let private hosts =
    let source host origin =
        let headers: IHeaderDictionary = HeaderDictionary()
        headers.Origin <- Microsoft.Extensions.Primitives.StringValues(origin: string)
        RequestSource.read (HostString host) headers

    let own host origin =
        test $"{origin} is the page of {host}" { Expect.equal (source host origin) OwnPage "own" }

    let foreign host origin =
        test $"{origin} is not the page of {host}" { Expect.equal (source host origin) OtherOrigin "foreign" }

    testList
        "hosts"
        [
            own "name" "http://name"
            own "name:80" "http://name"
            own "NAME:443" "https://name"
            own "name" "https://name"
            own "name:9999" "http://name:9999"
            own "[::1]:80" "http://[::1]"
            own "[::1]:9999" "http://[::1]:9999"
            foreign "name" "http://name:81"
            foreign "name:80" "https://name"
            foreign "name:443" "http://name"
            foreign "name:81" "http://name"
            foreign "name" "http://other"
            foreign "name" "null"
        ]

/// A port that nobody listens on now, on either loopback address.
let private freePort () =
    use listener = TcpListener.Create 0
    listener.Start()
    (listener.LocalEndpoint :?> IPEndPoint).Port

let private localhost =
    testTask "localhost is both loopback addresses" {
        use! web =
            WebUnderTest.Start([ "--Http:Address=localhost"; $"--Http:Port={freePort ()}" ], [])

        use client = new HttpClient()

        for host in
            [
                "127.0.0.1"
                if Socket.OSSupportsIPv6 then
                    "[::1]"
                "localhost"
            ] do
            do! Http.returns 200 host (client.GetAsync $"http://{host}:{web.Port}/api/workers")

        if Socket.OSSupportsIPv6 then
            use other = new TcpListener(IPAddress.IPv6Loopback, 0)
            other.Start()
            let port = (other.LocalEndpoint :?> IPEndPoint).Port
            Expect.isFalse (ListenError.canListen Localhost port) "another program has one of them"
            other.Stop()
            Expect.isTrue (ListenError.canListen Localhost port) "free"
    }

let tests = testList "Hosts" [ headers; hosts; localhost ]
