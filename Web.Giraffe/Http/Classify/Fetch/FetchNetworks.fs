namespace Web.Giraffe

open System.Net
open System.Net.Sockets
open Protocol.Core

/// The addresses that pictures may be fetched from (`Http:FetchNetworks`); none by default.
type FetchNetworks =
    {
        /// Whether every public address is allowed.
        IsPublicAllowed: bool
        /// Networks that are allowed by name, such as a company's own.
        Networks: IPNetwork list
    }

[<RequireQualifiedAccess>]
module FetchNetworks =
    let private networks = List.map (fun (text: string) -> IPNetwork.Parse text)

    /// IPv4 addresses that are not globally reachable (IANA's registry of special-purpose addresses).
    let private special =
        networks
            [
                "0.0.0.0/8"
                "10.0.0.0/8"
                "100.64.0.0/10"
                "127.0.0.0/8"
                "169.254.0.0/16"
                "172.16.0.0/12"
                "192.0.0.0/24"
                "192.0.2.0/24"
                "192.88.99.0/24"
                "192.168.0.0/16"
                "198.18.0.0/15"
                "198.51.100.0/24"
                "203.0.113.0/24"
                "224.0.0.0/3"
            ]

    let private unicast = IPNetwork.Parse "2000::/3"

    /// Parts of global unicast that are not reachable, or that hold an IPv4 address.
    let private specialUnicast =
        networks [ "2001::/23"; "2001:db8::/32"; "2002::/16"; "3fff::/20" ]

    let private isIn (networks: IPNetwork list) (address: IPAddress) =
        networks |> List.exists (fun network -> network.Contains address)

    let isPublic (address: IPAddress) : bool =
        let address = SpecialAddress.unmapped address

        not (SpecialAddress.isForbidden address)
        && match address.AddressFamily with
           | AddressFamily.InterNetwork -> not (isIn special address)
           | _ -> unicast.Contains address && not (isIn specialUnicast address)

    /// Whether anything may be fetched.
    let isOn (allowed: FetchNetworks) =
        allowed.IsPublicAllowed || not allowed.Networks.IsEmpty

    /// Link-local addresses and metadata services are never allowed.
    let allows (allowed: FetchNetworks) (address: IPAddress) : bool =
        not (SpecialAddress.isForbidden address)
        && (isIn allowed.Networks (SpecialAddress.unmapped address)
            || allowed.IsPublicAllowed && isPublic address)

    /// Parses the setting: `public`, and networks.
    let parse (entries: string seq) : Result<FetchNetworks, string> =
        let isPublic (entry: string) = entry.Trim() = "public"
        let entries = List.ofSeq entries

        entries
        |> List.filter (isPublic >> not)
        |> Result.traverse (AllowedNetworks.tryNetwork "Http:FetchNetworks")
        |> Result.map (fun networks ->
            {
                IsPublicAllowed = List.exists isPublic entries
                Networks = List.ofArray networks
            })
