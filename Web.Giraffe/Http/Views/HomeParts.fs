/// The parts of the upload page that only the script uses: the cards, the history and the dialogs.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.HomeParts

open Giraffe.ViewEngine

let private hidden = attr "hidden" "hidden"

let private quiet look text =
    button [ _type "button"; _class $"quiet small {look}" ] [ str text ]

let private view name text =
    button
        [
            _type "button"
            _class "quiet small"
            attr "data-view" name
            attr "aria-pressed" (if name = "cards" then "true" else "false")
        ]
        [ str text ]

let private choice id text choices =
    label
        [ _class "pick-one" ]
        [
            span [ _class "unseen" ] [ str text ]
            select [ _id id ] [ for value, text in choices -> option [ _value value ] [ str text ] ]
        ]

let private column name = th [ attr "scope" "col" ] [ str name ]

let private tableView =
    div
        [ _id "table"; _class "scroll"; hidden; _tabindex "0" ]
        [
            table
                [ _class "overview" ]
                [
                    thead
                        []
                        [
                            tr [] (List.map column [ "Picture"; "Answer"; "Confidence"; "First class"; "Model" ])
                        ]
                    tbody [] []
                ]
        ]

/// The cards, newest first.
let results =
    section
        [ _id "results"; hidden; attr "aria-labelledby" "results-title" ]
        [
            h2 [ _id "results-title"; _class "unseen" ] [ str "Your pictures" ]
            div
                [ _class "bar-of" ]
                [
                    p [ _id "counted" ] []
                    progress [ _id "whole"; attr "aria-labelledby" "counted"; hidden ] []
                    choice "filter" "Show" [ "all", "All" ]
                    choice
                        "sort"
                        "Sort by"
                        [
                            "newest", "Newest first"
                            "name", "By name"
                            "surest", "Most certain first"
                            "unsurest", "Least certain first"
                        ]
                    div
                        [ _class "tools"; attr "role" "group"; attr "aria-label" "View" ]
                        [ view "cards" "Cards"; view "table" "Table" ]
                    div
                        [ _class "tools" ]
                        [
                            quiet "stop" "Cancel all"
                            quiet "retry" "Retry failed"
                            details
                                [ _class "export" ]
                                [
                                    summary [] [ str "Export" ]
                                    div [] [ quiet "json" "Copy JSON"; quiet "csv" "Download CSV" ]
                                ]
                            quiet "clear" "Clear"
                        ]
                ]
            ol [ _id "cards"; _class "cards" ] []
            tableView
            p [ _class "none fine"; hidden ] [ str "No picture matches this filter." ]
        ]

let history =
    details
        [ _id "history"; _class "scripted" ]
        [
            summary [] [ str "History "; span [ _class "count" ] [] ]
            p
                [ _class "fine" ]
                [
                    str
                        "The server doesn't keep your pictures. This browser keeps your last 100 answers with thumbnails, and the pictures that you marked right or wrong."
                ]
            p
                [ _class "setting" ]
                [
                    input [ _type "checkbox"; _id "keep-history"; attr "role" "switch" ]
                    label [ _for "keep-history" ] [ str "Keep a history in this browser" ]
                ]
            div
                [ _class "tools" ]
                [
                    quiet "json" "Copy JSON"
                    quiet "csv" "Download CSV"
                    quiet "training" "Download for training"
                    quiet "clear" "Clear history"
                ]
            ol [ _class "past" ] []
        ]

let private close =
    button [ _type "button"; _class "close"; attr "aria-label" "Close" ] [ CardTemplates.icon "M6 6l12 12M18 6L6 18" ]

/// The classes of a model, to read or to pick from.
let private classes =
    tag
        "dialog"
        [ _id "classes"; attr "aria-labelledby" "classes-title" ]
        [
            div [ _class "dialog-head" ] [ h2 [ _id "classes-title" ] []; close ]
            label
                [ _class "search" ]
                [
                    span [ _class "unseen" ] [ str "Search" ]
                    input
                        [
                            _type "search"
                            _placeholder "Search"
                            attr "autocomplete" "off"
                            attr "spellcheck" "false"
                        ]
                ]
            p [ _class "fine"; attr "aria-live" "polite" ] []
            ul [] []
        ]

/// The live camera.
let private camera =
    tag
        "dialog"
        [ _id "camera-view"; attr "aria-labelledby" "camera-title" ]
        [
            div [ _class "dialog-head" ] [ h2 [ _id "camera-title" ] [ str "Live camera" ]; close ]
            div
                [ _class "viewfinder" ]
                [
                    tag
                        "video"
                        [
                            attr "playsinline" ""
                            attr "muted" ""
                            attr "aria-label" "The camera's picture"
                        ]
                        []
                ]
            p [ _class "live-answer"; attr "aria-live" "polite" ] []
            p [ _class "rate fine" ] []
            div
                [ _class "tools" ]
                [
                    button [ _type "button"; _class "snapshot" ] [ str "Take a picture" ]
                    quiet "flip" "Switch camera"
                ]
        ]

/// The part of a picture that the network sees.
let private crop =
    tag
        "dialog"
        [ _id "crop-view"; attr "aria-labelledby" "crop-title" ]
        [
            div [ _class "dialog-head" ] [ h2 [ _id "crop-title" ] [ str "Crop or rotate" ]; close ]
            div
                [ _class "board" ]
                [
                    tag "canvas" [ attr "role" "img"; attr "aria-label" "The picture" ] []
                    button
                        [
                            _type "button"
                            _class "part"
                            attr
                                "aria-label"
                                "The part that the model sees: move it with the arrow keys, resize it with + and −"
                        ]
                        []
                ]
            p
                [ _class "fine" ]
                [
                    str "The model sees what is in the square. Drag it to another place, or make it smaller."
                ]
            label
                [ _class "size-of" ]
                [
                    str "Size "
                    input [ _type "range"; attr "min" "0.2"; attr "max" "1"; attr "step" "0.01" ]
                ]
            div
                [ _class "tools" ]
                [
                    quiet "left" "Rotate left"
                    quiet "right" "Rotate right"
                    button [ _type "button"; _class "go" ] [ str "Recognise this part" ]
                ]
        ]

let private undo =
    div [ _id "undo"; hidden ] [ span [] []; button [ _type "button"; _class "small" ] [ str "Undo" ] ]

/// What the script copies and opens.
let templates =
    [
        CardTemplates.card
        CardTemplates.answer
        CardTemplates.past
        classes
        camera
        crop
        undo
    ]
