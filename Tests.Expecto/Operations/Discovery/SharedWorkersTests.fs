/// The rules of the shared list, without a Redis.
module Tests.Expecto.Operations.SharedWorkersTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Node.Hosting.Redis
open Web.Giraffe

let private address number =
    WorkerAddress.withoutTls $"10.0.0.{number}" 8888

let private entries =
    gen {
        let! pairs =
            Gen.listOf (
                gen {
                    let! host = Gen.choose (1, 4)
                    let! stamp = Gen.choose (0, 5)
                    let! listed = Gen.elements [ true; false ]
                    return address host, { Stamp = int64 stamp; Listed = listed }
                }
            )

        return Map.ofList pairs
    }

let private merged local remote =
    let struct (all, _) = SharedWorkers.merge local remote
    all

let private property name check =
    testProperty name (Prop.forAll (Arb.fromGen (Gen.three entries)) check)

let private listed entries announced =
    SharedWorkers.listed
        {
            Entries = Map.ofList entries
            Announced = Map.ofList announced
        }

let private parsed text : RedisAddress =
    match RedisAddress.TryParse text with
    | true, address -> Unchecked.nonNull address
    | _ -> failtest $"'{text}' is refused"

let private reads text endPoint user password database tls =
    test $"a Redis address is read: {text}" {
        let address = parsed text

        Expect.equal
            (string address, address.User, address.Password, address.Database, address.Tls)
            (endPoint, user, password, database, tls)
            "its parts"
    }

let tests =
    testList
        "Shared list"
        [
            property "nodes that exchange all entries agree" (fun (ours, theirs, _) ->
                // The remote is written with what it lacks, and then read by the other.
                let struct (mine, lacking) = SharedWorkers.merge ours theirs

                let remote =
                    (theirs, lacking)
                    ||> Map.fold (fun all address entry -> Map.add address entry all)

                mine = remote && merged mine remote = mine)

            property "the last write stands, in whatever order the writes arrive" (fun (a, b, c) ->
                let newest (maps: Map<WorkerAddress, SharedEntry> list) address =
                    maps |> List.choose (Map.tryFind address) |> List.map _.Stamp |> List.max

                let all = merged a (merged b c)

                all
                |> Map.forall (fun address entry -> entry.Stamp = newest [ a; b; c ] address))

            property "a new stamp is later than all others" (fun (a, _, _) ->
                let next = SharedWorkers.nextStamp DateTimeOffset.UnixEpoch a
                a |> Map.forall (fun _ entry -> entry.Stamp < next))

            property "an entry is read as it was written" (fun (a, _, _) ->
                a
                |> Map.forall (fun address entry ->
                    let stamp, word = SharedWorkers.writeEntry entry
                    SharedWorkers.tryEntry (string address) $"{stamp} {word}" = Some(address, entry)))

            test "invalid entries and announcements are ignored" {
                for text in [ ""; "5"; "five added"; "5 perhaps"; "5 added twice"; "-5 added" ] do
                    Expect.isNone (SharedWorkers.tryEntry "10.0.0.1:8888" text) text

                Expect.isNone (SharedWorkers.tryEntry "nowhere" "5 added") "no address"

                for text in [ ""; "10.0.0.1:8888"; "10.0.0.1 5"; "10.0.0.1:8888 soon" ] do
                    Expect.isNone (SharedWorkers.tryAnnouncement text) text
            }

            test "an announced worker is on the list until an operator removes it, and again after its restart" {
                let one = address 1
                let removed = one, { Stamp = 100L; Listed = false }
                Expect.equal (listed [] [ one, 50L ]) [ one ] "announced"
                Expect.equal (listed [ removed ] [ one, 50L ]) [] "removed since then"
                Expect.equal (listed [ removed ] [ one, 101L ]) [ one ] "announced again"
                Expect.equal (listed [ one, { Stamp = 7L; Listed = true } ] [ one, 50L ]) [ one ] "once"
            }

            test "an operator's change outweighs the settings" {
                let settings = Map.ofList [ address 1, { Stamp = 0L; Listed = true } ]
                let there = Map.ofList [ address 1, { Stamp = 1L; Listed = false } ]
                let struct (all, lacking) = SharedWorkers.merge settings there
                Expect.isEmpty lacking "nothing to write"

                Expect.equal
                    (SharedWorkers.suppressed
                        [ address 1; address 2 ]
                        { SharedWorkers.empty with
                            Entries = all
                        })
                    [ address 1 ]
                    "suppressed"
            }

            reads "redis.example" "redis.example:6379" null null 0 false
            reads "redis.example:7000" "redis.example:7000" null null 0 false
            reads "redis://redis.example/3" "redis.example:6379" null null 3 false
            reads "redis://s3cret@redis.example" "redis.example:6379" null "s3cret" 0 false
            reads "rediss://ann:p%40ss@redis.example:7000" "redis.example:7000" "ann" "p@ss" 0 true
            reads "redis://[::1]:7000" "[::1]:7000" null null 0 false

            test "several hosts, a prefix, sentinels and an authority" {
                let address =
                    parsed "rediss://ann:p@ss@one,two:7000,[::1]/0?sentinel=primary&prefix=a%2Fb&ca=/etc/ca.pem"

                Expect.equal (string address) "one:26379,two:7000,[::1]:26379" "sentinels' own port"
                Expect.equal (address.User, address.Password) ("ann", "p@ss") "the last @ ends the password"

                Expect.equal
                    (address.Sentinel, address.Prefix, address.CaFile)
                    ("primary", "a/b", "/etc/ca.pem")
                    "options"
            }

            test "text that is not a Redis address is refused" {
                for text in
                    [
                        ""
                        "http://h:s3cret@x"
                        "redis://"
                        "redis://h:s3cret@x/many"
                        "host:port:s3cret"
                        "one,,two"
                        "redis://h:s3cret@x?prefx=a"
                        "redis://h:s3cret@x?prefix="
                        "redis://h:s3cret@x?ca=/etc/ca.pem"
                    ] do
                    Expect.isFalse (fst (RedisAddress.TryParse text)) text
            }

            test "an address is written without its password" {
                Expect.equal (string (parsed "redis://ann:s3cret@redis.example")) "redis.example:6379" "host and port"
            }
        ]
