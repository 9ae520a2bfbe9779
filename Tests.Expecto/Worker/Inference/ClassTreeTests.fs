/// The answer in a class tree: sums over groups, and the most specific node that is probable enough.
module Tests.Expecto.Worker.ClassTreeTests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Protocol.Core
open global.Worker
open Worker.Inference
open Worker.Models
open Tests.Expecto

let private node id (parents: string list) =
    TreeNode(id, $"name of {id}", [], Array.ofList parents, true)

let private fileOf (classes: string list list) (groups: string list list) =
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

let private answerOf (file: ClassTreeFile) (probabilities: float32[]) confidence =
    let tree = ClassTree(file, labelsOf file)
    let best = Array.IndexOf(probabilities, Array.max probabilities)
    tree.Answer(ReadOnlySpan probabilities, best, confidence, Span(Array.create tree.GroupCount nan))

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

        if HedgedAnswer.isUnsure answer then
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

let private unknown =
    test "classes that no group has, and trees that can't be" {
        let loose = fileOf [ []; [ "g0" ]; [] ] [ [] ]
        Expect.isTrue (HedgedAnswer.isUnsure (answerOf loose [| 0.5f; 0.1f; 0.4f |] 0.8)) "no group has enough"
        Expect.equal (answerOf loose [| 0.9f; 0.1f; 0.0f |] 0.8).Id "c0" "a class alone"

        let folder = Directory.CreateTempSubdirectory("tree-").FullName
        let path = Path.Combine(folder, ClassTreeFile.FileName)

        let reason (file: ClassTreeFile) =
            File.WriteAllText(path, file.Write())

            match ClassTreeFile.Read path with
            | :? Outcome<ClassTreeFile>.Failed as failed -> failed.Reason
            | _ -> ""

        Expect.stringContains (reason (fileOf [ [ "g9" ] ] [ [] ])) "g9 is no group" "an unknown parent"
        Expect.stringContains (reason (fileOf [ [ "g0" ] ] [ [ "g1" ]; [ "g0" ] ])) "own ancestor" "a circle"
        Expect.equal (reason (fileOf [ [ "g0" ] ] [ [] ])) "" "a tree"

        let layers =
            [
                [ []; [] ]
                yield! List.init 39 (fun at -> List.replicate 2 [ $"g{2 * at}"; $"g{2 * at + 1}" ])
            ]

        Expect.stringContains (reason (fileOf [ [ "g79" ] ] (List.concat layers))) "40 landmarks" "2^40 ways to the top"
        let deepestFirst = List.init 100_000 (fun at -> [ $"g{at + 1}" ]) @ [ [] ]
        Expect.stringContains (reason (fileOf [ [ "g0" ] ] deepestFirst)) "leave groups out" "100,000 levels"
        let wide = List.init 3_000 (fun _ -> []) @ [ List.init 3_000 (fun at -> $"g{at}") ]
        let broad = List.replicate 3_000 [ "g3000" ]
        Expect.stringContains (reason (fileOf broad wide)) "leave groups out" "9 million memberships"

        let long = String('x', 257)

        for nodes, words in
            [
                """{"id":"g0","name":"a","synonyms":[],"parents":[]},{"id":"g0","name":"b","synonyms":[],"parents":[]}""",
                "g0 is there twice"
                "null", "is null"
                """{"id":"g0","name":"a","synonyms":[],"parents":[null]}""", "is null"
                """{"id":"g0","name":"a","synonyms":[null],"parents":[]}""", "is null"
                """{"id":"g0","name":" ","synonyms":[],"parents":[]}""", "'g0' needs an id and a name"
                $$"""{"id":"g0","name":"{{long}}","synonyms":[],"parents":[]}""", "'g0' needs an id and a name"
                $$"""{"id":"{{long}}","name":"a","synonyms":[],"parents":[]}""", "…' needs an id and a name"
            ] do
            let text = $$"""{"source":"","classes":[],"groups":[{{nodes}}]}"""
            File.WriteAllText(path, text)

            match ClassTreeFile.Read path with
            | :? Outcome<ClassTreeFile>.Failed as failed -> Expect.stringContains failed.Reason words nodes
            | _ -> failtest nodes

        Directory.Delete(folder, true)
    }

let private shipped =
    lazy
        match ClassTreeFile.Read(Path.Combine(Repository.root, "models", "imagenet", ClassTreeFile.FileName)) with
        | :? Outcome<ClassTreeFile>.Ok as read -> read.Value
        | other -> failtest $"{other}"

let private names =
    test "the shipped tree has names that people use, and no two alike" {
        let file = shipped.Value
        let all = Seq.append file.Classes file.Groups |> Array.ofSeq
        Expect.hasLength file.Classes 1000 "ImageNet's classes"

        let twice =
            all
            |> Seq.countBy _.Name
            |> Seq.filter (fun (_, count) -> count > 1)
            |> List.ofSeq

        Expect.isEmpty twice "no name twice"

        let nameOf id =
            all |> Array.tryFind (fun node -> node.Id = id) |> Option.map _.Name

        for id, name in
            [
                "n02441326", "weasel family"
                "n02268148", "dragonfly or damselfly"
                "n03100490", "vehicle"
                "n02084071", "dog"
                "n00015388", "animal"
                "n02012849", "crane (bird)"
                "n03126707", "crane (machine)"
                "n03710637", "maillot (tights)"
                "n03710721", "maillot (swimsuit)"
            ] do
            Expect.equal (nameOf id) (Some name) id

        let says =
            file.Groups
            |> Seq.map _.Name
            |> Seq.filter (fun name ->
                List.contains
                    name
                    [
                        "artifact"
                        "instrumentality"
                        "whole"
                        "object"
                        "physical entity"
                        "entity"
                        "chordate"
                        "anapsid"
                        "saurian"
                        "diapsid"
                        "odonate"
                        "musteline"
                        "conveyance"
                        "placental"
                    ])
            |> List.ofSeq

        Expect.isEmpty says "names that say nothing"
    }

let private paths =
    test "a husky's path is short, and a group's sum is that of its classes" {
        let file = shipped.Value
        let probabilities = Array.create 1000 0.0f
        let husky = file.Classes |> Seq.findIndex (fun node -> node.Name = "Siberian husky")
        let dogs = file.Below "n02084071"
        probabilities[husky] <- 0.5f

        for dog in dogs do
            probabilities[dog] <- probabilities[dog] + 0.47f / float32 dogs.Count

        let answer = answerOf file probabilities 0.8
        Expect.equal (answer.Id, answer.Label) ("n02084071", "dog") "the group"
        Expect.equal [ for node in answer.Path -> node.Label ] [ "animal"; "dog" ] "its path"
        probabilities[husky] <- 0.85f
        let answer = answerOf file probabilities 0.8
        Expect.equal [ for node in answer.Path -> node.Label ] [ "animal"; "dog"; "Siberian husky" ] "the class's path"
    }

let tests = testList "ClassTree" [ sums; deepest; ties; unknown; names; paths ]
