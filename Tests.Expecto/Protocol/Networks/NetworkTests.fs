/// Properties of the two exchanges that hold whatever the network does.
module Tests.Expecto.Protocol.NetworkTests

open System
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Generators
open Tests.Expecto.Protocol.NetworkRun
open Tests.Expecto.Protocol.Script

let private agrees (network: Network) (picture: byte[]) outcome =
    match outcome.Client, outcome.Worker with
    | Some(Answered(ClientAnswer.Recognized got)), Some _ ->
        got = carried network.Parameters
        && network.Decodable
        && outcome.Recognized = [ Bytes.toText picture ]
        && outcome.Requested = [ network.Parameters ]
    // The client may take the answer to a duplicate for the answer to what it sent next; it then ends early, with a
    // reason, and its picture is never misnamed.
    | Some(Answered(ClientAnswer.ImageRefused _)), Some _ ->
        not network.Decodable
        || List.contains Duplicate network.Faults
        || network.DoubleSends
    | Some(Answered ClientAnswer.Declined), Some _ -> not (Parameters.isNone network.Parameters) && network.Faults <> []
    | Some(Failed _), Some(Failed _ | Served _) -> true
    | _ -> false

let tests =
    testList
        "Network"
        [
            testPropertyWithConfig
                { config with maxTest = 20_000 }
                "both sides agree on the result or both end with a reason"
            <| fun (network: Network) (Picture picture) -> run network picture |> agrees network picture

            testPropertyWithConfig config "a network that only splits and joins loses nothing"
            <| fun (network: Network) (Picture picture) ->
                let outcome = run { network with Faults = [] } picture

                match outcome.Client, outcome.Worker with
                | Some(Answered(ClientAnswer.Recognized got)), Some(Served WorkerOutcome.Answered) ->
                    network.Decodable && got = carried network.Parameters
                | Some(Answered(ClientAnswer.ImageRefused _)), Some(Served WorkerOutcome.Refused) ->
                    not network.Decodable
                | _ -> false

            testPropertyWithConfig
                { config with maxTest = 5_000 }
                "one flipped bit in any message is healed, however it is split"
            <| fun (network: Network) (Picture picture) (message: FsCheck.NonNegativeInt) (bit: FsCheck.NonNegativeInt) ->
                let network =
                    { network with
                        Faults = List.replicate (message.Get % 6) Clean @ [ Flip [ bit.Get ] ]
                        Decodable = true
                    }

                match (run network picture).Client with
                | Some(Answered(ClientAnswer.Recognized got)) -> got = carried network.Parameters
                // The worker can't know how long the image behind a damaged size is, and closes.
                | Some(Answered ClientAnswer.Declined) -> not (Parameters.isNone network.Parameters)
                // Nor that there is one, where its only parameter was damaged.
                // And a connection that is to serve again ends where an answer was damaged.
                | Some(Failed _) ->
                    network.Parameters.Keep
                    || network.Parameters = { Parameters.none with Eager = true }
                | _ -> false

            testPropertyWithConfig config "with CRC-32C flipped bits never give a wrong answer"
            <| fun (network: Network) (Picture picture) (bits: int list) ->
                let flips = [ for bit in bits -> Flip [ abs (bit % 50_000) ] ]

                let network =
                    { network with
                        Faults = List.collect (fun flip -> [ flip; Clean ]) flips
                        Parameters =
                            { network.Parameters with
                                Crc32c = true
                            }
                        DoubleSends = false
                    }

                run network picture |> agrees network picture

            testPropertyWithConfig
                { config with maxTest = 20_000 }
                "no input makes an exchange throw, or consume bytes that did not come"
            <| fun (network: Network) (Noise noise) ->
                let layout = if network.Seed % 7 < 3 then Bytes.whole else Bytes.singly

                let client = Client(Limits.Standard, network.Parameters, "Man"B, Layout = layout)
                let worker = Worker(Limits.Standard, Layout = layout)

                for piece in Array.chunkBySize (1 + network.Seed % 50) noise do
                    client.Receive piece |> ignore

                    if worker.Receive piece |> List.exists _.IsBegan then
                        (if network.Decodable then
                             worker.Recognized [| { Label = "Samoyed"; Probability = 0.5 } |]
                         else
                             worker.Event(WorkerEvent.Undecodable(Refusal.create "Damaged" "Cut short.")))
                        |> ignore

                let forClient, forWorker =
                    match network.Seed % 3 with
                    | 0 -> ClientEvent.IdleTimeout, WorkerEvent.IdleTimeout
                    | 1 -> ClientEvent.PeerEnded, WorkerEvent.PeerEnded
                    | _ -> ClientEvent.DeadlinePassed, WorkerEvent.DeadlinePassed

                client.Event forClient |> ignore
                worker.Event forWorker |> ignore

            // The size has the plain checksum, which two bits can deceive: the result names the size that it answers.
            testPropertyWithConfig
                { config with maxTest = 5_000 }
                "with every parameter of the web node two flipped bits in one message never give a wrong answer"
            <| fun (network: Network) (Picture picture) ->
                let random = Random network.Seed
                let message = max 0 (random.Next 8 - 3)
                let first = random.Next 50_000
                // The same bit of two bytes: the sum stays if one is set and the other is not.
                let second = first % 8 + 8 * random.Next 6_250
                let bits = [ first; (if random.Next 4 > 0 then second else random.Next 50_000) ]

                let network =
                    { network with
                        Faults = List.replicate message Clean @ [ Flip bits ]
                        Parameters =
                            { Parameters.extended with
                                Top = ValueSome 10
                                Model = ModelName.tryParse "mobilenetv2@12-qdq"
                                Confidence = ValueSome 0.8
                                Trace = ValueSome "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
                            }
                        DoubleSends = false
                    }

                run network picture |> agrees network picture
        ]
