/// The templates that the script copies and fills: for each picture its card and its answer, and a row of the history.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.CardTemplates

open Giraffe.ViewEngine
open Web.Giraffe

let private hidden = attr "hidden" "hidden"

let private button look text =
    button [ _type "button"; _class look ] [ str text ]

/// An icon of lines, 24 units wide.
let icon (path: string) =
    tag
        "svg"
        [
            _class "line-icon"
            attr "viewBox" "0 0 24 24"
            attr "aria-hidden" "true"
            attr "focusable" "false"
        ]
        [ tag "path" [ attr "d" path ] [] ]

/// A button with only an icon; the script gives it its name.
let private iconButton look path =
    Giraffe.ViewEngine.HtmlElements.button [ _type "button"; _class look ] [ icon path ]

let private shot =
    div
        [ _class "shot" ]
        [
            div
                [ _class "picture" ]
                [
                    img [ _class "thumb"; _alt "" ]
                    span [ _class "input-part"; attr "aria-hidden" "true" ] []
                ]
        ]

let private failure () =
    div
        [ _class "notice bad failure"; hidden ]
        [ strong [] []; p [] []; button "quiet small again" (Texts.text "page.again") ]

let private working () =
    div
        [ _class "working"; hidden ]
        [
            label [] [ span [ _class "doing" ] []; progress [ attr "max" "1"; _value "0" ] [] ]
            button "quiet small cancel" (Texts.text "page.cancel")
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
                            p [ _class "by"; hidden ] []
                            p [ _class "note fine"; hidden ] []
                            failure ()
                            working ()
                            div [ _class "found" ] []
                        ]
                    Giraffe.ViewEngine.HtmlElements.button
                        [ _type "button"; _class "open"; attr "aria-expanded" "false" ]
                        [ icon "M6 15l6-6 6 6" ]
                    div
                        [ _class "corner" ]
                        [
                            Giraffe.ViewEngine.HtmlElements.button
                                [ _type "button"; _class "adjust"; hidden ]
                                [ icon "M7 2v15h15M2 7h15v15" ]
                            iconButton "remove" "M6 6l12 12M18 6L6 18"
                        ]
                ]
        ]

let private row =
    tr
        []
        [
            th [ attr "scope" "row" ] []
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
        [ _class "why"; hidden ]
        [
            p [ _class "tip" ] (hint ())
            p
                [ _class "legend"; hidden ]
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
        [
            _class "verdict"
            attr "role" "group"
            attr "aria-label" (Texts.text "page.right")
        ]
        [
            span [ _class "question" ] [ Layout.text "page.right" ]
            button "quiet small yes" (Texts.text "page.yes")
            button "quiet small no" (Texts.text "page.no")
            button "quiet small choose-class" (Texts.text "page.pick")
            span [ _class "judged fine" ] []
        ]

let private fact name look =
    div [] [ dt [] [ str name ]; dd [ _class look ] [] ]

let private language name text =
    Giraffe.ViewEngine.HtmlElements.button
        [
            _type "button"
            _class "quiet small"
            attr "data-language" name
            attr "aria-pressed" "false"
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
                    fact (Texts.text "workers.worker") "worker"
                    fact (Texts.text "page.time") "time"
                    fact (Texts.text "models.model") "model"
                ]
            div
                [ _class "tools" ]
                [
                    button "quiet small json" (Texts.text "page.copyjson")
                    button "quiet small map" (Texts.text "page.downloadmap")
                ]
            details
                [ _class "code" ]
                [
                    summary [] [ Layout.text "page.code" ]
                    div
                        [
                            _class "tools"
                            attr "role" "group"
                            attr "aria-label" (Texts.text "page.language")
                        ]
                        [
                            language "curl" "curl"
                            language "python" "Python"
                            language "javascript" "JavaScript"
                            button "quiet small copy" (Texts.text "api.copy")
                        ]
                    pre [ _tabindex "0" ] [ code [] [] ]
                ]
        ]

/// An answer: the sentence, the path to it, the classes, and the rest behind one (Texts.text "page.details").
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
                    p [ _class "breadcrumbs"; hidden ] []
                    AnswerView.table [ row ]
                    p [ _class "fine independent"; hidden ] [ Layout.text "page.independent" ]
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
