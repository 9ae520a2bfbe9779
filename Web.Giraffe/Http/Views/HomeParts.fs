/// The parts of the upload page that only the script uses: the cards, the history and the dialogs.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.HomeParts

open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Web.Giraffe

let private quiet look key = scriptButton $"quiet small {look}" key

let private view name key =
    button
        [
            _type "button"
            _class "quiet small"
            attr "data-view" name
            _ariaPressed (if name = "cards" then "true" else "false")
        ]
        [ Layout.text key ]

let private choice id key choices =
    label
        [ _class "pick-one" ]
        [
            span [ _class "unseen" ] [ Layout.text key ]
            select [ _id id ] [ for value, key in choices -> option [ _value value ] [ Layout.text key ] ]
        ]

let private tableView () =
    div
        [ _id "table"; _class "scroll"; _hidden; _tabindex "0" ]
        [
            table
                [ _class "overview" ]
                [
                    thead
                        []
                        [
                            columns
                                [
                                    "page.picture"
                                    "page.answer"
                                    "page.confidence"
                                    "page.firstclass"
                                    "models.model"
                                ]
                        ]
                    tbody [] []
                ]
        ]

/// The cards, newest first.
let results () =
    section
        [ _id "results"; _hidden; _ariaLabelledBy "results-title" ]
        [
            h2 [ _id "results-title"; _class "unseen" ] [ Layout.text "page.yourpictures" ]
            div
                [ _class "bar-of" ]
                [
                    p [ _id "counted" ] []
                    progress [ _id "whole"; _ariaLabelledBy "counted"; _hidden ] []
                    choice "filter" "page.show" [ "all", "page.all" ]
                    choice
                        "sort"
                        "page.sortby"
                        [
                            "newest", "page.newest"
                            "name", "page.byname"
                            "surest", "page.surest"
                            "unsurest", "page.unsurest"
                        ]
                    div
                        [ _class "tools"; _roleGroup; _named "page.view" ]
                        [ view "cards" "page.cards"; view "table" "page.table" ]
                    div
                        [ _class "tools" ]
                        [
                            quiet "stop" "page.cancelall"
                            quiet "retry" "page.retryfailed"
                            details
                                [ _class "export" ]
                                [
                                    summary [] [ Layout.text "page.export" ]
                                    div [] [ quiet "json" "page.copyjson"; quiet "csv" "page.downloadcsv" ]
                                ]
                            quiet "clear" "page.clear"
                        ]
                ]
            p [ _class "how fine" ] (CardTemplates.hint ())
            ol [ _id "cards"; _class "cards" ] []
            tableView ()
            p [ _class "none fine"; _hidden ] [ Layout.text "page.nomatch" ]
        ]

let history () =
    details
        [ _id "history"; _class "scripted" ]
        [
            summary [] [ Layout.text "page.history"; str " "; span [ _class "count" ] [] ]
            p [ _class "fine" ] [ Layout.text "page.keeps" ]
            switch "keep-history" "page.keep"
            div
                [ _class "tools" ]
                [
                    quiet "json" "page.copyjson"
                    quiet "csv" "page.downloadcsv"
                    quiet "training" "page.training"
                    quiet "clear" "page.clearhistory"
                ]
            ol [ _class "past" ] []
        ]

let private close () =
    button [ _type "button"; _class "close"; _named "page.close" ] [ icon "M6 6l12 12M18 6L6 18" ]

let private dialog id heading content =
    tag
        "dialog"
        [ _id id; _ariaLabelledBy $"{id}-title" ]
        (div [ _class "dialog-head" ] [ h2 [ _id $"{id}-title" ] heading; close () ]
         :: content)

/// The classes of a model, to read or to pick from.
let private classes () =
    dialog
        "classes"
        []
        [
            label
                [ _class "search" ]
                [
                    span [ _class "unseen" ] [ Layout.text "page.search" ]
                    input
                        [
                            _type "search"
                            _placeholder (Texts.text "page.search")
                            _autocomplete "off"
                            _spellcheck "false"
                        ]
                ]
            p [ _class "fine"; _ariaLive "polite" ] []
            ul [] []
        ]

/// The live camera.
let private camera () =
    dialog
        "camera-view"
        [ Layout.text "page.live" ]
        [
            div
                [ _class "viewfinder" ]
                [
                    tag "video" [ attr "playsinline" ""; attr "muted" ""; _named "page.camerapicture" ] []
                ]
            p [ _class "live-answer" ] []
            p [ _class "live-spoken unseen"; _ariaLive "polite" ] []
            p [ _class "rate fine" ] []
            div
                [ _class "tools" ]
                [
                    button [ _type "button"; _class "snapshot" ] [ Layout.text "page.take" ]
                    quiet "flip" "page.flip"
                ]
        ]

/// The part of a picture that the network sees.
let private crop () =
    dialog
        "crop-view"
        [ Layout.text "page.crop" ]
        [
            p [ _class "fine of" ] []
            div
                [ _class "board" ]
                [
                    tag "canvas" [ _roleImg; _named "page.thepicture" ] []
                    button [ _type "button"; _class "part"; _named "page.part" ] []
                ]
            p [ _class "fine" ] [ Layout.text "page.square" ]
            label
                [ _class "size-of" ]
                [
                    Layout.text "page.size"
                    str " "
                    input [ _type "range"; _min "0.2"; _max "1"; _step "0.005" ]
                ]
            div
                [ _class "tools" ]
                [
                    quiet "left" "page.left"
                    quiet "right" "page.rotate-right"
                    button [ _type "button"; _class "go" ] [ Layout.text "page.recognisepart" ]
                ]
        ]

let private undo () =
    div
        [ _id "undo"; _hidden ]
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
