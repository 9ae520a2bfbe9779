module Tests.Expecto.Worker.TopClassesTests

open System
open Expecto
open Protocol.Core
open Worker.Inference

let private labels = [| for index in 0..999 -> $"class {index}" |]

let private softmax (logits: float32[]) =
    let powers = logits |> Array.map exp
    powers |> Array.map (fun power -> power / Array.sum powers)

let private top (count: int) (logits: float32[]) =
    TopClasses.Of(ReadOnlySpan(softmax logits), labels[.. logits.Length - 1], count)

let private indices count logits = top count logits |> Array.map _.Index

let tests =
    testList
        "TopClasses"
        [
            test "equal probabilities are ordered by index" {
                Expect.equal (indices 3 (Array.create 10 1.0f)) [| 0; 1; 2 |] "all equal"
                Expect.equal (indices 3 [| 1.0f; 2.0f; 2.0f; 2.0f; 2.0f |]) [| 1; 2; 3 |] "one is left out"
                Expect.equal (indices 3 [| 1.0f; 2.0f; 1.0f; 3.0f; 1.0f |]) [| 3; 1; 0 |] "the last place"
                Expect.equal (indices 2 [| 5.0f; 1.0f; 5.0f; 5.0f |]) [| 0; 2 |] "of three equal ones"
            }

            test "the number of classes is the requested one, at most all" {
                Expect.hasLength (top 1 [| 1.0f; 2.0f |]) 1 "one"
                Expect.equal (indices 5 [| 1.0f; 2.0f |]) [| 1; 0 |] "two"
                Expect.hasLength (top 1000 (Array.create 1000 0.0f)) 1000 "all"
            }

            testProperty "classes are ordered like a stable sort by probability, with their labels"
            <| fun (values: byte[]) (FsCheck.PositiveInt count) ->
                let logits =
                    Array.append [| 3.0f |] (values |> Array.map (fun value -> float32 (value % 7uy)))

                let expected =
                    Array.indexed logits
                    |> List.ofArray
                    |> List.sortBy (fun (_, logit) -> -logit)
                    |> List.map fst

                let found: RecognizedClass[] = top (count % 12 + 1) logits

                found |> Array.map _.Index = Array.ofList (List.truncate (count % 12 + 1) expected)
                && found
                   |> Array.forall (fun (found: RecognizedClass) -> found.Label = labels[found.Index])
                && (found |> Array.sumBy _.Probability) <= 1.00001
        ]
