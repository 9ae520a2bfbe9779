namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Net
open System.Net.Sockets

/// Slows down guessing: each address may send ten wrong credentials at once, and one more every six seconds. Correct
/// credentials are never refused, because many people may share an address. An IPv6 address counts as its /64 network.
[<Sealed>]
type LoginThrottle(clock: TimeProvider) =
    // The time when each address regains its whole allowance.
    let full = Dictionary<IPAddress, DateTimeOffset>()

    /// Removes addresses with their whole allowance first. An attacker with more addresses than the table has rows
    /// gains guesses but uses no more memory; the rate limiters of .NET keep a row for each address.
    let makeRoom now =
        if full.Count >= LoginThrottle.MaxAddresses then
            for KeyValue(address, until) in Seq.toArray full do
                if until <= now then
                    full.Remove address |> ignore

            if full.Count >= LoginThrottle.MaxAddresses then
                full.Clear()

    /// Returns the address, or the IPv6 network, that limits apply to.
    static member Network(address: IPAddress) : IPAddress =
        if address.IsIPv4MappedToIPv6 then
            address.MapToIPv4()
        elif address.AddressFamily = AddressFamily.InterNetworkV6 then
            let bytes = address.GetAddressBytes()
            Array.Clear(bytes, 8, 8)
            IPAddress bytes
        else
            address

    static member MaxAddresses = 10_000
    static member Burst = 10
    static member Interval = TimeSpan.FromSeconds 6.0

    /// The number of addresses in the table.
    member _.Count = lock full (fun () -> full.Count)

    /// Records a wrong credential. Returns how long the address has to wait when it has used up its allowance.
    member _.Failed(address: IPAddress) : TimeSpan option =
        lock full (fun () ->
            let now = clock.GetUtcNow()
            let address = LoginThrottle.Network address

            let until =
                match full.TryGetValue address with
                | true, until when until > now -> until + LoginThrottle.Interval
                | _ -> now + LoginThrottle.Interval

            let wait = until - now - LoginThrottle.Interval * float LoginThrottle.Burst

            if wait > TimeSpan.Zero then
                Some wait
            else
                makeRoom now
                full[address] <- until
                None)
