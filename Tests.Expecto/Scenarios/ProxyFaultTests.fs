/// The fault proxy injects exactly the faults that it reports.
module Tests.Expecto.Scenarios.ProxyFaultTests

open System
open System.Diagnostics
open System.Net.Sockets
open System.Numerics
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Scenarios.Proxy

let private flippedBits (before: byte[]) (after: byte[]) =
    Array.map2 (fun (one: byte) (other: byte) -> BitOperations.PopCount(uint32 (one ^^^ other))) before after
    |> Array.sum

let private flip =
    testTask "the proxy flips the reported bit of every message" {
        use! first = Ends.Through(FaultOptions(Flip = 1.0))

        for _ in 1..20 do
            use! ends = first.Again()
            let size, image = Wire.upload 4 40_000
            let before = ends.Proxy.Injected.Count
            let! received = Wire.passed ends [ size; image; "A"B ]
            let starts = [ 0; size.Length; size.Length + image.Length ]
            let expected = Array.concat [ size; image; "A"B ]

            for fault in Seq.skip before ends.Proxy.Injected do
                let at = starts[fault.Message] + int fault.Offset
                expected[at] <- expected[at] ^^^ (1uy <<< fault.Bit)

            Expect.equal received.Bytes expected "as it says"
            let sent = Array.concat [ size; image; "A"B ]
            Expect.equal (flippedBits sent received.Bytes) 3 "three messages, three bits"
    }

let private cut =
    testTask "the proxy cuts a message at the reported byte, for both sides" {
        use! first = Ends.Through(FaultOptions(Cut = 1.0))
        let mutable kinds = Set.empty

        for seed in 1..20 do
            use! ends = first.Again()
            let _, image = Wire.upload seed 60_000
            // No size announced it, so what one read gives is a message.
            let message = Wire.result
            let before = ends.Proxy.Injected.Count
            let! received = Wire.passed ends [ (if seed % 2 = 0 then message else image) ]
            let! both = (ReceivedReads ends.Client).ToEnd Wire.soon
            Expect.isTrue both "the sender sees the end"
            let fault = Seq.item before ends.Proxy.Injected
            kinds <- kinds.Add fault.Kind
            Expect.equal received.Bytes.Length (int fault.Offset) $"{fault}"

        Expect.equal kinds (set [ FaultKind.CutByClose; FaultKind.CutByReset ]) "in order, and by a reset"
    }

let private duplicate =
    testTask "a duplicated message arrives twice in a row" {
        use! ends = Ends.Through(FaultOptions(Duplicate = 1.0))
        let size, image = Wire.upload 5 100_000
        let! received = Wire.passed ends [ size; image ]
        let expected = Array.concat [ size; size; image; image ]
        let same = received.Bytes.AsSpan().CommonPrefixLength(ReadOnlySpan expected)

        Expect.equal
            (same, received.Bytes.Length)
            (expected.Length, expected.Length)
            $"each twice: {ends.Proxy.Messages} messages, {ends.Proxy.BytesUp} bytes, {List.ofSeq ends.Proxy.Injected}"
    }

let private join =
    testTask "a joined message waits for the next one, for a bounded time" {
        use! ends =
            Ends.Through(FaultOptions(Join = 1.0, JoinWithin = TimeSpan.FromMilliseconds 300.0))

        do! Wire.send ends.Server "A"B
        do! Task.Delay 50
        do! Wire.send ends.Server Wire.result
        let buffer: byte[] = Array.zeroCreate 1024
        let! count = ends.Client.ReceiveAsync buffer
        Expect.equal buffer[.. count - 1] (Array.append "A"B Wire.result) "one read"
        let clock = Stopwatch.StartNew()
        do! Wire.send ends.Server "A"B
        let! _ = ends.Client.ReceiveAsync buffer
        Expect.isGreaterThan clock.Elapsed.TotalMilliseconds 280.0 "held"
    }

let private blackHole =
    testTask "in a black hole nothing arrives and no connection ends" {
        use! ends = Ends.Through(FaultOptions(BlackHole = 1.0))
        do! Wire.send ends.Client "A"B
        do! Wire.send ends.Server "A"B
        let up, down = ReceivedReads ends.Server, ReceivedReads ends.Client
        let brief = TimeSpan.FromMilliseconds 300.0
        let! ended = Task.WhenAll [ up.ToEnd brief; down.ToEnd brief ]
        Expect.equal ended [| false; false |] "both stand"
        Expect.isEmpty (Array.append up.Bytes down.Bytes) "and hear nothing"
    }

let private faults seed =
    task {
        use! first =
            Ends.Through(
                FaultOptions(Seed = seed, Flip = 0.2, Cut = 0.1, Duplicate = 0.1, Join = 0.1, BlackHole = 0.05)
            )

        for number in 1..15 do
            use! ends = first.Again()
            let size, image = Wire.upload number 1000
            let received = (ReceivedReads ends.Server).ToEnd(TimeSpan.FromMilliseconds 500.0)

            try
                do! Wire.send ends.Client (Array.concat [ size; image; "A"B ])
                ends.Client.Shutdown SocketShutdown.Send
            with :? SocketException ->
                ()

            let! _ = received
            ()

        return List.ofSeq first.Proxy.Injected
    }

let private seeds =
    testTask "the same seed gives the same faults, another seed others" {
        let! one = faults 7
        let! same = faults 7
        let! other = faults 8
        Expect.isGreaterThan one.Length 5 "there are some"
        Expect.equal same one "the same"
        Expect.notEqual other one "others"
    }

let tests =
    testSequenced
    <| testList "Proxy faults" [ flip; cut; duplicate; join; blackHole; seeds ]
