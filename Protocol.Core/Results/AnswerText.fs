namespace Protocol.Core

open System
open System.Globalization

/// What an answer is in English. A page's script has the same words in its own language.
[<RequireQualifiedAccess>]
module AnswerText =

    /// From here on a class is named without a doubt, where the model has no class tree.
    let private sure = 0.8

    /// From here on a class is probable.
    let private probable = 0.4

    /// From here on a class is a guess.
    let private guess = 0.15

    let private plural = set [ "bars"; "binoculars"; "sunglasses"; "trunks" ]

    /// Nouns without an article: a whole name, or its last word.
    let private uncountable =
        set
            [
                "armour"
                "bread"
                "broccoli"
                "carbonara"
                "chain mail"
                "chocolate sauce"
                "clothing"
                "consomme"
                "cookware"
                "corn"
                "dough"
                "eggnog"
                "equipment"
                "face powder"
                "food"
                "footwear"
                "furniture"
                "guacamole"
                "hair spray"
                "hay"
                "housing"
                "ice cream"
                "make-up"
                "mashed potato"
                "rapeseed"
                "red wine"
                "sunscreen"
                "tableware"
                "thatch"
                "toilet tissue"
                "velvet"
                "wool"
            ]

    /// Returns the name without what explains it: "crane" of "crane (bird)", "food" of "food or drink".
    let private noun (label: string) =
        let cut (marks: string list) (text: string) =
            marks
            |> List.fold
                (fun (text: string) (mark: string) ->
                    match text.IndexOf(mark, StringComparison.Ordinal) with
                    | at when at > 0 -> text.Substring(0, at)
                    | _ -> text)
                text

        cut [ " ("; ", "; " or "; " of "; " for " ] label

    let private isOf (nouns: Set<string>) label =
        let noun = noun label
        nouns.Contains noun || nouns.Contains(noun.Substring(noun.LastIndexOf ' ' + 1))

    /// Whether the first sound is a vowel's: an ibex, an hourglass, an MRI; a unicorn, a ewe, a one-way sign.
    let private beginsWithVowel (label: string) =
        let word = label.Split(' ', '-')[0]

        let begins (starts: string list) =
            starts
            |> List.exists (fun start -> label.StartsWith(start, StringComparison.OrdinalIgnoreCase))

        if
            word.Length > 1
            && word = word.ToUpperInvariant()
            && Seq.forall Char.IsAsciiLetter word
        then
            "AEFHILMNORSX".Contains word[0]
        elif begins [ "hour"; "honest"; "heir" ] then
            true
        elif begins [ "uni"; "use"; "usu"; "uku"; "ura"; "uti"; "eu"; "ewe"; "one"; "once" ] then
            begins [ "unim"; "unin" ]
        else
            "aeiouAEIOU".Contains label[0]

    /// Returns the name with its article: "a Samoyed", "an ibex", "food", "a member of the weasel family".
    let withArticle (label: string) =
        if label = "" || isOf plural label || isOf uncountable label then
            label
        elif label.EndsWith(" family", StringComparison.Ordinal) then
            $"a member of the {label}"
        elif beginsWithVowel label then
            $"an {label}"
        else
            $"a {label}"

    /// Formats a probability with up to one decimal. A model is never certain: what rounds to 100% is above 99.9%.
    let percent (probability: float) =
        if probability > 0.9995 then
            ">99.9%"
        else
            (probability * 100.0).ToString("0.#", CultureInfo.InvariantCulture) + "%"

    let private capital (text: string) =
        text.Substring(0, 1).ToUpperInvariant() + text.Substring 1

    let private perhaps (first: Prediction) =
        $"perhaps {withArticle first.Label} ({percent first.Probability})"

    let private unknown = "I don't recognise this"

    /// The words of a class of this probability, where the model has no class tree.
    let private tier (first: Prediction) =
        if first.Probability >= sure then
            $"{capital (withArticle first.Label)} ({percent first.Probability})"
        elif first.Probability >= probable then
            $"Probably {withArticle first.Label} ({percent first.Probability})"
        elif first.Probability >= guess then
            $"Not sure: {perhaps first}"
        else
            unknown

    /// Returns whether the class is probable, and one of the answer's group: the two together are above 1.
    let private isWithin (first: Prediction) (answer: HedgedAnswer) =
        answer.Label <> first.Label
        && first.Probability >= probable
        && first.Probability + answer.Probability > 1.0

    /// Returns one sentence without a full stop. `predictions`: most probable first. `answer`: that of the model's class
    /// tree; none if it has no tree.
    let sentence (predictions: Prediction[]) (answer: HedgedAnswer voption) =
        match Array.tryHead predictions, answer with
        | None, _ -> unknown
        | Some first, ValueNone -> tier first
        | Some first, ValueSome answer when HedgedAnswer.isUnsure answer ->
            if first.Probability >= guess then
                $"I'm not sure: {perhaps first}"
            else
                unknown
        | Some first, ValueSome answer ->
            let said = $"{capital (withArticle answer.Label)} ({percent answer.Probability})"

            if isWithin first answer then
                $"{said}, probably {withArticle first.Label}"
            else
                said

    /// Returns the labels from the general to the specific, with the class that the sentence says is probable; empty if
    /// the answer is no more than one label.
    let path (predictions: Prediction[]) (answer: HedgedAnswer voption) : string list =
        match Array.tryHead predictions, answer with
        | Some first, ValueSome answer when not (HedgedAnswer.isUnsure answer) ->
            let labels =
                [
                    for node in answer.Path do
                        node.Label
                    if isWithin first answer then
                        first.Label
                ]

            if labels.Length > 1 then labels else []
        | _ -> []
