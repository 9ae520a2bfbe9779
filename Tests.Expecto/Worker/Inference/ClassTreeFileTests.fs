/// The file of a class tree: what is refused, and the tree that the catalog ships.
module Tests.Expecto.Worker.ClassTreeFileTests

open System
open System.IO
open Expecto
open Worker.Models
open Tests.Expecto
open Tests.Expecto.Worker.ClassTreeTests

let private refused =
    test "a tree that has no answer is refused with what is wrong" {
        use folder = new TemporaryFolder()
        let path = folder.Of ClassTreeFile.FileName

        let read (text: string) =
            File.WriteAllText(path, text)
            ClassTreeFile.Read path

        let reason (file: ClassTreeFile) = read (file.Write()) |> Outcomes.reason
        Expect.stringContains (reason (fileOf [ [ "g9" ] ] [ [] ])) "g9 is not a group" "an unknown parent"
        Expect.stringContains (reason (fileOf [ [ "g0" ] ] [ [ "g1" ]; [ "g0" ] ])) "own ancestor" "a circle"
        read ((fileOf [ [ "g0" ] ] [ [] ]).Write()) |> Outcomes.value |> ignore

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
            Expect.stringContains (read text |> Outcomes.reason) words nodes
    }

let private shipped =
    lazy
        Path.Combine(Repository.root, "models", "imagenet", ClassTreeFile.FileName)
        |> ClassTreeFile.Read
        |> Outcomes.value

let private names =
    test "the shipped tree has names that people use, and no two alike" {
        let file = shipped.Value
        let all = Seq.append file.Classes file.Groups |> Array.ofSeq
        Expect.hasLength file.Classes 1000 "ImageNet's classes"

        let twice =
            all |> Array.countBy _.Name |> Array.filter (fun (_, count) -> count > 1)

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

        let vague =
            set
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
                ]

        Expect.isEmpty (Set.intersect vague (set [ for group in file.Groups -> group.Name ])) "names that say nothing"
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

let tests = testList "ClassTreeFile" [ refused; names; paths ]
