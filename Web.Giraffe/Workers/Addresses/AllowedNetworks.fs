namespace Web.Giraffe

open System
open System.Net
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks

/// The reasons for refusing to connect to a worker's address.
type AddressRefusal =
    /// A name that does not resolve; `reason` is the system's error message.
    | Unresolved of address: WorkerAddress * reason: string
    /// None of the resolved addresses in `found` is in an allowed network.
    | OutsideNetworks of address: WorkerAddress * found: IPAddress[]
    /// No resolved address is usable, and at least one of `found` is forbidden regardless of the settings.
    | ForbiddenAddresses of address: WorkerAddress * found: IPAddress[]

[<RequireQualifiedAccess>]
module AddressRefusal =
    /// Returns one sentence without a full stop.
    let describe refusal =
        let named (address: WorkerAddress) (found: IPAddress[]) =
            match found |> Array.map string |> String.concat ", " with
            | found when found = address.Host -> found
            | found -> $"{address.Host} ({found})"

        match refusal with
        | Unresolved(address, reason) -> $"the name {address.Host} has no address ({reason})"
        | OutsideNetworks(address, found) ->
            $"{named address found} isn't in an allowed network (Admin:AllowedNetworks)"
        | ForbiddenAddresses(address, found) ->
            $"{named address found} is a link-local, multicast, broadcast or unspecified address or a cloud's metadata service, where no worker may be"

/// The networks that workers added at run time may be in. They keep an administrator's browser from making the web
/// node connect to arbitrary addresses.
type AllowedNetworks =
    {
        Networks: IPNetwork list
        /// The workers from the settings, which may be in any network.
        Trusted: WorkerAddress list
    }

[<RequireQualifiedAccess>]
module AllowedNetworks =

    /// The default: loopback, RFC 1918 and unique local addresses.
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

    /// Parses a network: address ["/" length]. `option` is the option's name for the error message.
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

    let private hosts = HostLookUp 8

    let private lookUp (address: WorkerAddress) (cancel: CancellationToken) =
        task {
            match IPAddress.TryParse address.Host with
            | true, NonNull literal -> return Ok [| literal |]
            | _ ->
                try
                    let! found = hosts.AddressesOf(address.Host, cancel)

                    return
                        if found.Length = 0 then
                            Error(Unresolved(address, "none"))
                        else
                            Ok found
                with :? SocketException as ex ->
                    return Error(Unresolved(address, ex.Message))
        }

    /// Returns the resolved addresses that are allowed, at least one. A worker from the settings may be in any network,
    /// but never at a forbidden address.
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

    /// Resolves the name and filters its addresses. Callers must not resolve it again: the result may differ.
    let resolve
        (allowed: AllowedNetworks)
        (address: WorkerAddress)
        (cancel: CancellationToken)
        : Task<Result<IPAddress[], AddressRefusal>> =
        task {
            let! found = lookUp address cancel
            return Result.bind (filter allowed address) found
        }
