/// The templates that the script copies and fills: for each picture its card and its answer, and a row of the history.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.CardTemplates

open Giraffe.ViewEngine

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
    div [ _class "shot" ] [ div [ _class "picture" ] [ img [ _class "thumb"; _alt "" ] ] ]

let private failure =
    div [ _class "notice bad failure"; hidden ] [ strong [] []; p [] []; button "quiet small again" "Try again" ]

let private working =
    div
        [ _class "working"; hidden ]
        [
            label [] [ span [ _class "doing" ] []; progress [ attr "max" "1"; _value "0" ] [] ]
            button "quiet small cancel" "Cancel"
        ]

/// The card of a picture, from its selection to its answer.
let card: XmlNode =
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
                            failure
                            working
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
            td
                [ _class "drawn" ]
                [
                    tag
                        "svg"
                        [ _class "bar"; attr "aria-hidden" "true"; attr "focusable" "false" ]
                        [
                            tag "rect" [ _class "track"; _width "100%"; _height "100%"; attr "rx" "4" ] []
                            tag "rect" [ _class "fill"; _width "0%"; _height "100%"; attr "rx" "4" ] []
                        ]
                ]
            td [ _class "share" ] []
        ]

let private classes =
    table
        []
        [
            caption [ _class "unseen" ] [ str "The most probable classes" ]
            thead
                [ _class "unseen" ]
                [
                    tr
                        []
                        [
                            th [ attr "scope" "col" ] [ str "Class" ]
                            th [ attr "scope" "col" ] [ str "Bar" ]
                            th [ attr "scope" "col" ] [ str "Probability" ]
                        ]
                ]
            tbody [] [ row ]
        ]

let private why =
    div
        [ _class "why"; hidden ]
        [
            p
                [ _class "tip" ]
                [
                    span [ _class "pointed" ] [ str "Hover over a name to see where the model looked" ]
                    span [ _class "tapped" ] [ str "Tap a name to see where the model looked" ]
                ]
            p
                [ _class "legend"; hidden ]
                [
                    span [] [ b [] []; str ": mostly "; span [ _class "where" ] [] ]
                    span [ _class "scale" ] [ str "little "; span [ _class "ramp" ] []; str " much" ]
                ]
        ]

let private verdict =
    div
        [ _class "verdict"; attr "role" "group"; attr "aria-label" "Was this right?" ]
        [
            span [ _class "question" ] [ str "Was this right?" ]
            button "quiet small yes" "Yes"
            button "quiet small no" "No"
            button "quiet small choose-class" "Pick the right class"
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

let private moreDetails =
    details
        [ _class "details" ]
        [
            summary [] [ str "Details" ]
            dl [ _class "facts" ] [ fact "Worker" "worker"; fact "Time" "time"; fact "Model" "model" ]
            div
                [ _class "tools" ]
                [
                    button "quiet small json" "Copy JSON"
                    button "quiet small map" "Download the map"
                ]
            details
                [ _class "code" ]
                [
                    summary [] [ str "Show as code" ]
                    div
                        [ _class "tools"; attr "role" "group"; attr "aria-label" "Language" ]
                        [
                            language "curl" "curl"
                            language "python" "Python"
                            language "javascript" "JavaScript"
                            button "quiet small copy" "Copy"
                        ]
                    pre [ _tabindex "0" ] [ code [] [] ]
                ]
        ]

/// An answer: the sentence, the path to it, the classes, and the rest behind one "Details".
let answer: XmlNode =
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
                    p [ _class "crumbs"; hidden ] []
                    classes
                    p
                        [ _class "fine independent"; hidden ]
                        [ str "This model rates each class on its own: several may be right at once." ]
                    why
                    verdict
                    moreDetails
                ]
        ]

/// A row of the history.
let past: XmlNode =
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
