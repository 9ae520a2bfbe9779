namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Net
open System.Net.Sockets

/// Counts the wrong tokens of each caller, one after another: the tenth shuts that caller out for a minute, and each
/// later one again; a right one wipes the slate. An IPv6 caller is its /64 network, since nobody has fewer addresses.
[<Sealed>]
type WrongTokens(clock: TimeProvider) =
    let slates = Dictionary<IPAddress, struct (int * DateTimeOffset)>()

    /// A stranger with many addresses fills the table with callers that are not shut out yet: they go first.
    let makeRoom now =
        if slates.Count >= WrongTokens.MaxCallers then
            for KeyValue(caller, struct (_, until)) in Seq.toArray slates do
                if until <= now then
                    slates.Remove caller |> ignore

            if slates.Count >= WrongTokens.MaxCallers then
                slates.Clear()

    /// A caller as one counts them.
    static member Network(address: IPAddress) : IPAddress =
        if address.IsIPv4MappedToIPv6 then
            address.MapToIPv4()
        elif address.AddressFamily = AddressFamily.InterNetworkV6 then
            let bytes = address.GetAddressBytes()
            Array.Clear(bytes, 8, 8)
            IPAddress bytes
        else
            address

    static member MaxCallers = 10_000
    static member Allowed = 10
    static member ShutOut = TimeSpan.FromMinutes 1.0

    /// How long the caller is still shut out, whatever it brings.
    member _.Wait(caller: IPAddress) : TimeSpan option =
        lock slates (fun () ->
            let now = clock.GetUtcNow()

            match slates.TryGetValue(WrongTokens.Network caller) with
            | true, struct (_, until) when until > now -> Some(until - now)
            | _ -> None)

    member _.Wrong(caller: IPAddress) : unit =
        lock slates (fun () ->
            let now = clock.GetUtcNow()
            let caller = WrongTokens.Network caller

            let count =
                match slates.TryGetValue caller with
                | true, struct (count, _) -> count + 1
                | _ -> 1

            makeRoom now

            let until =
                if count >= WrongTokens.Allowed then
                    now + WrongTokens.ShutOut
                else
                    now

            slates[caller] <- struct (count, until))

    member _.Right(caller: IPAddress) : unit =
        lock slates (fun () -> slates.Remove(WrongTokens.Network caller) |> ignore)
