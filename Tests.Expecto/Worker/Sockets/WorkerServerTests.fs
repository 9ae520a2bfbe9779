module Tests.Expecto.Worker.WorkerServerTests

open System
open System.Diagnostics
open System.Net
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto.Worker.ServerUnderTest

let private exchanges =
    testList
        "exchanges"
        [
            test "an old client gets each answer in a read of its own, twenty times" {
                use worker = run standard

                for _ in 1..20 do
                    Expect.equal (OldPeer.ask worker.Port picture.Value) ("A", "A", expected ()) "A, A, result"

                Expect.stringContains (worker.Line 202) "1 attempts" "logged"
            }

            test "twenty concurrent clients are answered" {
                use worker = run standard

                [|
                    for _ in 1..20 ->
                        Task.Factory.StartNew(
                            (fun () -> OldPeer.ask worker.Port picture.Value),
                            TaskCreationOptions.LongRunning
                        )
                |]
                |> Task.WhenAll
                |> _.GetAwaiter().GetResult()
                |> Array.iter (fun answers -> Expect.equal answers ("A", "A", expected ()) "A, A, result")
            }

            test "an undecodable image gets N instead of the result, then the end" {
                use worker = run standard
                use socket = OldPeer.connect worker.Port
                let junk = Array.init 3000 byte
                OldPeer.send socket (OldPeer.size junk)
                Expect.equal (OldPeer.read socket) "A" "size"
                OldPeer.send socket (OldPeer.image junk)
                Expect.equal (OldPeer.read socket) "A" "image"
                Expect.equal (OldPeer.read socket) "N" "no result"
                Expect.equal (OldPeer.read socket) "" "the end"
                Expect.stringContains (worker.Line 203) "UnknownFormat" "logged"
            }

            test "after an N an original client's second copy does no harm" {
                use worker = run standard
                use socket = OldPeer.connect worker.Port
                let good = OldPeer.size picture.Value
                OldPeer.send socket (good[..1] + "7" + good[3..])
                Expect.equal (OldPeer.read socket) "N" "altered"
                OldPeer.send socket good
                OldPeer.send socket good
                Expect.equal (OldPeer.read socket) "A" "size"
                OldPeer.send socket (OldPeer.image picture.Value)
                Expect.equal (OldPeer.read socket) "A" "image"
                Expect.equal (OldPeer.read socket) (expected ()) "result"
                OldPeer.send socket "A"
                Expect.stringContains (worker.Line 202) "2 attempts" "logged"
            }

            test "a size over the limit is N, three times, then the end" {
                use worker = run standard
                use socket = OldPeer.connect worker.Port

                for _ in 1..3 do
                    OldPeer.send socket (OldPeer.data "33554436")
                    Expect.equal (OldPeer.read socket) "N" "refused"

                // It reads on for a second, so that the peer has the last N; the exchange's own time is 20.
                let clock = Stopwatch.StartNew()
                Expect.equal (OldPeer.read socket) "" "the end"
                Expect.isLessThan clock.Elapsed.TotalSeconds 12.0 "soon, though the peer does not end the connection"
                Expect.stringContains (worker.Line 204) "rejected too often" "logged"
            }

            test "a client that goes away is a line in the log" {
                use worker = run standard

                using (OldPeer.connect worker.Port) (fun socket -> OldPeer.send socket "D 12")
                Expect.stringContains (worker.Line 204) "the connection ended" "logged"
            }
        ]

let private times =
    testList
        "times"
        [
            test "a silent client is cut" {
                use worker = run (timed 60.0 0.3 60.0)
                use socket = OldPeer.connect worker.Port
                let clock = Stopwatch.StartNew()
                Expect.equal (OldPeer.read socket) "" "the end"
                Expect.isLessThan clock.Elapsed.TotalSeconds 10.0 "soon"
                Expect.stringContains (worker.Line 204) "no answer in time" "logged"
            }

            test "a client that trickles is cut at the deadline" {
                use worker = run (timed 1.0 0.9 60.0)
                use socket = OldPeer.connect worker.Port
                use stop = new CancellationTokenSource()

                let trickle =
                    task {
                        try
                            while not stop.IsCancellationRequested do
                                let! _ = socket.SendAsync(ReadOnlyMemory "D"B)
                                do! Task.Delay 100
                        with :? Sockets.SocketException ->
                            ()
                    }

                let line = worker.Line 204
                stop.Cancel()
                trickle.GetAwaiter().GetResult()
                Expect.stringContains line "no answer in time" "logged"
            }

            test "connections over the limit are closed" {
                use worker = new Running(standard, 2, TimeSpan.FromSeconds 10.0)
                use first = OldPeer.connect worker.Port
                use second = OldPeer.connect worker.Port
                // Both are counted when their first answer is there.
                for socket in [ first; second ] do
                    OldPeer.send socket (OldPeer.size picture.Value)
                    Expect.equal (OldPeer.read socket) "A" "served"

                use third = OldPeer.connect worker.Port
                let clock = Stopwatch.StartNew()
                Expect.equal (OldPeer.read third) "" "closed"
                Expect.isLessThan clock.Elapsed.TotalSeconds 12.0 "at once, and not after the 20 s of a silent client"
            }

            test "a draining worker answers running exchanges, closes idle connections and accepts no new ones" {
                use worker = run standard
                use begun = OldPeer.connect worker.Port
                OldPeer.send begun (OldPeer.size picture.Value)
                Expect.equal (OldPeer.read begun) "A" "size"
                use idle = OldPeer.connect worker.Port
                // Accepted, since a later connection is.
                OldPeer.ask worker.Port picture.Value |> ignore
                let stopping = worker.Server.StopAsync()
                Expect.equal (OldPeer.read idle) "" "closed"
                Expect.throwsT<Sockets.SocketException> (fun () -> (OldPeer.connect worker.Port).Dispose()) "refused"
                Expect.isFalse stopping.IsCompleted "still waiting"
                OldPeer.send begun (OldPeer.image picture.Value)
                Expect.equal (OldPeer.read begun) "A" "image"
                Expect.equal (OldPeer.read begun) (expected ()) "result"
                OldPeer.send begun "A"
                stopping.GetAwaiter().GetResult()
            }
        ]

let tests = testSequenced (testList "WorkerServer" [ exchanges; times ])
