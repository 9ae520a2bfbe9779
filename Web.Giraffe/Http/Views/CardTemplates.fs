/// The templates that the script copies and fills: for each picture its card and its answer, and a row of the history.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.CardTemplates

open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Web.Giraffe

let private shot =
    div
        [ _class "shot" ]
        [
            div
                [ _class "picture" ]
                [
                    img [ _class "thumb"; _alt "" ]
                    span [ _class "input-part"; _ariaHidden "true" ] []
                ]
        ]

let private failure () =
    div
        [ _class "notice bad failure"; _hidden ]
        [ strong [] []; p [] []; scriptButton "quiet small again" "page.again" ]

let private working () =
    div
        [ _class "working"; _hidden ]
        [
            label [] [ span [ _class "doing" ] []; progress [ _max "1"; _value "0" ] [] ]
            scriptButton "quiet small cancel" "page.cancel"
        ]

/// The card of a picture, from its selection to its answer.
let card () : XmlNode =
    tag
        "template"
        [ _id "card" ]
        [
            li
                [ _class "card"; attr "data-state" "waiting" ]
                [
                    shot
                    div
                        [ _class "told" ]
                        [
                            p [ _class "subject" ] [ span [ _class "name" ] []; str " "; span [ _class "size" ] [] ]
                            p [ _class "by"; _hidden ] []
                            p [ _class "note fine"; _hidden ] []
                            failure ()
                            working ()
                            div [ _class "found" ] []
                        ]
                    button [ _type "button"; _class "open"; _ariaExpanded "false" ] [ icon "M6 15l6-6 6 6" ]
                    div
                        [ _class "corner" ]
                        [
                            button [ _type "button"; _class "adjust"; _hidden ] [ icon "M7 2v15h15M2 7h15v15" ]
                            button [ _type "button"; _class "remove" ] [ icon "M6 6l12 12M18 6L6 18" ]
                        ]
                ]
        ]

let private row =
    tr
        []
        [
            th [ _scope "row" ] []
            td [ _class "drawn" ] [ AnswerView.bar "0%" ]
            td [ _class "share" ] []
        ]

/// How to see a class's map.
let hint () =
    [
        span [ _class "pointer-only" ] [ Layout.text "page.hover" ]
        span [ _class "tapped" ] [ Layout.text "page.tap" ]
    ]

let private why () =
    div
        [ _class "why"; _hidden ]
        [
            p [ _class "tip" ] (hint ())
            p
                [ _class "legend"; _hidden ]
                [
                    span [] [ b [] []; Layout.text "page.mostly"; str " "; span [ _class "where" ] [] ]
                    span
                        [ _class "scale" ]
                        [
                            Layout.text "page.little"
                            str " "
                            span [ _class "ramp" ] []
                            str " "
                            Layout.text "page.much"
                        ]
                ]
        ]

let private verdict () =
    div
        [ _class "verdict"; _roleGroup; _named "page.right" ]
        [
            span [ _class "question" ] [ Layout.text "page.right" ]
            scriptButton "quiet small yes" "page.yes"
            scriptButton "quiet small no" "page.no"
            scriptButton "quiet small choose-class" "page.pick"
            span [ _class "judged fine" ] []
        ]

let private fact key look =
    div [] [ dt [] [ Layout.text key ]; dd [ _class look ] [] ]

let private language name text =
    button
        [
            _type "button"
            _class "quiet small"
            attr "data-language" name
            _ariaPressed "false"
        ]
        [ str text ]

let private moreDetails () =
    details
        [ _class "details" ]
        [
            summary [] [ Layout.text "page.details" ]
            dl
                [ _class "facts" ]
                [
                    fact "workers.worker" "worker"
                    fact "page.time" "time"
                    fact "models.model" "model"
                ]
            div
                [ _class "tools" ]
                [
                    scriptButton "quiet small json" "page.copyjson"
                    scriptButton "quiet small map" "page.downloadmap"
                ]
            details
                [ _class "code" ]
                [
                    summary [] [ Layout.text "page.code" ]
                    div
                        [ _class "tools"; _roleGroup; _named "page.language" ]
                        [
                            language "curl" "curl"
                            language "python" "Python"
                            language "javascript" "JavaScript"
                            scriptButton "quiet small copy" "api.copy"
                        ]
                    pre [ _tabindex "0" ] [ code [] [] ]
                ]
        ]

/// An answer: the sentence, the path to it, the classes, and the rest behind "Details".
let answer () : XmlNode =
    tag
        "template"
        [ _id "answer" ]
        [
            article
                [ _class "answer" ]
                [
                    h3
                        [ _class "best" ]
                        [
                            span [ _class "head" ] []
                            span [ _class "sure" ] []
                            span [ _class "tail" ] []
                        ]
                    p [ _class "breadcrumbs"; _hidden ] []
                    AnswerView.table [ row ]
                    p [ _class "fine independent"; _hidden ] [ Layout.text "page.independent" ]
                    why ()
                    verdict ()
                    moreDetails ()
                ]
        ]

/// A row of the history.
let past () : XmlNode =
    tag
        "template"
        [ _id "past" ]
        [
            li
                []
                [
                    img [ _alt ""; _width "56"; _height "56" ]
                    span [ _class "label" ] []
                    span [ _class "sure" ] []
                    span [ _class "from" ] []
                    time [] []
                    span [ _class "judged fine" ] []
                ]
        ]
