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

        if word.Length > 1 && word = word.ToUpperInvariant() && Seq.forall Char.IsAsciiLetter word then
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

    /// Formats a probability as a whole percentage; only what is certain is 100 %.
    let percent (probability: float) =
        let whole = Math.Round(probability * 100.0)
        let shown = if whole = 100.0 && probability < 0.9995 then 99.0 else whole
        shown.ToString("0", CultureInfo.InvariantCulture) + " %"

    let private this label =
        if isOf plural label then "These are" else "This is"

    let private perhaps (first: Prediction) (rest: Prediction seq) =
        first.Label
        :: [
            for other in rest do
                if other.Probability >= guess then
                    other.Label
        ]
        |> Seq.truncate 2
        |> Seq.map withArticle
        |> String.concat " or "

    /// Returns one sentence without a full stop. `predictions`: most probable first. `answer`: that of the model's class
    /// tree; none if it has no tree.
    let sentence (predictions: Prediction[]) (answer: HedgedAnswer voption) =
        match List.ofArray predictions, answer with
        | first :: _, ValueSome answer when not (HedgedAnswer.isUnsure answer) ->
            let said =
                $"{this answer.Label} {withArticle answer.Label} ({percent answer.Probability})"

            // Together above 1: the class is one of the group.
            if
                answer.Label <> first.Label
                && first.Probability >= probable
                && first.Probability + answer.Probability > 1.0
            then
                $"{said}, probably {withArticle first.Label}"
            else
                said
        | first :: rest, ValueSome _ when first.Probability >= guess -> $"I'm not sure: perhaps {perhaps first rest}"
        | first :: _, ValueNone when first.Probability >= sure ->
            $"{this first.Label} {withArticle first.Label} ({percent first.Probability})"
        | first :: _, ValueNone when first.Probability >= probable ->
            $"Probably {withArticle first.Label} ({percent first.Probability})"
        | first :: rest, ValueNone when first.Probability >= guess -> $"Not sure: perhaps {perhaps first rest}"
        | _ -> "I don't recognise this"
