/// The fault proxy does what its options say, and nothing else.
module Tests.Expecto.Scenarios.ProxyTests

open System
open System.Diagnostics
open System.Net
open System.Net.Sockets
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Scenarios.Proxy

let private transparent =
    testTask "without faults the proxy passes every byte and the end both ways, and counts the messages" {
        use! ends = Ends.Through(FaultOptions())
        let size, image = Wire.upload 1 300_000
        let! received = Wire.passed ends [ size; image; "A"B ]
        Expect.equal received.Bytes (Array.concat [ size; image; "A"B ]) "up"
        let answers = ReceivedReads ends.Client
        do! Wire.send ends.Server (Array.concat [ "A"B; "A"B; Wire.result ])
        ends.Server.Shutdown SocketShutdown.Send
        let! _ = answers.ToEnd Wire.soon
        Expect.equal answers.Bytes (Array.concat [ "AA"B; Wire.result ]) "down"
        Expect.equal ends.Proxy.Messages 6L "size, image, A; A, A, result"
        Expect.equal ends.Proxy.BytesUp (int64 received.Bytes.Length) "bytes up"
        Expect.equal ends.Proxy.BytesDown (int64 answers.Bytes.Length) "bytes down"
        Expect.isEmpty ends.Proxy.Injected "no fault"
    }

/// Where the writes of a sender happen to end must not matter.
let private framing =
    testTask "messages are found however they are split" {
        use! ends = Ends.Through(FaultOptions())
        let size, image = Wire.upload 2 500
        let whole = Array.concat [ "N"B; size; image; size; image; "A"B ]

        for step in [ 1; 7; 13; 14; 15; 100; 10_000 ] do
            use! again = ends.Again()
            let before = ends.Proxy.Messages
            let! received = Wire.passed again (List.ofArray (Array.chunkBySize step whole))
            Expect.equal received.Bytes whole $"every byte, {step} at a time"
            Expect.equal (ends.Proxy.Messages - before) 6L $"six messages, {step} bytes at a time"
    }

let private delay =
    testTask "every byte is delayed in both directions" {
        use! ends = Ends.Through(FaultOptions(Delay = TimeSpan.FromMilliseconds 40.0))
        let echo: byte[] = Array.zeroCreate 1
        let trips = ResizeArray<float>()

        let first = Stopwatch.StartNew()
        do! Wire.send ends.Client "A"B
        let! _ = ends.Server.ReceiveAsync echo

        Expect.isGreaterThan
            first.Elapsed.TotalMilliseconds
            60.0
            "far more than one way: a connection takes a round trip"

        for _ in 1..10 do
            let clock = Stopwatch.StartNew()
            do! Wire.send ends.Client "A"B
            let! _ = ends.Server.ReceiveAsync echo
            do! Wire.send ends.Server "A"B
            let! _ = ends.Client.ReceiveAsync echo
            trips.Add clock.Elapsed.TotalMilliseconds

        Expect.isGreaterThan (Seq.min trips) 78.0 "twice 40 ms, less the timers' grain"
        // A busy machine adds to single trips, not to the best of ten.
        Expect.isLessThan (Seq.min trips) 90.0 "and hardly more"
    }

let private bandwidth =
    testTask "all connections together share the bandwidth" {
        use! one = Ends.Through(FaultOptions(BytesPerSecond = 1e6))
        use! two = one.Again()
        let size, image = Wire.upload 3 150_000
        let clock = Stopwatch.StartNew()

        let! _ =
            Task.WhenAll [ Wire.passed one [ size; image ]; Wire.passed two [ size; image ] ]

        let expected = float (2 * (size.Length + image.Length)) / 1e6
        Expect.isGreaterThan clock.Elapsed.TotalSeconds (expected * 0.93) "not faster"
        Expect.isLessThan clock.Elapsed.TotalSeconds (expected * 1.5) "hardly slower"
    }

let private dead =
    testTask "without a server behind the proxy a connection ends at once" {
        use lonely = new Socket(SocketType.Stream, ProtocolType.Tcp)
        let proxy = FaultProxy.Start(1, FaultOptions())

        try
            do! lonely.ConnectAsync proxy.EndPoint
            let! ended = (ReceivedReads lonely).ToEnd Wire.soon
            Expect.isTrue ended "reset"
        with :? SocketException as broken ->
            Expect.equal broken.SocketErrorCode SocketError.ConnectionReset "reset before it was noticed"

        do! proxy.DisposeAsync()
    }

/// The proxy has all of the one direction, the end included, before it has begun with the other.
let private answered =
    testTask "a client that has closed its sending side still gets the answer" {
        use listener = new TcpListener(IPAddress.Loopback, 0)
        listener.Start()

        let proxy =
            FaultProxy.Start((listener.LocalEndpoint :?> IPEndPoint).Port, FaultOptions())

        for number in 1..20 do
            use client = new Socket(SocketType.Stream, ProtocolType.Tcp)
            do! client.ConnectAsync proxy.EndPoint
            do! Wire.send client "A"B
            client.Shutdown SocketShutdown.Send
            use! server = listener.AcceptSocketAsync()
            let asked, answer = ReceivedReads server, ReceivedReads client
            let! _ = asked.ToEnd Wire.soon
            do! Wire.send server Wire.result
            server.Shutdown SocketShutdown.Send
            let! _ = answer.ToEnd Wire.soon
            Expect.equal (asked.Bytes, answer.Bytes) ("A"B, Wire.result) $"connection {number}"

        do! proxy.DisposeAsync()
    }

let tests =
    testSequenced
    <| testList "Proxy" [ transparent; framing; delay; bandwidth; dead; answered ]
