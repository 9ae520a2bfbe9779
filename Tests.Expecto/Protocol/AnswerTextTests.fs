/// The answer in English.
module Tests.Expecto.Protocol.AnswerTextTests

open Expecto
open Protocol.Core

let private classes list : Prediction[] =
    [|
        for label, probability in list ->
            {
                Label = label
                Probability = probability
            }
    |]

let private answer label probability (path: string list) : HedgedAnswer voption =
    ValueSome
        {
            Id = "n1"
            Label = label
            Probability = probability
            Path = [| for label in path -> ({ Id = label; Label = label }: ClassNode) |]
        }

let private says list hedged expected =
    Expect.equal (AnswerText.sentence (classes list) hedged) expected expected

let tests =
    testList
        "AnswerText"
        [
            test "articles" {
                for label in
                    [
                        "a Samoyed"
                        "an ibex"
                        "a unicorn"
                        "a unicycle"
                        "an umbrella"
                        "an upright"
                        "an hourglass"
                        "a horse cart"
                        "a European fire salamander"
                        "an iPod"
                        "an oxcart"
                        "a one-way sign"
                        "a CD player"
                        "an MRI scanner"
                        "an Old English sheepdog"
                        "a crane (bird)"
                        "a piece of clothing"
                        "a dragonfly or damselfly"
                        "an insect, spider or crustacean"
                    ] do
                    Expect.equal (AnswerText.withArticle (label.Substring(label.IndexOf ' ' + 1))) label label

                for label in
                    [
                        "sunglasses"
                        "swimming trunks"
                        "parallel bars"
                        "food or drink"
                        "furniture"
                        "golf equipment"
                        "women's clothing"
                        "ice cream"
                    ] do
                    Expect.equal (AnswerText.withArticle label) label label

                Expect.equal (AnswerText.withArticle "weasel family") "a member of the weasel family" "a family"
            }

            test "with a tree" {
                says [ "Samoyed", 0.931 ] (answer "Samoyed" 0.931 [ "Samoyed" ]) "A Samoyed (93.1%)"

                says [ "Siberian husky", 0.55 ] (answer "dog" 0.97 [ "dog" ]) "A dog (97%), probably a Siberian husky"

                says [ "Siberian husky", 0.39 ] (answer "dog" 0.97 [ "dog" ]) "A dog (97%)"
                // Of a lower confidence the first class may be another kind of thing.
                says [ "sofa", 0.45 ] (answer "dog" 0.5 [ "dog" ]) "A dog (50%)"
                says [ "lion", 0.9999 ] (answer "lion" 0.9999 [ "lion" ]) "A lion (>99.9%)"
                says [ "balloon", 0.15 ] (ValueSome(HedgedAnswer.Unsure 0.15)) "I'm not sure: perhaps a balloon (15%)"
                says [ "nematode", 0.149 ] (ValueSome(HedgedAnswer.Unsure 0.149)) "I don't recognise this"
            }

            test "without a tree, in tiers" {
                says [ "ibex", 0.8 ] ValueNone "An ibex (80%)"
                says [ "ibex", 0.79 ] ValueNone "Probably an ibex (79%)"
                says [ "ibex", 0.4 ] ValueNone "Probably an ibex (40%)"
                says [ "ibex", 0.39 ] ValueNone "Not sure: perhaps an ibex (39%)"
                says [ "ibex", 0.15 ] ValueNone "Not sure: perhaps an ibex (15%)"
                says [ "ibex", 0.14 ] ValueNone "I don't recognise this"
                says [] ValueNone "I don't recognise this"
            }

            test "the path, down to the class that is probable" {
                let path list hedged = AnswerText.path (classes list) hedged
                let dog = answer "dog" 0.97 [ "animal"; "dog" ]
                Expect.equal (path [ "Siberian husky", 0.55 ] dog) [ "animal"; "dog"; "Siberian husky" ] "probable"
                Expect.equal (path [ "Siberian husky", 0.35 ] dog) [ "animal"; "dog" ] "not probable"
                Expect.isEmpty (path [ "abacus", 0.9 ] (answer "abacus" 0.9 [ "abacus" ])) "a single label is no path"
                Expect.isEmpty (path [ "abacus", 0.2 ] (ValueSome(HedgedAnswer.Unsure 0.2))) "unsure"
                Expect.isEmpty (path [ "abacus", 0.9 ] ValueNone) "no tree"
            }
        ]
