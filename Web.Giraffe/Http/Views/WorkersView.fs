/// The admin page, and the response pages of the admin URLs.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.WorkersView

open Giraffe.ViewEngine
open Web.Giraffe

let private hidden = attr "hidden" "hidden"

let private addForm =
    form
        [ _class "add"; _method "post"; _action "/workers" ]
        [
            input [ _type "hidden"; _name "action"; _value "add" ]
            label [ _for "address" ] [ str "Add a worker" ]
            input
                [
                    _id "address"
                    _name "address"
                    _type "text"
                    _placeholder "HOST:PORT"
                    attr "autocomplete" "off"
                    attr "autocapitalize" "none"
                    attr "spellcheck" "false"
                ]
            button [ _type "submit" ] [ str "Add" ]
        ]

/// Returns one of the two charts. The table is the accessible alternative.
let private strip id name =
    figure
        [ _id id; _class "strip" ]
        [
            figcaption [] [ span [ _class "title" ] [ str name ]; span [ _class "reading" ] [] ]
            div
                [ _class "plot" ]
                [
                    span [ _class "most"; attr "aria-hidden" "true" ] []
                    tag
                        "svg"
                        [
                            attr "preserveAspectRatio" "none"
                            attr "aria-hidden" "true"
                            attr "focusable" "false"
                        ]
                        []
                ]
            p
                [ _class "axis"; attr "aria-hidden" "true" ]
                [
                    for minutes in [ "15 min ago"; "10"; "5"; "now" ] do
                        span [] [ str minutes ]
                ]
        ]

let private charts =
    section
        [ _id "charts"; hidden; attr "aria-label" "The last fifteen minutes" ]
        [
            div [ _class "strips" ] [ strip "rates" "Requests"; strip "times" "Latency" ]
            details
                []
                [
                    HtmlElements.summary [] [ str "The same as a table, minute by minute" ]
                    table
                        [ _class "minutes" ]
                        [
                            thead
                                []
                                [
                                    tr
                                        []
                                        [
                                            WorkersTable.column "Minute"
                                            WorkersTable.column "Requests"
                                            WorkersTable.column "Failed"
                                            WorkersTable.column "Median"
                                            WorkersTable.column "Slowest twentieth"
                                        ]
                                ]
                            tbody [] []
                        ]
                ]
        ]

let private summary (workers: WorkerReport[]) =
    let active = workers |> Array.filter (fun worker -> worker.State = Active)

    if workers.Length = 0 then
        "No workers."
    else
        $"{active.Length} of {workers.Length} workers active."

let page assets now (models: ModelDirectory) (workers: WorkerReport[]) (notice: XmlNode option) : XmlNode =
    Layout.page
        assets
        "/workers"
        [ "workers.css"; "workers.js"; "common.js"; "chart.js"; "words.js" ]
        "Workers · Recognition"
        [
            section
                [ _class "wide" ]
                [
                    h1 [] [ str "Workers" ]
                    p
                        [ _class "lead" ]
                        [
                            span [ _id "summary" ] [ str (summary workers) ]
                            str " "
                            span [ _id "link"; _class "scripted"; attr "data-state" "lost" ] []
                        ]
                    div [ _id "notice"; _class "notice"; hidden ] [ strong [] []; p [] [] ]
                    yield! Option.toList notice
                    addForm
                    ModelsView.table models
                    h2 [ _class "unseen" ] [ str "Worker list" ]
                    yield! WorkersTable.list now models.Served workers
                    charts
                    WorkersTable.blankRow now
                ]
        ]

/// Describes the result of a change to the list.
let said (change: ListChange) (address: WorkerAddress) =
    match change with
    | Added -> Layout.Good, "Worker added", $"{address} now receives requests."
    | AlreadyThere -> Layout.Bad, "Already there", $"{address} is in the list already. Nothing was changed."
    | Removed -> Layout.Good, "Worker removed", $"{address} receives no more requests."
    | NotThere -> Layout.Bad, "Not there", $"{address} is not in the list. Nothing was changed."
    | DrainStarted ->
        Layout.Good,
        "Worker drained",
        $"{address} finishes what it has, and receives no more requests until you resume it."
    | AlreadyDrained -> Layout.Bad, "Already drained", $"{address} is drained already. Nothing was changed."
    | Resumed -> Layout.Good, "Worker resumed", $"{address} receives requests again."
    | NotDrained -> Layout.Bad, "Not drained", $"{address} was not drained. Nothing was changed."
    | NotAllowed reason -> Layout.Bad, "Not allowed", $"{address} was not added: {reason}."

/// Describes the result of probing a worker.
let probed (probed: Probed) (address: WorkerAddress) =
    match probed with
    | Answers elapsed -> Layout.Good, "Worker answers", $"{address} answered in {AnswerView.milliseconds elapsed}."
    | Fails error -> Layout.Bad, "No answer", $"{address} gave no answer: {error}."
    | NotNow -> Layout.Bad, "Not now", $"{address} is being probed already, or is leaving. Try again in a moment."
    | NoSuchWorker -> said NotThere address

let changed assets change address : XmlNode =
    let tone, heading, text = said change address

    Layout.message
        assets
        "Workers"
        tone
        heading
        text
        [ p [ _class "ways" ] [ a [ _href "/workers" ] [ str "All workers" ] ] ]

/// Returns a confirmation page. `action` is `add` or `remove`; `token` confirms the change.
let confirmation assets (action: string) (address: WorkerAddress) (token: string) : XmlNode =
    let verb, heading =
        if action = "add" then
            "Add", "Add this worker?"
        else
            "Remove", "Remove this worker?"

    let hiddenField name value =
        input [ _type "hidden"; _name name; _value value ]

    Layout.message
        assets
        "Workers"
        Layout.Bad
        heading
        $"{address}. Your browser did not show whether you typed this address or another page opened it. Confirm it if you did; nothing was changed so far."
        [
            form
                [ _class "ways"; _method "post"; _action "/workers" ]
                [
                    hiddenField "action" action
                    hiddenField "address" (string address)
                    hiddenField "confirmation" token
                    button [ _type "submit" ] [ str $"{verb} {address}" ]
                    a [ _href "/workers" ] [ str "Cancel" ]
                ]
        ]
