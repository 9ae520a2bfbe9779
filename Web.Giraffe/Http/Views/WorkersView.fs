/// The admin page, and the response pages of the admin URLs.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.WorkersView

open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Web.Giraffe

let private hiddenField name value =
    input [ _type "hidden"; _name name; _value value ]

let private addForm () =
    form
        [ _class "add"; _method "post"; _action "/workers" ]
        [
            hiddenField "action" "add"
            label [ _for "address" ] [ Layout.text "workers.add" ]
            input
                [
                    _id "address"
                    _name "address"
                    _type "text"
                    _placeholder "HOST:PORT"
                    _dir "ltr"
                    _required
                    _autocomplete "off"
                    attr "autocapitalize" "none"
                    _spellcheck "false"
                ]
            button [ _type "submit" ] [ Layout.text "workers.submit" ]
        ]

let private summary (workers: WorkerReport[]) =
    let active = workers |> Array.filter (fun worker -> worker.State = Active)

    Texts.fill
        "workers.summary"
        [
            "active", Texts.number active.LongLength
            "count", Texts.number workers.LongLength
        ]

/// The message of the script, at the lower edge of the window, so that nothing moves. `Undo` takes back a removal.
let private toast () =
    div
        [ _id "notice"; _class "notice toast"; _hidden ]
        [
            div [] [ strong [] []; p [] [] ]
            button [ _type "button"; _class "quiet small undo"; _hidden ] [ Layout.text "workers.undo" ]
            button [ _type "button"; _class "quiet small dismiss"; _named "workers.dismiss" ] [ str "×" ]
        ]

let private removal () =
    tag
        "dialog"
        [ _id "removal"; _ariaLabelledBy "removal-title" ]
        [
            form
                [ _method "dialog" ]
                [
                    h2 [ _id "removal-title" ] []
                    p [] [ Layout.text "workers.removaldetail" ]
                    div
                        [ _class "ways" ]
                        [
                            button [ _value "remove" ] [ Layout.text "workers.remove" ]
                            button [ _value ""; _class "quiet" ] [ Layout.text "workers.cancel" ]
                        ]
                ]
        ]

let page assets now (models: ModelDirectory) (minute: TrafficMinute) (workers: WorkerReport[]) notice : XmlNode =
    Layout.page
        assets
        "/workers"
        [
            "workers/workers.css"
            "workers/workers.js"
            "common.js"
            "workers/chart.js"
            "workers/rows.js"
            "workers/tiles.js"
            "problems.js"
        ]
        (Layout.titled "workers.title")
        [
            section
                []
                [
                    h1 [] [ Layout.text "workers.title" ]
                    p
                        [ _class "lead" ]
                        [
                            span [ _id "summary" ] [ str (summary workers) ]
                            str " "
                            span [ _id "link"; _class "scripted"; attr "data-state" "lost" ] []
                        ]
                    toast ()
                    yield! notice
                    WorkersCharts.tiles workers minute
                    addForm ()
                    h2 [ _class "unseen" ] [ Layout.text "workers.list" ]
                    yield! WorkersTable.list now models.Served workers
                    WorkersCharts.charts ()
                    ModelsView.table models
                    removal ()
                    WorkersTable.blankRow now
                ]
        ]

/// Describes the result of a change to the list.
let said (change: ListChange) (address: WorkerAddress) =
    let values = [ "address", string address ]

    let values =
        match change with
        | NotAllowed reason -> ("reason", reason) :: values
        | _ -> values

    let key = $"change.{ListChange.key change}"
    let tone = if ListChange.isDone change then Layout.Good else Layout.Bad
    tone, Texts.text $"{key}.title", Texts.fill $"{key}.detail" values

/// Describes the result of probing a worker.
let probed (probed: Probed) (address: WorkerAddress) =
    let address' = "address", string address

    match probed with
    | Answers elapsed ->
        Layout.Good,
        Texts.text "probe.answers.title",
        Texts.fill "probe.answers.detail" [ address'; "time", Texts.milliseconds elapsed ]
    | Fails error ->
        Layout.Bad, Texts.text "probe.fails.title", Texts.fill "probe.fails.detail" [ address'; "error", error ]
    | NotNow -> Layout.Bad, Texts.text "probe.not-now.title", Texts.fill "probe.not-now.detail" [ address' ]
    | NoSuchWorker -> said NotThere address

/// Describes a new worker, which was probed.
let addedAndProbed (result: Probed) (address: WorkerAddress) =
    match result with
    | Fails error ->
        Layout.Bad,
        Texts.text "workers.dead.title",
        Texts.fill "workers.dead.detail" [ "address", string address; "error", error ]
    | _ -> said Added address

/// Returns a message; of a removal, with a way back.
let notice (tone, heading, text) (removed: WorkerAddress option) : XmlNode list =
    [
        Layout.notice tone heading text
        match removed with
        | None -> ()
        | Some address ->
            form
                [ _method "post"; _action "/workers" ]
                [
                    hiddenField "action" "add"
                    hiddenField "address" (string address)
                    button [ _type "submit"; _class "quiet small" ] [ Layout.text "workers.undo" ]
                ]
    ]

let changed assets change address : XmlNode =
    let tone, heading, text = said change address

    Layout.message
        assets
        (Texts.text "workers.title")
        tone
        heading
        text
        [ p [ _class "ways" ] [ a [ _href "/workers" ] [ Layout.text "workers.all" ] ] ]

/// Returns a confirmation page. `action` is `add` or `remove`; `token` confirms the change.
let confirmation assets (action: string) (address: WorkerAddress) (token: string) : XmlNode =
    Layout.message
        assets
        (Texts.text "workers.title")
        Layout.Bad
        (Texts.text $"confirm.{action}.title")
        (Texts.fill "confirm.detail" [ "address", string address ])
        [
            form
                [ _class "ways"; _method "post"; _action "/workers" ]
                [
                    hiddenField "action" action
                    hiddenField "address" (string address)
                    hiddenField "confirmation" token
                    button [ _type "submit" ] [ Layout.text $"confirm.{action}"; str $" {address}" ]
                    a [ _href "/workers" ] [ Layout.text "workers.cancel" ]
                ]
        ]
