/// Which transfer ends when there is too little memory for all of them.
module Tests.Expecto.Hosting.ByteBudgetTests

open System
open System.Net
open System.Threading
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Node.Hosting

let private mebibyte = 1L <<< 20

let private budget (clock: FakeTimeProvider) =
    ByteBudget(8L * mebibyte, mebibyte, clock)

/// A transfer that has just received as many bytes.
let private transfer (budget: ByteBudget) (address: string) bytes =
    let claim = budget.Open(IPAddress.Parse address)

    if not (claim.TryTake bytes) then
        failtest $"{bytes} bytes of {budget.Held} held are refused"

    claim.Progress bytes
    claim

let private isEvicted (claim: ByteClaim) = claim.Evicted.IsCancellationRequested

let tests =
    testList
        "ByteBudget"
        [
            testTask "held bytes are counted, and disposing returns them once" {
                let budget = budget (FakeTimeProvider())
                let claim = transfer budget "192.0.2.1" 3000L
                Expect.equal budget.Held 3000L "taken"
                claim.Release 1000L
                Expect.equal budget.Held 2000L "released"
                (claim :> IDisposable).Dispose()
                (claim :> IDisposable).Dispose()
                Expect.equal budget.Held 0L "returned"
            }

            testTask "a closed transfer gets no bytes, and has none to release" {
                let budget = budget (FakeTimeProvider())
                let claim = transfer budget "192.0.2.1" 3000L
                use _ = transfer budget "192.0.2.1" 500L
                (claim :> IDisposable).Dispose()
                claim.Release 3000L
                Expect.equal budget.Held 500L "the other's alone"
                Expect.isFalse (claim.TryTake 1L) "no more"
                let! taken = claim.TakeAsync(1L, CancellationToken.None)
                Expect.isFalse taken "no more"
                (claim :> IDisposable).Dispose()
                Expect.equal budget.Held 500L "the other's alone"
            }

            testTask "without room the transfer that is slowest for its bytes is evicted, and the next one gets them" {
                let clock = FakeTimeProvider()
                let budget = budget clock
                let stalled = transfer budget "127.0.0.1" (4L * mebibyte)
                let small = transfer budget "127.0.0.1" 65_536L
                clock.Advance(TimeSpan.FromSeconds 10.0)
                let fast = transfer budget "127.0.0.1" (3L * mebibyte)
                let next = budget.Open(IPAddress.Loopback)
                let taking = (next.TakeAsync(2L * mebibyte, CancellationToken.None)).AsTask()
                Expect.isTrue (isEvicted stalled) "the stalled one has to end"
                Expect.isFalse (isEvicted small || isEvicted fast) "the others go on"
                Expect.isFalse taking.IsCompleted "nothing is taken before it is free"
                Expect.isFalse (stalled.TryTake 1L) "the stalled one gets no more"
                (stalled :> IDisposable).Dispose()
                let! taken = taking
                Expect.isTrue taken "taken"
                Expect.equal budget.Held (5L * mebibyte + 65_536L) "the sum"
            }

            testTask "a transfer that is the slowest itself is refused, and evicts nobody" {
                let clock = FakeTimeProvider()
                let budget = budget clock
                let slow = transfer budget "127.0.0.1" (2L * mebibyte)
                clock.Advance(TimeSpan.FromSeconds 10.0)
                let fast = transfer budget "127.0.0.1" (6L * mebibyte)
                Expect.isFalse (slow.TryTake 65_536L) "refused"
                Expect.isFalse (isEvicted fast || isEvicted slow) "both may go on"
            }

            testTask "a complete transfer is not evicted" {
                let clock = FakeTimeProvider()
                let budget = budget clock
                let whole = transfer budget "127.0.0.1" (8L * mebibyte)
                whole.IsReceiving <- false
                clock.Advance(TimeSpan.FromSeconds 60.0)
                let next = budget.Open(IPAddress.Loopback)
                let! taken = next.TakeAsync(1L, CancellationToken.None)
                Expect.isFalse taken "no room"
                Expect.isFalse (isEvicted whole) "it goes on"
            }

            testTask "one address leaves a quarter to the others, an IPv6 /64 counts as one, and loopback has no limit" {
                let budget = budget (FakeTimeProvider())
                use first = transfer budget "2001:db8::1" (3L * mebibyte)
                use second = transfer budget "2001:db8::2" (3L * mebibyte)
                first.IsReceiving <- false
                second.IsReceiving <- false
                let third = budget.Open(IPAddress.Parse "2001:db8::3")
                Expect.isFalse (third.TryTake 65_536L) "the last quarter is for others"
                use _ = transfer budget "2001:db8:0:1::1" mebibyte
                use _ = transfer budget "::ffff:127.0.0.1" mebibyte
                Expect.equal budget.Held (8L * mebibyte) "full"
            }

            testTask "an address over its share gives way to one below it, however fast it is" {
                let budget = budget (FakeTimeProvider())
                let greedy = [ for _ in 1..6 -> transfer budget "192.0.2.1" mebibyte ]
                use _ = transfer budget "192.0.2.2" (2L * mebibyte)
                let next = budget.Open(IPAddress.Parse "192.0.2.3")
                Expect.isTrue (next.TryTake 65_536L) "the other address gets in"
                Expect.equal (greedy |> List.filter isEvicted |> List.length) 1 "one upload ends for it"
            }

            testTask "one address may have the largest transfer, whatever its share" {
                let budget = ByteBudget(mebibyte, mebibyte, FakeTimeProvider())
                use _ = transfer budget "192.0.2.1" mebibyte
                Expect.equal budget.Held mebibyte "all of it"
            }

            testTask "waiting for bytes ends after some seconds" {
                let clock = FakeTimeProvider()
                let budget = budget clock
                let _ = transfer budget "127.0.0.1" (8L * mebibyte)
                clock.Advance(TimeSpan.FromSeconds 10.0)
                let next = budget.Open(IPAddress.Loopback)
                let taking = (next.TakeAsync(1L, CancellationToken.None)).AsTask()
                clock.Advance(TimeSpan.FromSeconds 6.0)
                let! taken = taking
                Expect.isFalse taken "given up"
            }

            testCase "transfers from many threads return all bytes"
            <| fun () ->
                let budget = budget (FakeTimeProvider())

                Threading.Tasks.Parallel.For(
                    0,
                    2000,
                    fun index ->
                        use claim = budget.Open(IPAddress(int64 (index % 7) + 1L))
                        claim.TryTake(int64 index * 100L) |> ignore
                        claim.Progress 10L
                        claim.TryTake 5L |> ignore
                )
                |> ignore

                Expect.equal budget.Held 0L "everything is returned"
        ]
