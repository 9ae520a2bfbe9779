/// The admin page, and the pages that the admin URLs answer with.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.WorkersView

open System
open Giraffe.ViewEngine
open Web.Giraffe

/// `active`, `inactive`, `draining`, `drained`, `removing`: for people, for JSON, and for the style.
let stateName =
    function
    | Active -> "active"
    | Inactive _ -> "inactive"
    | Draining -> "draining"
    | Drained -> "drained"
    | Removing -> "removing"

let private state (now: DateTimeOffset) (worker: WorkerReport) =
    let further =
        match worker.State with
        | Inactive retryAt when retryAt > now ->
            [
                span [ _class "later" ] [ str $"tried again in {int (ceil (retryAt - now).TotalSeconds)} s" ]
            ]
        | Inactive _ -> [ span [ _class "later" ] [ str "tried again with the next picture" ] ]
        | Active
        | Draining
        | Drained
        | Removing -> []

    span [ _class $"state {stateName worker.State}" ] [ str (stateName worker.State) ]
    :: further

let private cell name (content: XmlNode list) = td [ attr "data-name" name ] content

let private row now (worker: WorkerReport) =
    let address = string worker.Address

    tr
        []
        [
            th [ attr "scope" "row" ] [ code [] [ str address ] ]
            cell "State" (state now worker)
            cell "Uses" [ str (string worker.Uses) ]
            cell "Failures" [ str (string worker.Failures) ]
            cell "In flight" [ str (string worker.InFlight) ]
            cell "Last error" [ str (Option.defaultValue "–" worker.LastError) ]
            td
                [ _class "act" ]
                [
                    form
                        [ _method "post"; _action "/workers" ]
                        [
                            input [ _type "hidden"; _name "action"; _value "remove" ]
                            input [ _type "hidden"; _name "address"; _value address ]
                            button
                                [ _type "submit"; _class "quiet"; attr "aria-label" $"Remove {address}" ]
                                [ str "Remove" ]
                        ]
                ]
        ]

let private listOf now (workers: WorkerReport[]) =
    if workers.Length = 0 then
        p [ _class "none" ] [ str "No workers yet. Start one, then add its address above." ]
    else
        let column name = th [ attr "scope" "col" ] [ str name ]

        div
            [ _class "scroll" ]
            [
                table
                    [ _class "workers" ]
                    [
                        caption [ _class "unseen" ] [ str "The workers, in the order of their turns" ]
                        thead
                            []
                            [
                                tr
                                    []
                                    [
                                        column "Worker"
                                        column "State"
                                        column "Uses"
                                        column "Failures"
                                        column "In flight"
                                        column "Last error"
                                        th [ attr "scope" "col" ] [ span [ _class "unseen" ] [ str "Remove" ] ]
                                    ]
                            ]
                        tbody [] (workers |> Array.map (row now) |> List.ofArray)
                    ]
            ]

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
                    _placeholder "HOST:PORT or tls://HOST:PORT"
                    attr "autocomplete" "off"
                    attr "autocapitalize" "none"
                    attr "spellcheck" "false"
                ]
            button [ _type "submit" ] [ str "Add" ]
        ]

let private summary (workers: WorkerReport[]) =
    let active = workers |> Array.filter (fun worker -> worker.State = Active)
    $"{active.Length} of {workers.Length} active. They take turns in this order."

let page assets now (workers: WorkerReport[]) (notice: XmlNode option) : XmlNode =
    Layout.page
        assets
        "/workers"
        "Workers · Recognition"
        [
            section
                [ _class "wide" ]
                ([ h1 [] [ str "Workers" ]; p [ _class "lead" ] [ str (summary workers) ] ]
                 @ Option.toList notice
                 @ [ addForm; listOf now workers ])
        ]

/// What a change of the list came to, in words.
let said (change: ListChange) (address: WorkerAddress) =
    match change with
    | Added -> Layout.Good, "Worker added", $"{address} takes its turn from now on."
    | AlreadyThere -> Layout.Bad, "Already there", $"{address} is in the list already. Nothing was changed."
    | Removed -> Layout.Good, "Worker removed", $"{address} gets no more pictures."
    | NotThere -> Layout.Bad, "Not there", $"{address} is not in the list. Nothing was changed."
    | Rested ->
        Layout.Good, "Worker drained", $"{address} finishes what it has, and gets no more pictures until you resume it."
    | AlreadyResting -> Layout.Bad, "Already drained", $"{address} gets no pictures already. Nothing was changed."
    | Resumed -> Layout.Good, "Worker resumed", $"{address} takes its turn again."
    | NotResting -> Layout.Bad, "Not drained", $"{address} was not drained. Nothing was changed."
    | NotAllowed reason -> Layout.Bad, "Not allowed", $"{address} was not added: {reason}."

/// What probing a worker came to, in words.
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
