/// Addresses that no worker may have, in every notation: link-local, multicast, metadata services.
module Tests.Expecto.Web.SpecialAddressTests

open System
open System.Net
open Expecto
open Web.Giraffe
open Tests.Expecto.Web.AllowedNetworksTests

let tests =
    testList
        "AllowedNetworks: special addresses"
        [
            for text in
                [
                    "0.0.0.0"
                    "0.1.2.3"
                    "::"
                    "169.254.169.254"
                    "169.254.0.1"
                    "100.100.100.200"
                    "168.63.129.16"
                    "192.0.0.192"
                    "224.0.0.1"
                    "239.255.255.255"
                    "255.255.255.255"
                    "fe80::1"
                    "febf:ffff::1"
                    "fe80::1%1"
                    "ff02::1"
                    "fd00:ec2::254"
                    "fd00:ec2::23"
                    "fd20:ce::254"
                    // The same, as IPv4-mapped, translated and compatible IPv6.
                    "::ffff:169.254.169.254"
                    "::ffff:0:169.254.169.254"
                    "::169.254.169.254"
                    "::ffff:0.0.0.0"
                    "::ffff:224.0.0.1"
                    // NAT64, with both of its prefixes.
                    "64:ff9b::169.254.169.254"
                    "64:ff9b::a83f:8110"
                    "64:ff9b:1::169.254.169.254"
                    "64:ff9b:1:a9fe:a9:fe00::"
                    // 6to4, Teredo, ISATAP.
                    "2002:a9fe:a9fe::1"
                    "2002:6464:64c8::1"
                    "2001:0:0:0:0:0:5601:5601"
                    "2001:0:a9fe:a9fe::1"
                    "2001:db8::5efe:169.254.169.254"
                    "2001:db8::200:5efe:169.254.169.254"
                ] do
                test $"{text} is never allowed, whatever the settings name" {
                    let everywhere =
                        {
                            Networks = [ IPNetwork.Parse "0.0.0.0/0"; IPNetwork.Parse "::/0" ]
                            Trusted = [ address "trusted.test:1" ]
                        }

                    for name in [ "name.test:1"; "trusted.test:1" ] do
                        let filter = AllowedNetworks.filter everywhere (address name)
                        let found = addresses [ text ]
                        let other = addresses [ "10.0.0.1" ]
                        Expect.equal (filter found) (Error(ForbiddenAddresses(address name, found))) name
                        Expect.equal (filter (Array.append found other)) (Ok other) "its other addresses are used"
                }

            for text in
                [
                    "127.0.0.1"
                    "::1"
                    "::ffff:127.0.0.1"
                    "10.0.0.1"
                    "169.253.255.255"
                    "169.255.0.0"
                    "100.100.100.201"
                    "223.255.255.255"
                    "fd00:ec1::254"
                    "fec0::1"
                    "64:ff9b::10.0.0.1"
                    "2002:a00:1::1"
                    "2001:db8::1"
                ] do
                test $"{text} is allowed where the settings name it" {
                    Expect.isFalse (SpecialAddress.isForbidden (IPAddress.Parse text)) "an address as any other"
                }
        ]
