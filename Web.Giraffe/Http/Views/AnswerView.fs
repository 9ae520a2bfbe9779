/// The answer to a picture: a sentence, the way to it in the class tree, and a table of five classes.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.AnswerView

open System.Globalization
open Giraffe.ViewEngine
open Protocol.Core
open Web.Giraffe

let private number (format: string) (value: float) =
    value.ToString(format, CultureInfo.InvariantCulture)

/// Formats a probability as `92.844%`: three decimals, as everywhere on the page and in its script.
let percent (probability: float) = number "F3" (probability * 100.0) + "%"

let milliseconds (elapsed: System.TimeSpan) =
    number "F0" (max 1.0 elapsed.TotalMilliseconds) + " ms"

/// Draws a bar as SVG: the content policy forbids inline styles, but no SVG attributes.
let private bar (probability: float) =
    tag
        "svg"
        [ _class "bar"; attr "aria-hidden" "true"; attr "focusable" "false" ]
        [
            tag "rect" [ _class "track"; _width "100%"; _height "100%"; attr "rx" "4" ] []
            tag
                "rect"
                [
                    _class "fill"
                    _width (number "F3" (probability * 100.0) + "%")
                    _height "100%"
                    attr "rx" "4"
                ]
                []
        ]

let private row (prediction: Prediction) =
    tr
        []
        [
            th [ attr "scope" "row" ] [ str prediction.Label ]
            td [ _class "drawn" ] [ bar prediction.Probability ]
            td [ _class "share" ] [ str (percent prediction.Probability) ]
        ]

let private fact name (look: string) text =
    div [] [ dt [] [ str name ]; dd [ _class look ] [ str text ] ]

/// `model` is the display name of the model that answered.
let answer (model: string) (answer: Answer) : XmlNode =
    article
        [ _class "answer" ]
        [
            h2 [ _class "best" ] [ str (AnswerText.sentence answer.Predictions answer.Hedged) ]

            match AnswerText.path answer.Predictions answer.Hedged with
            | [] -> ()
            | path -> p [ _class "crumbs" ] [ str (String.concat " › " path) ]

            table
                []
                [
                    caption [ _class "unseen" ] [ str "The five most likely categories" ]
                    thead
                        [ _class "unseen" ]
                        [
                            tr
                                []
                                [
                                    th [ attr "scope" "col" ] [ str "Category" ]
                                    th [ attr "scope" "col" ] [ str "Bar" ]
                                    th [ attr "scope" "col" ] [ str "Probability" ]
                                ]
                        ]
                    tbody [] (answer.Predictions |> Array.map row |> List.ofArray)
                ]

            if answer.Independent then
                p
                    [ _class "fine independent" ]
                    [ str "This model rates each class on its own: several may be right at once." ]

            dl
                [ _class "facts" ]
                [
                    fact "Worker" "worker" (string answer.Worker)
                    fact "Time" "time" (milliseconds answer.Elapsed + (if answer.IsCached then ", cached" else ""))
                    fact "Model" "model" model
                ]
        ]
