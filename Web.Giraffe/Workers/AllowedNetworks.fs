namespace Web.Giraffe

open System
open System.Net
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks

/// Why the web node does not connect to a worker's address.
type AddressRefusal =
    /// A name without an address; `reason` is the machine's own word.
    | Unresolved of address: WorkerAddress * reason: string
    /// None of the addresses `found` lies in a network that is allowed.
    | OutsideNetworks of address: WorkerAddress * found: IPAddress[]
    /// All addresses that could be allowed are such as no setting allows.
    | ForbiddenAddresses of address: WorkerAddress * found: IPAddress[]

[<RequireQualifiedAccess>]
module AddressRefusal =
    /// One sentence without a full stop.
    let describe refusal =
        let named (address: WorkerAddress) (found: IPAddress[]) =
            match found |> Array.map string |> String.concat ", " with
            | found when found = address.Host -> found
            | found -> $"{address.Host} ({found})"

        match refusal with
        | Unresolved(address, reason) -> $"the name {address.Host} has no address ({reason})"
        | OutsideNetworks(address, found) ->
            $"{named address found} is in none of the networks that Admin:AllowedNetworks names"
        | ForbiddenAddresses(address, found) ->
            $"{named address found} is a link-local, multicast, broadcast or unspecified address or a cloud's metadata service, where no worker may be"

/// Where workers may be that are added while the service runs: an admin's browser must not make the web node knock
/// at any address that it reaches.
type AllowedNetworks =
    {
        Networks: IPNetwork list
        /// Those of the settings: whoever writes the settings may name any address.
        Trusted: WorkerAddress list
    }

[<RequireQualifiedAccess>]
module AllowedNetworks =

    /// Loopback, RFC 1918 and unique local addresses.
    let standard =
        [
            "127.0.0.0/8"
            "::1/128"
            "10.0.0.0/8"
            "172.16.0.0/12"
            "192.168.0.0/16"
            "fc00::/7"
        ]
        |> List.map IPNetwork.Parse

    /// network = address ["/" length]; `option` is the one that names it.
    let tryNetwork (option: string) (text: string) : Result<IPNetwork, string> =
        let text = text.Trim()

        let whole =
            match IPAddress.TryParse text with
            | true, NonNull address -> $"{address}/{address.GetAddressBytes().Length * 8}"
            | _ -> text

        match IPNetwork.TryParse whole with
        | true, network -> Ok network
        | _ -> Error $"{option} must hold networks such as 10.0.0.0/8 or fd00::/8, or single addresses, not '{text}'."

    let private contains (networks: IPNetwork list) (address: IPAddress) =
        networks
        |> List.exists (fun network -> network.Contains(SpecialAddress.unmapped address))

    // The system looks names up in calls that block, for ten seconds and more where no name server answers: they have
    // threads of their own, not those of the requests, and only so many.
    let private lookUps = new SemaphoreSlim(8)

    let private addressesOf (host: string) (cancel: CancellationToken) =
        task {
            do! lookUps.WaitAsync cancel

            let found =
                Task.Factory.StartNew(
                    (fun () ->
                        try
                            Dns.GetHostAddresses host
                        finally
                            lookUps.Release() |> ignore),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )

            return! found.WaitAsync cancel
        }

    let private lookUp (address: WorkerAddress) (cancel: CancellationToken) =
        task {
            match IPAddress.TryParse address.Host with
            | true, NonNull literal -> return Ok [| literal |]
            | _ ->
                try
                    let! found = addressesOf address.Host cancel

                    return
                        if found.Length = 0 then
                            Error(Unresolved(address, "none"))
                        else
                            Ok found
                with :? SocketException as broken ->
                    return Error(Unresolved(address, broken.Message))
        }

    /// What to connect to: of the addresses that the name has now those that are allowed, at least one. A worker of the
    /// settings may be in any network, but at no address that is forbidden.
    let filter
        (allowed: AllowedNetworks)
        (address: WorkerAddress)
        (found: IPAddress[])
        : Result<IPAddress[], AddressRefusal> =
        let isInside =
            if List.contains address allowed.Trusted then
                fun _ -> true
            else
                contains allowed.Networks

        let inside = Array.filter isInside found

        match Array.filter (SpecialAddress.isForbidden >> not) inside with
        | [||] when Array.exists SpecialAddress.isForbidden found -> Error(ForbiddenAddresses(address, found))
        | [||] -> Error(OutsideNetworks(address, found))
        | usable -> Ok usable

    /// Looks the name up, and filters its addresses. Nobody may look it up again after this: it may then have others.
    let resolve
        (allowed: AllowedNetworks)
        (address: WorkerAddress)
        (cancel: CancellationToken)
        : Task<Result<IPAddress[], AddressRefusal>> =
        task {
            let! found = lookUp address cancel
            return Result.bind (filter allowed address) found
        }
