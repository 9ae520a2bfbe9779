/// The worker list as a table: on a narrow screen, a block for each worker.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.WorkersTable

open System
open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Web.Giraffe

/// Returns `active`, `inactive`, `draining`, `drained` or `removing`, for JSON, CSS and the texts.
let stateName =
    function
    | Active -> "active"
    | WorkerStatus.Ejected _ -> "inactive"
    | Draining -> "draining"
    | WorkerStatus.Drained -> "drained"
    | Removing -> "removing"

let private later (now: DateTimeOffset) =
    function
    | WorkerStatus.Ejected retryAt when retryAt > now ->
        Texts.fill "later.retry" [ "seconds", string (int (ceil (retryAt - now).TotalSeconds)) ]
    | WorkerStatus.Ejected _ -> Texts.text "later.next"
    | Draining
    | Removing -> Texts.text "later.finishing"
    | WorkerStatus.Drained -> Texts.text "later.paused"
    | Active -> ""

let private cell key look (content: XmlNode list) =
    td [ _dataName key ] [ span [ _class look ] content ]

let private act (action: string) =
    let look = if action = "resume" then "drain" else action

    button [ _type "submit"; _name "action"; _value action; _class look ] [ Layout.text $"workers.{action}" ]

/// The menu of a worker: a popover, which needs no script.
let private menu (address: string) isDrained =
    let id = $"menu-{address}"

    [
        button
            [
                _type "button"
                _class "more"
                attr "popovertarget" id
                _ariaLabel (Texts.fill "workers.actionsof" [ "address", address ])
            ]
            [ str "⋯" ]
        form
            [
                _id id
                attr "popover" "auto"
                _class "change menu"
                _method "post"
                _action "/workers"
            ]
            [
                input [ _type "hidden"; _name "address"; _value address ]
                act "probe"
                act (if isDrained then "resume" else "drain")
                act "remove"
            ]
    ]

let private row (now: DateTimeOffset) (models: string list) (worker: WorkerReport) =
    let address = string worker.Address

    let isDrained = worker.State = Draining || worker.State = WorkerStatus.Drained

    let median =
        match worker.Median with
        | Some median -> Texts.milliseconds median
        | None -> "–"

    let failed =
        match worker.LastErrorAt with
        | Some at -> Texts.ago (now - at)
        | None -> ""

    tr
        [ _class (if worker.IsNext then "next" else ""); attr "data-worker" address ]
        [
            th
                [ _scope "row" ]
                [
                    code [] [ str address ]
                    span
                        (_class "unseen turn" :: if worker.IsNext then [] else [ _hidden ])
                        [ Layout.text "workers.next" ]
                ]
            td
                [ _dataName "workers.state" ]
                [
                    span [ _class $"state {stateName worker.State}" ] [ Layout.text $"state.{stateName worker.State}" ]
                    span [ _class "later" ] [ str (later now worker.State) ]
                ]
            cell "workers.models" "models" [ str (if models.IsEmpty then "–" else String.Join(", ", models)) ]
            cell "workers.flight" "flight" [ str (Texts.number (int64 worker.InFlight)) ]
            cell "workers.median" "median" [ str median ]
            cell "workers.requests" "uses" [ str (Texts.number worker.Uses) ]
            td
                [ _dataName "workers.errors" ]
                [
                    span [ _class "failures" ] [ str (Texts.number worker.Failures) ]
                    span
                        [ _class "later" ]
                        [
                            span [ _class "error" ] [ str (Option.defaultValue "" worker.LastError) ]
                            str " "
                            span [ _class "since" ] [ str failed ]
                        ]
                ]
            td [ _class "act" ] (menu address isDrained)
        ]

/// An empty row for the script to copy and fill.
let blankRow now =
    tag
        "template"
        [ _id "worker" ]
        [
            row
                now
                []
                {
                    Address = { Host = ""; Port = 0; IsTls = false }
                    State = Active
                    IsNext = false
                    Uses = 0L
                    Failures = 0L
                    InFlight = 0
                    Median = None
                    LastError = None
                    LastErrorAt = None
                    Answered = None
                }
        ]

/// The filters of a long list; the script shows them.
let private searchBar () =
    div
        [ _id "filters"; _class "filters"; _hidden ]
        [
            label [ _for "search"; _class "unseen" ] [ Layout.text "workers.search" ]
            input
                [
                    _id "search"
                    _type "search"
                    _placeholder (Texts.text "workers.search")
                    _autocomplete "off"
                    _spellcheck "false"
                ]
            label [ _class "check" ] [ input [ _id "problems"; _type "checkbox" ]; Layout.text "workers.problems" ]
            span [ _id "shown"; _class "fine"; _roleStatus ] []
        ]

/// `served` returns the models of a worker, as `id@version`.
let list now (served: WorkerAddress -> string list) (workers: WorkerReport[]) =
    let unless shown = if shown then [] else [ _hidden ]

    [
        p (_class "none" :: unless (workers.Length = 0)) [ Layout.text "workers.none" ]
        searchBar ()
        div
            (_class "scroll" :: unless (workers.Length > 0))
            [
                table
                    [ _class "workers" ]
                    [
                        caption [ _class "unseen" ] [ Layout.text "workers.caption" ]
                        thead
                            []
                            [
                                tr
                                    []
                                    [
                                        column "workers.worker"
                                        column "workers.state"
                                        column "workers.models"
                                        column "workers.flight"
                                        column "workers.median"
                                        column "workers.requests"
                                        column "workers.errors"
                                        th
                                            [ _scope "col" ]
                                            [ span [ _class "unseen" ] [ Layout.text "workers.actions" ] ]
                                    ]
                            ]
                        tbody [] [ for worker in workers -> row now (served worker.Address) worker ]
                    ]
                p [ _id "no-match"; _class "none"; _hidden ] [ Layout.text "workers.nomatch" ]
            ]
    ]
