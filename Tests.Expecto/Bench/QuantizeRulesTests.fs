/// bench/Quantize's rules, one by one.
module Tests.Expecto.Bench.QuantizeRulesTests

open System
open Expecto
open FsCheck.FSharp
open Onnx
open Quantize.Calibration
open Quantize.Judging
open Quantize.Rewriting

let private weights =
    testProperty "weights are within half a step, each channel by its own"
    <| Prop.forAll (Arb.fromGen (Gen.arrayOfLength 24 (Gen.choose (-1000, 1000)))) (fun numbers ->
        let weights =
            numbers |> Array.mapi (fun i n -> float32 n * (if i < 12 then 1f else 0.001f))

        let made = ChannelWeights.Of(ReadOnlySpan weights, 2)

        for i, weight in Array.indexed weights do
            let step = made.Steps[i / 12]
            Expect.isLessThanOrEqual (abs (float32 made.Values[i] * step - weight)) (0.5001f * step) $"{i}"

        for channel, values in Array.indexed (Array.chunkBySize 12 made.Values) do
            let largest = values |> Array.map (int >> abs) |> Array.max
            let isNone = weights[12 * channel .. 12 * channel + 11] |> Array.forall ((=) 0f)
            Expect.equal largest (if isNone then 0 else 127) "all 8 bits are used")

let private limits =
    test "a limit cuts off what is rare and far, and nothing else" {
        let of' (values: float32 seq) =
            let histogram = Histogram()

            for value in values do
                histogram.Add(ReadOnlySpan [| value |])

            histogram

        let even = Seq.init 100_000 (fun i -> float32 (i % 1000) / 1000f)
        Expect.floatClose Accuracy.low (float ((of' even).Limit())) 0.999 "all of them"
        let rare = of' (Seq.append even [ 4f ])
        Expect.isLessThan (rare.Limit()) 3.9f "one far away"
        Expect.isGreaterThan (rare.Limit()) 1f "but none of the others"
        Expect.equal ((of' (Seq.append [ 4f ] even)).Limit()) (rare.Limit()) "in any order"
        Expect.equal ((of' [ 0f; 0f ]).Limit()) 1f "where there is nothing"
    }

let private refusal =
    test "one lost first class is enough to write nothing" {
        let kept, lost = Change(0.9f, true, 0.01f), Change(0.01f, false, 0.02f)
        Expect.isNull (Change.Refusal [| kept; kept |]) "as good"
        Expect.stringContains (nonNull (Change.Refusal [| kept; lost; kept |])) "1 of the 3 pictures" "not as good"
    }

let private node operation (inputs: string list) output =
    let node = NodeProto(OpType = operation)
    node.Input.AddRange inputs
    node.Output.Add(output: string)
    node

/// Of these nodes, with `w` and `b` stored, and `x` its input.
let private model version (nodes: NodeProto list) =
    let model = ModelProto(Graph = GraphProto())
    model.OpsetImport.Add(OperatorSetIdProto(Version = version))
    model.Graph.Input.Add(ValueInfoProto(Name = "x"))
    model.Graph.Node.AddRange nodes
    Tensors.Store(model.Graph, "w", ReadOnlySpan [| 1f |], [| 1L; 1L; 1L; 1L |])
    Tensors.Store(model.Graph, "b", ReadOnlySpan [| 1f |], [| 1L |])
    model

let private conv from into = node "Conv" [ from; "w"; "b" ] into
let private relu from into = node "Relu" [ from ] into

let private turned =
    test "the first pool comes before its Relu, and no other one" {
        let shape (model: ModelProto) =
            [ for node in model.Graph.Node -> node.OpType, node.Input[0], node.Output[0] ]

        let pool from into = node "MaxPool" [ from ] into

        let first =
            model
                13L
                [
                    conv "x" "c"
                    relu "c" "r"
                    pool "r" "p"
                    conv "p" "d"
                    relu "d" "s"
                    pool "s" "q"
                ]

        Expect.equal
            (shape (FirstPool.BeforeRelu first))
            [
                "Conv", "x", "c"
                "MaxPool", "c", "r"
                "Relu", "r", "p"
                "Conv", "p", "d"
                "Relu", "d", "s"
                "MaxPool", "s", "q"
            ]
            "turned"

        let read =
            model 13L [ conv "x" "c"; relu "c" "r"; pool "r" "p"; node "Add" [ "r"; "r" ] "t" ]

        Expect.equal (shape (FirstPool.BeforeRelu read)) (shape read) "what is read by others too stays"
    }

let private unfit =
    test "a network that can't be computed in 8 bits is refused with a reason" {
        let first = [ conv "x" "c"; relu "c" "r" ]
        let fit = Plan.Of(model 13L (first @ [ conv "r" "d"; relu "d" "s" ]))
        Expect.sequenceEqual fit.Activations [ "r"; "s" ] "the Relus"
        Expect.sequenceEqual (fit.Convolutions |> Seq.map _.Output[0]) [ "d" ] "the convolution between them"

        for version, nodes, words in
            [
                12L, first @ [ conv "r" "d"; relu "d" "s" ], "older than set 13"
                13L, first, "between two Relus"
                13L, first @ [ conv "r" "d" ], "between two Relus"
                13L, first @ [ conv "r" "d"; relu "d" "s"; node "Add" [ "d"; "s" ] "t" ], "between two Relus"
                13L, first @ [ node "Conv" [ "r"; "v"; "b" ] "d"; relu "d" "s" ], "between two Relus"
            ] do
            Expect.throwsC (fun () -> Plan.Of(model version nodes) |> ignore) (fun e ->
                Expect.stringContains e.Message words "why")
    }

let tests = testList "Rules" [ weights; limits; refusal; turned; unfit ]
