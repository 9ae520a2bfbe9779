namespace Protocol.Core

open System
open System.Globalization

/// The content of an answer, independent of the language.
[<RequireQualifiedAccess>]
type AnswerStatement =
    /// `probably`: the class in the named group that is likely, too.
    | Named of label: string * probability: float * probably: string voption
    | Probably of Prediction
    /// A guess of a model without a class tree.
    | Guess of Prediction
    /// The model's class tree has no group that is probable enough.
    | Unsure of Prediction
    | Unrecognised

/// An answer in words. The rules are those of every language, the sentence is English.
[<RequireQualifiedAccess>]
module AnswerText =

    /// From this probability on a class is named without a doubt, where the model has no class tree.
    [<Literal>]
    let Sure = 0.8

    /// From this probability on a class is likely.
    [<Literal>]
    let Likely = 0.4

    /// From this probability on a class is a guess.
    [<Literal>]
    let Guess = 0.15

    /// Nouns that are plural: a whole name, or its last word.
    let plural = set [ "bars"; "binoculars"; "sunglasses"; "trunks" ]

    /// Nouns without an article: a whole name, or its last word.
    let uncountable =
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

    /// Returns the name without its qualifier: "crane" of "crane (bird)", "food" of "food or drink".
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

    /// Formats a probability with up to one decimal. A model is never certain: a value that would round to 100% is
    /// shown as above 99.9%.
    let percent (probability: float) =
        if probability > 0.9995 then
            ">99.9%"
        else
            (probability * 100.0).ToString("0.#", CultureInfo.InvariantCulture) + "%"

    /// Returns the text with a capital letter at its start.
    let capital (text: string) =
        if text = "" then
            ""
        else
            text.Substring(0, 1).ToUpperInvariant() + text.Substring 1

    /// Returns whether the class is likely, and one of the answer's group: the two together are above 1.
    let private isWithin (first: Prediction) (answer: HedgedAnswer) =
        answer.Label <> first.Label
        && first.Probability >= Likely
        && first.Probability + answer.Probability > 1.0

    /// Returns what an answer says. `predictions`: most probable first. `answer`: that of the model's class tree; none if
    /// it has no tree.
    let statement (predictions: Prediction[]) (answer: HedgedAnswer voption) =
        match Array.tryHead predictions, answer with
        | Some first, ValueSome answer when not (answer.IsUnsure) ->
            let probably =
                if isWithin first answer then
                    ValueSome first.Label
                else
                    ValueNone

            AnswerStatement.Named(answer.Label, answer.Probability, probably)
        | Some first, ValueNone when first.Probability >= Sure ->
            AnswerStatement.Named(first.Label, first.Probability, ValueNone)
        | Some first, ValueNone when first.Probability >= Likely -> AnswerStatement.Probably first
        | Some first, ValueNone when first.Probability >= Guess -> AnswerStatement.Guess first
        | Some first, ValueSome _ when first.Probability >= Guess -> AnswerStatement.Unsure first
        | _ -> AnswerStatement.Unrecognised

    /// Returns one sentence without a full stop.
    let sentence (predictions: Prediction[]) (answer: HedgedAnswer voption) =
        let perhaps (first: Prediction) =
            $"perhaps {withArticle first.Label} ({percent first.Probability})"

        match statement predictions answer with
        | AnswerStatement.Named(label, probability, probably) ->
            let sentence = $"{capital (withArticle label)} ({percent probability})"

            match probably with
            | ValueSome label -> $"{sentence}, probably {withArticle label}"
            | ValueNone -> sentence
        | AnswerStatement.Probably first -> $"Probably {withArticle first.Label} ({percent first.Probability})"
        | AnswerStatement.Guess first -> $"Not sure: {perhaps first}"
        | AnswerStatement.Unsure first -> $"I'm not sure: {perhaps first}"
        | AnswerStatement.Unrecognised -> "I don't recognise this"

    /// Returns the labels from the general to the specific, with the class that the sentence says is probable; empty if
    /// the answer is no more than one label.
    let path (predictions: Prediction[]) (answer: HedgedAnswer voption) : string list =
        match statement predictions answer, answer with
        | AnswerStatement.Named(_, _, probably), ValueSome answer ->
            let labels =
                [
                    for node in answer.Path do
                        node.Label
                    yield! ValueOption.toList probably
                ]

            if labels.Length > 1 then labels else []
        | _ -> []
