namespace Web.Giraffe

open System.Net
open System.Net.Sockets

/// Addresses where no worker can be and where connecting is dangerous: a cloud's metadata service returns the machine's
/// secrets.
[<RequireQualifiedAccess>]
module SpecialAddress =
    let private forbidden =
        [
            // Unspecified: connects to this machine.
            "0.0.0.0/8"
            "::/128"
            // Link-local, with the metadata services of most clouds (169.254.169.254, 169.254.170.2).
            "169.254.0.0/16"
            "fe80::/10"
            // Multicast and broadcast.
            "224.0.0.0/4"
            "255.255.255.255/32"
            "ff00::/8"
            // Metadata services elsewhere: Azure, Alibaba, Oracle; AWS (fd00:ec2::254 and related ones), Oracle,
            // Google, Scaleway.
            "168.63.129.16/32"
            "100.100.100.200/32"
            "192.0.0.192/32"
            "fd00:ec2::/32"
            "fd00:c1::a9fe:a9fe/128"
            "fd20:ce::254/128"
            "fd00:42::42/128"
        ]
        |> List.map IPNetwork.Parse

    /// Converts IPv4-mapped IPv6 to IPv4.
    let unmapped (address: IPAddress) : IPAddress =
        if address.IsIPv4MappedToIPv6 then
            address.MapToIPv4()
        else
            address

    let private prefixed (network: string) =
        let network = IPNetwork.Parse network
        fun (address: IPAddress) -> network.Contains address

    // The prefix, and the position of the IPv4 address.
    let private embeddings: ((IPAddress -> bool) * (byte[] -> byte[])) list =
        [
            // IPv4-mapped, IPv4-translated (RFC 2765) and IPv4-compatible (RFC 4291).
            prefixed "::ffff:0:0/96", Array.skip 12
            prefixed "::ffff:0:0:0/96", Array.skip 12
            prefixed "::/96", Array.skip 12
            // NAT64 (RFC 6052, RFC 8215): at the end, or around byte 8.
            prefixed "64:ff9b::/96", Array.skip 12
            prefixed "64:ff9b:1::/48", Array.skip 12
            prefixed "64:ff9b:1::/48", (fun bytes -> [| bytes[6]; bytes[7]; bytes[9]; bytes[10] |])
            // 6to4 (RFC 3056).
            prefixed "2002::/16", (fun bytes -> bytes[2..5])
            // Teredo (RFC 4380): the client's address, inverted, and the server's.
            prefixed "2001::/32", (Array.skip 12 >> Array.map (fun byte -> ~~~byte))
            prefixed "2001::/32", (fun bytes -> bytes[4..7])
            // ISATAP (RFC 5214).
            (fun address ->
                let bytes = address.GetAddressBytes()
                bytes[8] &&& 0xFCuy = 0uy && bytes[9..11] = [| 0uy; 0x5Euy; 0xFEuy |]),
            Array.skip 12
        ]

    /// Returns the IPv4 addresses that a gateway may extract from an IPv6 address.
    let private embedded (address: IPAddress) : IPAddress list =
        if address.AddressFamily = AddressFamily.InterNetworkV6 then
            let bytes = address.GetAddressBytes()

            [
                for hasPrefix, find in embeddings do
                    if hasPrefix address then
                        IPAddress(find bytes: byte[])
            ]
        else
            []

    let isForbidden (address: IPAddress) : bool =
        // A scope, as in fe80::1%eth0, is not part of the address.
        let unscoped = IPAddress(address.GetAddressBytes())

        let isListed address =
            forbidden |> List.exists (fun network -> network.Contains address)

        let isLoopback = IPAddress.IsLoopback unscoped
        not isLoopback && (unscoped :: embedded unscoped |> List.exists isListed)
