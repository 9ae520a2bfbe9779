/// The answer in a class tree: sums over groups, and the most specific node that is probable enough.
module Tests.Expecto.Worker.ClassTreeTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Protocol.Core
open global.Worker
open Worker.Inference
open Worker.Models

let private node id (parents: string list) =
    TreeNode(id, $"name of {id}", [], Array.ofList parents, true)

let fileOf (classes: string list list) (groups: string list list) =
    ClassTreeFile(
        "",
        classes
        |> List.mapi (fun index parents -> node $"c{index}" parents)
        |> Array.ofList,
        groups
        |> List.mapi (fun index parents -> node $"g{index}" parents)
        |> Array.ofList
    )

let private labelsOf (file: ClassTreeFile) =
    file.Classes |> Seq.map _.Name |> Array.ofSeq

let answerOf (file: ClassTreeFile) (probabilities: float32[]) confidence =
    let tree = ClassTree(file, labelsOf file)
    let best = Array.IndexOf(probabilities, Array.max probabilities)
    ConfidentAnswer.Choose(tree, ReadOnlySpan probabilities, best, confidence, Span(Array.create tree.GroupCount nan))

/// The sum over a node's classes, by the file alone.
let private sumOf (file: ClassTreeFile) (probabilities: float32[]) id =
    file.Below id |> Seq.sumBy (fun index -> float probabilities[index])

type Case =
    {
        File: ClassTreeFile
        Probabilities: float32[]
        Confidence: float
    }

/// Groups are within groups before them, so that there is no circle; a node may have several parents, or none.
let private cases =
    gen {
        let parents (count: int) =
            gen {
                let! all = Gen.listOfLength (min 3 count) (Gen.choose (0, max 0 (count - 1)))
                let! kept = Gen.choose (0, 3)

                return
                    all
                    |> List.distinct
                    |> List.truncate kept
                    |> List.map (fun index -> $"g{index}")
            }

        let! groupCount = Gen.choose (0, 12)
        let! groups = [ 0 .. groupCount - 1 ] |> List.map parents |> Gen.sequenceToList
        let! classCount = Gen.choose (1, 20)

        let! classes =
            List.init classCount (fun _ -> parents groupCount) |> Gen.sequenceToList

        let! weights =
            Gen.frequency [ 3, Gen.choose (0, 20); 1, Gen.constant 0; 1, Gen.constant 500 ]
            |> Gen.listOfLength classCount

        let! confidence = Gen.elements [ 0.0; 0.05; 0.3; 0.5; 0.8; 0.8; 0.95; 1.0 ]
        let weights = weights |> List.map (fun weight -> float32 weight + 0.001f)

        return
            {
                File = fileOf classes groups
                Probabilities = weights |> List.map (fun weight -> weight / List.sum weights) |> Array.ofList
                Confidence = confidence
            }
    }

type Cases =
    static member Case() = Arb.fromGen cases

let private config =
    { FsCheckConfig.defaultConfig with
        arbitrary = [ typeof<Cases> ]
        maxTest = 2000
    }

/// Rounding of single precision.
let private least = 1e-5

let private sums =
    testPropertyWithConfig config "no sum is above 1, and none above that of a group around it"
    <| fun (case: Case) ->
        let tree = ClassTree(case.File, labelsOf case.File)
        let sums = Array.create tree.GroupCount nan
        tree.Sum(ReadOnlySpan case.Probabilities, Span sums)

        Expect.all sums (fun sum -> sum >= 0.0 && sum <= 1.0 + least) "0 to 1"

        for group in case.File.Groups do
            for parent in group.Parents do
                Expect.isLessThanOrEqual
                    (sumOf case.File case.Probabilities group.Id)
                    (sumOf case.File case.Probabilities parent + least)
                    $"{group.Id} within {parent}"

let private deepest =
    testPropertyWithConfig config "no node with fewer classes than the answer is probable enough"
    <| fun (case: Case) ->
        let answer = answerOf case.File case.Probabilities case.Confidence
        let probability = sumOf case.File case.Probabilities

        let size id = (case.File.Below id).Count

        let enough =
            [
                for node in Seq.append case.File.Classes case.File.Groups do
                    if size node.Id > 0 && probability node.Id >= case.Confidence + least then
                        node.Id
            ]

        if answer.IsUnsure then
            Expect.isEmpty enough "nothing is probable enough"

            Expect.floatClose
                Accuracy.medium
                answer.Probability
                (float (Array.max case.Probabilities))
                "the first class's"

            Expect.isEmpty answer.Path "no path"
        else
            Expect.isGreaterThanOrEqual answer.Probability (case.Confidence - least) "probable enough"
            Expect.floatClose Accuracy.low answer.Probability (min 1.0 (probability answer.Id)) "the sum of its classes"
            Expect.all enough (fun id -> size id >= size answer.Id) $"{answer.Id} is the most specific of {enough}"
            let last = Array.last answer.Path
            Expect.equal (last.Id, last.Label) (answer.Id, answer.Label) "the path ends at it"

            for above, below in Array.pairwise answer.Path do
                Expect.isTrue
                    ((case.File.Below above.Id).IsSupersetOf(case.File.Below below.Id))
                    $"{below.Id} within {above.Id}"

let private ties =
    test "of groups with the same classes, the one within the others; of equally large ones, the most probable" {
        let chain = fileOf [ [ "g2" ]; [ "g2" ]; [] ] [ []; [ "g0" ]; [ "g1" ] ]
        Expect.equal (answerOf chain [| 0.4f; 0.5f; 0.1f |] 0.8).Id "g2" "the innermost"

        let two = fileOf [ [ "g0" ]; [ "g0"; "g1" ]; [ "g1" ] ] [ []; [] ]
        Expect.equal (answerOf two [| 0.3f; 0.3f; 0.4f |] 0.5).Id "g1" "the more probable one"
        Expect.equal (answerOf two [| 0.4f; 0.3f; 0.3f |] 0.5).Id "g0" "and the other way round"
        Expect.equal (answerOf two [| 0.5f; 0.5f; 0.0f |] 0.5).Id "c0" "a class before a group, the first of equal ones"
    }

let private loose =
    test "a class that no group has is an answer of its own" {
        let loose = fileOf [ []; [ "g0" ]; [] ] [ [] ]
        Expect.isTrue ((answerOf loose [| 0.5f; 0.1f; 0.4f |] 0.8).IsUnsure) "no group has enough"
        Expect.equal (answerOf loose [| 0.9f; 0.1f; 0.0f |] 0.8).Id "c0" "a class alone"
    }

let tests = testList "ClassTree" [ sums; deepest; ties; loose ]
