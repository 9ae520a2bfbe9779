/// Properties of our exchanges with the original peers of either role, however long anything takes.
module Tests.Expecto.Protocol.OriginalNetworkTests

open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Generators
open Tests.Expecto.Protocol.OriginalNetwork
open Tests.Expecto.Protocol.OriginalPeers
open Tests.Expecto.Protocol.Script

let private asksOurs network picture =
    match askOurs network picture with
    | Took got, expected -> got = expected
    | _ -> false

let private asksOriginal network picture =
    match askOriginal network Parameters.none picture with
    | Some(Answered(ClientAnswer.Recognized got)), OriginalWorker.Served -> got = Recognition.ofPredictions predictions
    | _ -> false

let tests =
    testList
        "OriginalNetwork"
        [
            testPropertyWithConfig
                { config with maxTest = 20_000 }
                "an exchange with an original peer of either role ends with the right result"
            <| fun (network: OriginalNetwork) (Picture picture) ->
                if network.IsClient then
                    asksOurs network picture
                else
                    asksOriginal network picture

            testPropertyWithConfig
                config
                "an original worker does not answer the extended exchange, and its thread never spins"
            <| fun (network: OriginalNetwork) (Picture picture) ->
                match askOriginal network Parameters.extended picture with
                | Some(Answered(ClientAnswer.Recognized _ | ClientAnswer.ImageRefused _)), _ -> false
                | _, (OriginalWorker.Spins | OriginalWorker.Served) -> false
                | _ -> true

            test "a client with late reads takes the image's A and the result for one message and gets the result again" {
                let network =
                    {
                        Seed = 1
                        IsClient = true
                        Delay = 999
                        Latency = 0
                    }

                let together =
                    [ 1..200 ]
                    |> List.filter (fun seed -> asksOurs { network with Seed = seed } [| 1uy; 2uy; 3uy |])

                Expect.hasLength together 200 "all of them end with the right result"
            }

            test "the model shows that two copies of a result in one read would be a wrong list" {
                let twice = data "cat:0.5" + data "cat:0.5"
                let client, _ = OriginalClient.read "" AwaitsResult twice
                Expect.notEqual client (Took "cat:0.5") "not the list that was sent"
            }
        ]
