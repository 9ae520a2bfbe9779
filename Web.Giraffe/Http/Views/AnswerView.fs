/// The answer to a picture: a sentence, the way to it in the class tree, and a table of five classes.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.AnswerView

open System.Globalization
open Giraffe.ViewEngine
open Protocol.Core
open Web.Giraffe

let private number (format: string) (value: float) =
    value.ToString(format, CultureInfo.InvariantCulture)

/// The sentence in the language of the page. The classes have English names, which have no article in other languages.
let sentence (answer: Answer) : string =
    let unknown () = Texts.text "answer.unknown"
    let sure (share: float) = $" ({Texts.percent 1 share})"

    if (Texts.current ()).Culture.Name = "en" then
        AnswerText.sentence answer.Predictions answer.Recognition.Answer
    else
        match Array.tryHead answer.Predictions, answer.Recognition.Answer with
        | None, _ -> unknown ()
        | Some _, ValueSome hedged when not (HedgedAnswer.isUnsure hedged) -> hedged.Label + sure hedged.Probability
        | Some first, ValueNone when first.Probability >= 0.8 -> first.Label + sure first.Probability
        | Some first, ValueNone when first.Probability >= 0.4 ->
            Texts.fill "answer.probably" [ "noun", first.Label ] + sure first.Probability
        | Some first, _ when first.Probability >= 0.15 ->
            Texts.text "answer.not-sure"
            + Texts.fill "answer.perhaps" [ "noun", first.Label ]
            + sure first.Probability
        | _ -> unknown ()

/// Draws a bar as SVG: the content policy forbids inline styles, but no SVG attributes. `width` is a percentage.
let bar (width: string) : XmlNode =
    tag
        "svg"
        [ _class "bar"; attr "aria-hidden" "true"; attr "focusable" "false" ]
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
            thead
                [ _class "unseen" ]
                [
                    tr
                        []
                        [
                            th [ attr "scope" "col" ] [ Layout.text "page.class" ]
                            th [ attr "scope" "col" ] [ Layout.text "page.bar" ]
                            th [ attr "scope" "col" ] [ Layout.text "page.probability" ]
                        ]
                ]
            tbody [] rows
        ]

let private row (prediction: Prediction) =
    tr
        []
        [
            th [ attr "scope" "row" ] [ str prediction.Label ]
            td [ _class "drawn" ] [ bar (number "F3" (prediction.Probability * 100.0) + "%") ]
            td [ _class "share" ] [ str (Texts.percent 3 prediction.Probability) ]
        ]

let private fact name (look: string) text =
    div [] [ dt [] [ str name ]; dd [ _class look ] [ str text ] ]

/// `model` is the display name of the model that answered.
let answer (model: string) (answer: Answer) : XmlNode =
    article
        [ _class "answer" ]
        [
            h2 [ _class "best" ] [ str (sentence answer) ]

            match AnswerText.path answer.Predictions answer.Recognition.Answer with
            | [] -> ()
            | path -> p [ _class "crumbs" ] [ str (String.concat " › " path) ]

            table (answer.Predictions |> Array.map row |> List.ofArray)

            if answer.Recognition.Independent then
                p [ _class "fine independent" ] [ Layout.text "page.independent" ]

            dl
                [ _class "facts" ]
                [
                    fact (Texts.text "workers.worker") "worker" (string answer.Worker)
                    fact
                        (Texts.text "page.time")
                        "time"
                        (Texts.milliseconds answer.Elapsed
                         + (if answer.IsCached then
                                ", " + Texts.text "page.text.cached"
                            else
                                ""))
                    fact (Texts.text "models.model") "model" model
                ]
        ]
