/// The parts of the upload page that only the script uses: the cards, the history and the dialogs.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.HomeParts

open Giraffe.ViewEngine
open Web.Giraffe

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

let private tableView () =
    div
        [ _id "table"; _class "scroll"; hidden; _tabindex "0" ]
        [
            table
                [ _class "overview" ]
                [
                    thead
                        []
                        [
                            tr
                                []
                                (List.map
                                    column
                                    [
                                        (Texts.text "page.picture")
                                        (Texts.text "page.answer")
                                        (Texts.text "page.confidence")
                                        (Texts.text "page.firstclass")
                                        (Texts.text "models.model")
                                    ])
                        ]
                    tbody [] []
                ]
        ]

/// The cards, newest first.
let results () =
    section
        [ _id "results"; hidden; attr "aria-labelledby" "results-title" ]
        [
            h2 [ _id "results-title"; _class "unseen" ] [ Layout.text "page.yourpictures" ]
            div
                [ _class "bar-of" ]
                [
                    p [ _id "counted" ] []
                    progress [ _id "whole"; attr "aria-labelledby" "counted"; hidden ] []
                    choice "filter" (Texts.text "page.show") [ "all", (Texts.text "page.all") ]
                    choice
                        "sort"
                        (Texts.text "page.sortby")
                        [
                            "newest", (Texts.text "page.newest")
                            "name", (Texts.text "page.byname")
                            "surest", (Texts.text "page.surest")
                            "unsurest", (Texts.text "page.unsurest")
                        ]
                    div
                        [
                            _class "tools"
                            attr "role" "group"
                            attr "aria-label" (Texts.text "page.view")
                        ]
                        [
                            view "cards" (Texts.text "page.cards")
                            view "table" (Texts.text "page.table")
                        ]
                    div
                        [ _class "tools" ]
                        [
                            quiet "stop" (Texts.text "page.cancelall")
                            quiet "retry" (Texts.text "page.retryfailed")
                            details
                                [ _class "export" ]
                                [
                                    summary [] [ Layout.text "page.export" ]
                                    div
                                        []
                                        [
                                            quiet "json" (Texts.text "page.copyjson")
                                            quiet "csv" (Texts.text "page.downloadcsv")
                                        ]
                                ]
                            quiet "clear" (Texts.text "page.clear")
                        ]
                ]
            p [ _class "how fine" ] (CardTemplates.hint ())
            ol [ _id "cards"; _class "cards" ] []
            tableView ()
            p [ _class "none fine"; hidden ] [ Layout.text "page.nomatch" ]
        ]

let history () =
    details
        [ _id "history"; _class "scripted" ]
        [
            summary [] [ Layout.text "page.history"; str " "; span [ _class "count" ] [] ]
            p [ _class "fine" ] [ Layout.text "page.keeps" ]
            p
                [ _class "setting" ]
                [
                    input [ _type "checkbox"; _id "keep-history"; attr "role" "switch" ]
                    label [ _for "keep-history" ] [ Layout.text "page.keep" ]
                ]
            div
                [ _class "tools" ]
                [
                    quiet "json" (Texts.text "page.copyjson")
                    quiet "csv" (Texts.text "page.downloadcsv")
                    quiet "training" (Texts.text "page.training")
                    quiet "clear" (Texts.text "page.clearhistory")
                ]
            ol [ _class "past" ] []
        ]

let private close () =
    button
        [ _type "button"; _class "close"; attr "aria-label" (Texts.text "page.close") ]
        [ CardTemplates.icon "M6 6l12 12M18 6L6 18" ]

/// The classes of a model, to read or to pick from.
let private classes () =
    tag
        "dialog"
        [ _id "classes"; attr "aria-labelledby" "classes-title" ]
        [
            div [ _class "dialog-head" ] [ h2 [ _id "classes-title" ] []; close () ]
            label
                [ _class "search" ]
                [
                    span [ _class "unseen" ] [ Layout.text "page.search" ]
                    input
                        [
                            _type "search"
                            _placeholder (Texts.text "page.search")
                            attr "autocomplete" "off"
                            attr "spellcheck" "false"
                        ]
                ]
            p [ _class "fine"; attr "aria-live" "polite" ] []
            ul [] []
        ]

/// The live camera.
let private camera () =
    tag
        "dialog"
        [ _id "camera-view"; attr "aria-labelledby" "camera-title" ]
        [
            div [ _class "dialog-head" ] [ h2 [ _id "camera-title" ] [ Layout.text "page.live" ]; close () ]
            div
                [ _class "viewfinder" ]
                [
                    tag
                        "video"
                        [
                            attr "playsinline" ""
                            attr "muted" ""
                            attr "aria-label" (Texts.text "page.camerapicture")
                        ]
                        []
                ]
            p [ _class "live-answer" ] []
            p [ _class "live-spoken unseen"; attr "aria-live" "polite" ] []
            p [ _class "rate fine" ] []
            div
                [ _class "tools" ]
                [
                    button [ _type "button"; _class "snapshot" ] [ Layout.text "page.take" ]
                    quiet "flip" (Texts.text "page.flip")
                ]
        ]

/// The part of a picture that the network sees.
let private crop () =
    tag
        "dialog"
        [ _id "crop-view"; attr "aria-labelledby" "crop-title" ]
        [
            div [ _class "dialog-head" ] [ h2 [ _id "crop-title" ] [ Layout.text "page.crop" ]; close () ]
            p [ _class "fine of" ] []
            div
                [ _class "board" ]
                [
                    tag "canvas" [ attr "role" "img"; attr "aria-label" (Texts.text "page.thepicture") ] []
                    button [ _type "button"; _class "part"; attr "aria-label" (Texts.text "page.part") ] []
                ]
            p [ _class "fine" ] [ Layout.text "page.square" ]
            label
                [ _class "size-of" ]
                [
                    Layout.text "page.size"
                    str " "
                    input [ _type "range"; attr "min" "0.2"; attr "max" "1"; attr "step" "0.005" ]
                ]
            div
                [ _class "tools" ]
                [
                    quiet "left" (Texts.text "page.left")
                    quiet "right" (Texts.text "page.rotate-right")
                    button [ _type "button"; _class "go" ] [ Layout.text "page.recognisepart" ]
                ]
        ]

let private undo () =
    div
        [ _id "undo"; hidden ]
        [
            span [] []
            button [ _type "button"; _class "small" ] [ Layout.text "page.undo" ]
        ]

/// What the script copies and opens.
let templates () =
    [
        CardTemplates.card ()
        CardTemplates.answer ()
        CardTemplates.past ()
        classes ()
        camera ()
        crop ()
        undo ()
    ]
