/// The traffic on the admin page: the last minute in four figures, the last fifteen as two charts.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.WorkersCharts

open System
open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Web.Giraffe

let private tile id key value more =
    div
        [ _class "tile" ]
        [
            dt [] [ Layout.text key ]
            dd [ _id id ] [ strong [] [ str value ]; str " "; span [] [ str more ] ]
        ]

/// The script keeps the figures up to date.
let tiles (workers: WorkerReport[]) (minute: TrafficMinute) : XmlNode =
    let active = workers |> Array.filter (fun worker -> worker.State = Active)
    let culture = (Texts.current ()).Culture
    let none = minute.Requests = 0

    dl
        [ _class "tiles"; _named "workers.tiles" ]
        [
            tile
                "tile-active"
                "workers.active"
                (Texts.number active.LongLength)
                (Texts.fill "workers.of" [ "count", Texts.number workers.LongLength ])
            tile "tile-rate" "workers.rate" ((float minute.Requests / 60.0).ToString("N1", culture)) ""
            tile
                "tile-slow"
                "workers.slow"
                (if none then
                     "–"
                 else
                     Texts.milliseconds (TimeSpan.FromMilliseconds minute.Slow))
                (if none then Texts.text "workers.norequests" else "")
            tile
                "tile-errors"
                "workers.errors"
                (if none then
                     "–"
                 else
                     Texts.percent 1 (float minute.Failures / float minute.Requests))
                (if none then
                     ""
                 else
                     Texts.fill
                         "workers.failedof"
                         [
                             "failed", Texts.number minute.Failures
                             "count", Texts.number minute.Requests
                         ])
        ]

/// Returns one of the two charts. The table is the accessible alternative.
let private strip id key =
    figure
        [ _id id; _class "strip" ]
        [
            figcaption [] [ span [ _class "title" ] [ Layout.text key ]; span [ _class "reading" ] [] ]
            div
                [ _class "plot"; _dir "ltr" ]
                [
                    span [ _class "axis-max"; _ariaHidden "true" ] []
                    tag
                        "svg"
                        [
                            attr "preserveAspectRatio" "none"
                            _ariaHidden "true"
                            attr "focusable" "false"
                        ]
                        []
                ]
            p
                [ _class "axis"; _dir "ltr"; _ariaHidden "true" ]
                [
                    span [] [ Layout.text "charts.first" ]
                    span [] [ str "10" ]
                    span [] [ str "5" ]
                    span [] [ Layout.text "charts.now" ]
                ]
        ]

let charts () : XmlNode =
    section
        [ _id "charts"; _hidden; _named "charts.title" ]
        [
            div [ _class "strips" ] [ strip "rates" "charts.requests"; strip "times" "charts.latency" ]
            details
                []
                [
                    HtmlElements.summary [] [ Layout.text "charts.table" ]
                    table
                        [ _class "minutes" ]
                        [
                            thead
                                []
                                [
                                    columns
                                        [
                                            "charts.minute"
                                            "charts.requests"
                                            "charts.failed"
                                            "charts.median"
                                            "charts.slow"
                                        ]
                                ]
                            tbody [] []
                        ]
                ]
        ]
