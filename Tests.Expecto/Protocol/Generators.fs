/// Everything that the protocol's properties generate.
module Tests.Expecto.Protocol.Generators

open FsCheck
open FsCheck.FSharp
open Protocol.Core

/// A picture's bytes; their content does not matter to the protocol.
type Picture = Picture of byte[]

/// A label as the grammar can carry it.
type Label = Label of string

/// Messages, and bytes with a taste for the protocol's own letters, so that nearly right input is common.
type Noise = Noise of byte[]

/// What happens to one message on its way.
type Fault =
    | Clean
    /// Bits of the message, each counted from its start modulo its length.
    | Flip of bits: int list
    /// The message comes twice.
    | Duplicate
    /// The connection ends after so many of its bytes, modulo its length.
    | Cut of bytes: int

type Network =
    {
        /// Chooses where the bytes split and join, and who moves first.
        Seed: int
        /// In the order in which messages are sent, both directions together; clean after the last.
        Faults: Fault list
        /// After an `N` the client sends its message twice, as the old one does.
        DoubleSends: bool
        Decodable: bool
        Parameters: Parameters
    }

/// A connection with an original peer, whose times are milliseconds.
type OriginalNetwork =
    {
        Seed: int
        /// The original is the client, and ours the worker.
        IsClient: bool
        /// At most so long after something arrived the original reads it: less than the silence after which a result is
        /// sent again.
        Delay: int
        /// At most so long anything is on its way.
        Latency: int
    }

let private picture =
    Gen.frequency [ 4, Gen.choose (1, 200); 1, Gen.choose (1, 5000) ]
    |> Gen.bind (fun length -> Gen.arrayOfLength length (Gen.map byte (Gen.choose (0, 255))))
    |> Gen.map Picture

let private label =
    Gen.elements ([ 'a' .. 'z' ] @ [ ' '; '-'; '.'; '\''; '1'; '0'; 'é'; '猫'; 'D'; 'A'; 'N' ])
    |> Gen.nonEmptyListOf
    |> Gen.map (fun chars -> Label(System.String(List.toArray (List.truncate 40 chars))))

let private noise =
    let letters =
        Gen.frequency
            [
                6, Gen.elements (List.ofSeq "DAN  --0123456789=abcXYZ+/:,." |> List.map byte)
                1, Gen.map byte (Gen.choose (0, 255))
            ]
        |> Gen.arrayOf

    let messages =
        Gen.elements
            [
                "A"B
                "N"B
                "D 4 -0053"B
                "D TWFu -0359"B
                "D Samoyed:0.5 -0928"B
                "D 3;raw;crc32c;eager;keep;sized;json -3170"B
                "D Man =fa4fba36"B
                // A whole exchange, as a worker receives it.
                "D 3;raw;crc32c;eager;keep;sized;json -3170D Man =fa4fba36A"B
            ]

    Gen.listOf (Gen.oneof [ letters; messages ])
    |> Gen.map (List.truncate 6 >> Array.concat >> Noise)

let private fault =
    Gen.frequency
        [
            6, Gen.constant Clean
            2, Gen.map (fun bit -> Flip [ bit ]) (Gen.choose (0, 50_000))
            1, Gen.constant Duplicate
            1, Gen.map Cut (Gen.choose (0, 10_000))
        ]

let private trace =
    gen {
        let digits count =
            Gen.elements (List.ofSeq "0123456789abcdef")
            |> Gen.listOfLength count
            |> Gen.map (List.toArray >> System.String)

        let! id = digits 32
        let! span = digits 16
        return $"00-{id}-{span}-01"
    }

let private modelName: Gen<ModelName> =
    let text (characters: string) longest =
        gen {
            let! length = Gen.choose (1, longest)
            let! all = Gen.arrayOfLength length (Gen.elements characters)
            return System.String all
        }

    gen {
        let! id = text "abcxyz0189._-" 64

        let! version =
            Gen.oneof [ Gen.constant ValueNone; Gen.map ValueSome (text "abcXYZ0189._-" 32) ]

        return { Id = id; Version = version }
    }

let private parameters =
    let flag = ArbMap.defaults |> ArbMap.generate<bool>

    let sometimes value =
        Gen.frequency [ 2, Gen.constant ValueNone; 1, Gen.map ValueSome value ]

    gen {
        let! raw = flag
        let! crc32c = flag
        let! eager = flag
        let! keep = flag
        let! sized = flag
        let! json = flag
        let! explain = flag
        let! models = flag
        let! tensor = flag
        let! values = flag
        let! top = sometimes (Gen.choose (1, 1000))
        let! model = sometimes modelName

        let! confidence =
            sometimes (Gen.choose (0, 10_000) |> Gen.map (fun parts -> float parts / 10_000.0))

        let! trace = sometimes trace

        return
            {
                Raw = raw
                Crc32c = crc32c
                Eager = eager
                Keep = keep
                Sized = sized
                Json = json
                Explain = explain
                Models = models
                Tensor = tensor
                Values = values
                Top = top
                Model = model
                Confidence = confidence
                Trace = trace
            }
    }

let private anyParameters =
    Gen.frequency
        [
            1, Gen.constant Parameters.none
            1, Gen.constant Parameters.extended
            2, parameters
        ]

let private network =
    gen {
        let! seed = Gen.choose (0, System.Int32.MaxValue - 1)
        let! faults = Gen.listOf fault
        let! doubles = Gen.frequency [ 2, Gen.constant false; 1, Gen.constant true ]
        let! decodable = Gen.frequency [ 4, Gen.constant true; 1, Gen.constant false ]
        let! parameters = anyParameters

        return
            {
                Seed = seed
                Faults = List.truncate 12 faults
                // Only the old client does, which has no parameters.
                DoubleSends = doubles && Parameters.isNone parameters
                Decodable = decodable
                // A network's worker recognizes; what it serves is asked elsewhere.
                Parameters = { parameters with Models = false }
            }
    }

let private originalNetwork =
    gen {
        let! seed = Gen.choose (0, System.Int32.MaxValue - 1)
        let! isClient = ArbMap.defaults |> ArbMap.generate<bool>
        let! delay = Gen.frequency [ 1, Gen.choose (0, 50); 3, Gen.choose (0, 999) ]
        let! latency = Gen.choose (0, 300)

        return
            {
                Seed = seed
                IsClient = isClient
                Delay = delay
                Latency = latency
            }
    }

let private smaller network =
    seq {
        for faults in Arb.toShrink (ArbMap.defaults |> ArbMap.arbitrary<int list>) [ 0 .. network.Faults.Length - 1 ] do
            yield
                { network with
                    Faults =
                        [
                            for index in faults do
                                if index >= 0 && index < network.Faults.Length then
                                    network.Faults[index]
                        ]
                }
    }

let prediction =
    Gen.map2
        (fun (Label text) (NormalFloat value) ->
            {
                Label = text
                Probability = abs value - floor (abs value)
            })
        label
        (ArbMap.defaults |> ArbMap.generate<NormalFloat>)

type Arbitraries =
    static member Picture() = Arb.fromGen picture
    static member Label() = Arb.fromGen label
    static member Noise() = Arb.fromGen noise
    static member OriginalNetwork() = Arb.fromGen originalNetwork
    static member Network() = Arb.fromGenShrink (network, smaller)
    static member Prediction() = Arb.fromGen prediction
    static member Parameters() = Arb.fromGen anyParameters

let config =
    { Expecto.FsCheckConfig.defaultConfig with
        arbitrary = [ typeof<Arbitraries> ]
        maxTest = 1000
    }
