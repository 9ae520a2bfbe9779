/// The limits of a server's connections, and which connection is closed at the limit.
module Tests.Expecto.Hosting.ConnectionLimiterTests

open System
open System.IO
open System.IO.Pipelines
open System.Net
open System.Threading.Tasks
open Expecto
open Tests.Expecto.Web
open Tests.Expecto
open Microsoft.AspNetCore.Connections
open Microsoft.Extensions.Time.Testing
open Node.Hosting

/// A connection of this address to a server that holds it until it is ended.
[<Sealed>]
type private Peer(limiter: ConnectionLimiter, address: string) =
    let input = Pipe()
    let finish = TaskCompletionSource()
    let mutable isServed = false

    let connection =
        DefaultConnectionContext(
            RemoteEndPoint = IPEndPoint(IPAddress.Parse address, 1),
            Transport =
                { new IDuplexPipe with
                    member _.Input = input.Reader
                    member _.Output = input.Writer
                }
        )

    let running =
        (limiter.Limit(
            ConnectionDelegate(fun _ ->
                isServed <- true
                finish.Task)
        ))
            .Invoke
            connection

    member _.IsServed = isServed
    member _.IsClosed = connection.ConnectionClosed.IsCancellationRequested
    member _.Running = running
    member _.Limited = LimitedConnection.Of connection.Features |> Unchecked.nonNull

    member _.Send() =
        task {
            let! _ = input.Writer.WriteAsync(ReadOnlyMemory [| 1uy |])
            return ()
        }

    member _.End() =
        finish.TrySetResult() |> ignore
        running

let private limits most perAddress = ConnectionLimits(most, perAddress)

let private closed (peer: Peer) =
    WorkersUnderTest.eventually "it is closed" (fun () -> peer.IsClosed)

let private peer limiter address = Peer(limiter, address)

let tests =
    testList
        "ConnectionLimiter"
        [
            testTask "each address has a limit, an IPv6 /64 counts as one, loopback and trusted proxies have none" {
                let isProxy (address: IPAddress) =
                    address.Equals(IPAddress.Parse "192.0.2.9")

                let limits = ConnectionLimits(100L, 2L, IsExempt = Func<_, _> isProxy)
                let limiter = ConnectionLimiter(limits, TimeProvider.System)
                let served address = (peer limiter address).IsServed
                Expect.equal [ for _ in 1..3 -> served "192.0.2.1" ] [ true; true; false ] "IPv4"

                Expect.equal
                    [
                        served "2001:db8::1"
                        served "2001:db8::2"
                        served "2001:db8::3"
                        served "2001:db8:0:1::1"
                    ]
                    [ true; true; false; true ]
                    "IPv6"

                Expect.equal [ for _ in 1..5 -> served "127.0.0.1" ] (List.replicate 5 true) "loopback"
                Expect.equal [ for _ in 1..5 -> served "192.0.2.9" ] (List.replicate 5 true) "a trusted proxy"
            }

            testTask "a closed connection frees its place, for the address and in total" {
                let limiter = ConnectionLimiter(limits 3L 1L, TimeProvider.System)
                let first = peer limiter "192.0.2.1"
                do! first.End()
                Expect.equal limiter.Count 0L "left"
                Expect.isTrue (peer limiter "192.0.2.1").IsServed "the next one"
            }

            testTask "at the limit the oldest connection without a request is closed, then the oldest between requests" {
                let limiter = ConnectionLimiter(limits 3L 100L, TimeProvider.System)
                let idle = peer limiter "192.0.2.1"
                let silent = peer limiter "192.0.2.2"
                let busy = peer limiter "192.0.2.3"
                busy.Limited.BeginRequest()
                idle.Limited.BeginRequest()
                idle.Limited.EndRequest()
                let fourth = peer limiter "192.0.2.4"
                fourth.Limited.BeginRequest()
                do! closed silent
                Expect.equal [ for peer in [ idle; busy ] -> peer.IsClosed ] [ false; false ] "the silent one"
                let fifth = peer limiter "192.0.2.5"
                fifth.Limited.BeginRequest()
                do! closed idle
                Expect.equal [ for peer in [ busy; fourth ] -> peer.IsClosed ] [ false; false ] "the idle one"
                let sixth = peer limiter "192.0.2.6"
                Expect.isFalse sixth.IsServed "the others have requests"
                do! silent.End()
                do! idle.End()
                Expect.equal limiter.Count 3L "each is counted off once"
            }

            testTask "the reserve is used when every connection has a request" {
                let limiter =
                    ConnectionLimiter(ConnectionLimits(1L, 100L, Reserve = 1L), TimeProvider.System)

                let first = peer limiter "192.0.2.1"
                first.Limited.BeginRequest()
                let second = peer limiter "192.0.2.2"
                second.Limited.BeginRequest()
                Expect.equal (first.Limited.IsReserve, second.Limited.IsReserve) (false, true) "the second"
                Expect.isFalse (peer limiter "192.0.2.3").IsServed "and no third"
                second.Limited.EndRequest()
                let fourth = peer limiter "192.0.2.4"
                do! closed second
                Expect.isTrue fourth.Limited.IsReserve "one that takes a reserve's place is of the reserve"
            }

            testTask "a connection that sends nothing is closed after the time to its first byte" {
                let clock = FakeTimeProvider()

                let limits =
                    ConnectionLimits(10L, 10L, FirstByte = Nullable(TimeSpan.FromSeconds 10.0))

                let limiter = ConnectionLimiter(limits, clock)
                let silent = peer limiter "192.0.2.1"
                let talking = peer limiter "192.0.2.2"
                do! talking.Send()
                do! WorkersUnderTest.eventually "its first byte was seen" (fun () -> talking.IsServed)
                clock.Advance(TimeSpan.FromSeconds 11.0)
                do! silent.Running.WaitAsync(TimeSpan.FromSeconds 30.0)
                Expect.isFalse silent.IsServed "never got so far"
                Expect.isFalse talking.Running.IsCompleted "the other goes on"
                Expect.equal limiter.Count 1L "one is left"
            }
        ]
