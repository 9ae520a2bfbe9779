/// The answer to a picture: a sentence, the way to it in the class tree, and a table of five classes.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.AnswerView

open System.Globalization
open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Protocol.Core
open Web.Giraffe

let private number (format: string) (value: float) =
    value.ToString(format, CultureInfo.InvariantCulture)

/// A model is never certain: what rounds to 100% is above 99.9%.
let private share (probability: float) =
    if probability > 0.9995 then
        ">" + Texts.percent 1 0.999
    else
        Texts.percentUpTo 1 probability

/// The classes have English names, which have no article in other languages.
let private noun (label: string) =
    if Texts.isEnglish () then
        AnswerText.withArticle label
    else
        label

/// The sentence in the language of the page, as `AnswerText.sentence` is in English.
let wording (predictions: Prediction[]) (hedged: HedgedAnswer voption) : string =
    let named key label = Texts.fill key [ "noun", noun label ]

    let perhaps key (first: Prediction) =
        $"""{Texts.text key}{named "answer.perhaps" first.Label} ({share first.Probability})"""

    match AnswerText.statement predictions hedged with
    | AnswerStatement.Named(label, probability, probably) ->
        let said = $"{AnswerText.capital (noun label)} ({share probability})"

        match probably with
        | ValueSome label -> said + named "answer.and-probably" label
        | ValueNone -> said
    | AnswerStatement.Probably first -> $"""{named "answer.probably" first.Label} ({share first.Probability})"""
    | AnswerStatement.Guess first -> perhaps "answer.guess" first
    | AnswerStatement.Unsure first -> perhaps "answer.not-sure" first
    | AnswerStatement.Unrecognised -> Texts.text "answer.unknown"

let sentence (answer: Classification) : string =
    wording answer.Predictions answer.Recognition.Answer

/// Draws a bar as SVG: the content policy forbids inline styles, but no SVG attributes. `width` is a percentage.
let bar (width: string) : XmlNode =
    tag
        "svg"
        [ _class "bar"; _ariaHidden "true"; attr "focusable" "false" ]
        [
            tag "rect" [ _class "track"; _width "100%"; _height "100%"; attr "rx" "4" ] []
            tag "rect" [ _class "fill"; _width width; _height "100%"; attr "rx" "4" ] []
        ]

/// The table of an answer's classes.
let table (rows: XmlNode list) : XmlNode =
    table
        []
        [
            caption [ _class "unseen" ] [ Layout.text "page.classes" ]
            thead [ _class "unseen" ] [ tr [] [ column "page.class"; column "page.bar"; column "page.probability" ] ]
            tbody [] rows
        ]

let private row (prediction: Prediction) =
    tr
        []
        [
            th [ _scope "row" ] [ str prediction.Label ]
            td [ _class "drawn" ] [ bar (number "F3" (prediction.Probability * 100.0) + "%") ]
            td [ _class "share" ] [ str (Texts.percent 3 prediction.Probability) ]
        ]

let private fact key (look: string) text =
    div [] [ dt [] [ Layout.text key ]; dd [ _class look ] [ str text ] ]

/// `model` is the display name of the model that answered.
let answer (model: string) (answer: Classification) : XmlNode =
    article
        [ _class "answer" ]
        [
            h2 [ _class "best" ] [ str (sentence answer) ]

            match AnswerText.path answer.Predictions answer.Recognition.Answer with
            | [] -> ()
            | path -> p [ _class "breadcrumbs" ] [ str (String.concat " › " path) ]

            table (answer.Predictions |> Array.map row |> List.ofArray)

            if answer.Recognition.Independent then
                p [ _class "fine independent" ] [ Layout.text "page.independent" ]

            dl
                [ _class "facts" ]
                [
                    fact "workers.worker" "worker" (string answer.Worker)
                    fact
                        "page.time"
                        "time"
                        (Texts.milliseconds answer.Elapsed
                         + (if answer.IsCached then
                                ", " + Texts.text "page.text.cached"
                            else
                                ""))
                    fact "models.model" "model" model
                ]
        ]
