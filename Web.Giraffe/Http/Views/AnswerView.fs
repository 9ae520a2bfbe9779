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

/// `heading` is the element of the sentence `best`; `path` leads to it, from the general to the specific; `more` follows the facts. `isIndependent`: the probabilities are no
/// distribution.
let private card
    heading
    (best: string)
    (path: string list)
    (rows: XmlNode list)
    isIndependent
    worker
    elapsed
    model
    more
    =
    article
        [ _class "answer" ]
        ([
            tag heading [ _class "best" ] [ str best ]
            p
                [
                    _class "crumbs"
                    if List.isEmpty path then
                        attr "hidden" "hidden"
                ]
                [ str (String.concat " › " path) ]
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
                    tbody [] rows
                ]
            p
                [
                    _class "fine independent"
                    if not isIndependent then
                        attr "hidden" "hidden"
                ]
                [ str "This model rates each class on its own: several may be right at once." ]
            dl
                [ _class "facts" ]
                [
                    fact "Worker" "worker" worker
                    fact "Time" "time" elapsed
                    fact "Model" "model" model
                ]
         ]
         @ more)

/// `model` is the display name of the model that answered.
let answer (model: string) (answer: Answer) : XmlNode =
    card
        "h2"
        (AnswerText.sentence answer.Predictions answer.Hedged)
        (AnswerText.path answer.Predictions answer.Hedged)
        (answer.Predictions |> Array.map row |> List.ofArray)
        answer.Independent
        (string answer.Worker)
        (milliseconds answer.Elapsed + (if answer.IsCached then ", cached" else ""))
        model
        []

/// The buttons that copy the answer as JSON or as a command.
let private ways =
    div
        [ _class "ways" ]
        [
            button [ _type "button"; _class "quiet small json" ] [ str "Copy JSON" ]
            details
                []
                [
                    summary [] [ str "As a command" ]
                    code [] []
                    button [ _type "button"; _class "quiet small curl" ] [ str "Copy the command" ]
                ]
        ]

/// An empty answer for the script to copy and fill.
let blank: XmlNode =
    tag
        "template"
        [ _id "answer" ]
        [
            card "h3" "" [] [ row { Label = ""; Probability = 0.0 } ] false "" "" "" [ ways ]
        ]
