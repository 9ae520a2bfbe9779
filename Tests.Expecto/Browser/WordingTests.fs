/// The script's and the server's wording of an answer are the same in every language.
module Tests.Expecto.Browser.WordingTests

open System.Globalization
open System.IO
open System.Text.Json
open Expecto
open Protocol.Core
open Tests.Expecto
open Web.Giraffe
open Web.Giraffe.Views

/// The names of all classes and groups.
let private names =
    lazy
        (use tree =
            JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.root, "models", "imagenet", "tree.json")))

         [
             for part in [ "classes"; "groups" ] do
                 for node in tree.RootElement.GetProperty(part).EnumerateArray() -> string (node.GetProperty "name")
         ])

let private probabilities =
    [ 0.1499; 0.15; 0.333; 0.39999; 0.4; 0.5; 0.79996; 0.8; 0.9949; 0.9994; 0.9996 ]

let private group label probability : HedgedAnswer voption =
    ValueSome
        {
            Id = "n1"
            Label = label
            Probability = probability
            Path = [||]
        }

/// The most probable class, and the answer of the class tree.
let private cases =
    lazy
        [
            for name in names.Value do
                name, 0.93, ValueNone
                name, 0.2, ValueSome(HedgedAnswer.Unsure 0.2)

            for probability in probabilities do
                "ibex", probability, ValueNone
                "ibex", probability, ValueSome(HedgedAnswer.Unsure probability)
                "ibex", probability, group "ibex" probability

                for within in [ 0.5; 0.8; 0.97 ] do
                    "Siberian husky", probability, group "dog" within
        ]

/// As the API sends them.
let private forScript (label: string, probability: float, hedged: HedgedAnswer voption) =
    JsonSerializer.SerializeToElement
        {|
            predictions =
                [|
                    {|
                        label = label
                        probability = probability
                    |}
                |]
            answer =
                match hedged with
                | ValueNone -> null
                | ValueSome answer ->
                    box
                        {|
                            id = (if answer.IsUnsure then null else answer.Id)
                            label = answer.Label
                            probability = answer.Probability
                        |}
        |}

/// The first class alone.
let private predictions (label: string) (probability: float) : Prediction[] =
    [|
        {
            Label = label
            Probability = probability
        }
    |]

let private fromServer (language: string) =
    let before = CultureInfo.CurrentUICulture

    try
        CultureInfo.CurrentUICulture <- CultureInfo language

        [
            for label, probability, hedged in cases.Value do
                AnswerView.wording (predictions label probability) hedged
        ]
    finally
        CultureInfo.CurrentUICulture <- before

/// For programs, such as the command line.
let private english =
    test "the pages' English is that of programs" {
        let expected =
            [
                for label, probability, hedged in cases.Value do
                    AnswerText.sentence (predictions label probability) hedged
            ]

        Expect.equal (fromServer "en") expected "the same words"
    }

let private fromScript =
    """async (cases) => {
        const home = document.querySelector("script[type=module]").src;
        const { sentence } = await import(home.replace("home.js", "card/sentence.js"));
        return JSON.parse(cases).map((one) => sentence(one).text);
    }"""

let private agree language =
    case $"for every class and every confidence ({language})" desktop (fun tab ->
        task {
            do! tab.Goto $"/?lang={language}"
            let cases = JsonSerializer.Serialize(List.map forScript cases.Value)
            let! said = tab.Page.EvaluateAsync<string[]>(fromScript, cases)
            let expected = fromServer language
            Expect.isGreaterThan expected.Length 2000 "cases"
            Expect.equal (List.ofArray said) expected "the same words"
        })

let tests =
    testSequencedGroup "browser"
    <| testList "Wording" (english :: [ for language in Texts.languages -> agree language.Culture.Name ])
