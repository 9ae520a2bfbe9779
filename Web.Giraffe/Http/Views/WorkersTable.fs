/// The worker list as a table: on a narrow screen, a block for each worker.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.WorkersTable

open System
open Giraffe.ViewEngine
open Web.Giraffe

/// Returns `active`, `inactive`, `draining`, `drained` or `removing`, for people, JSON and CSS.
let stateName =
    function
    | Active -> "active"
    | Inactive _ -> "inactive"
    | Draining -> "draining"
    | WorkerState.Drained -> "drained"
    | Removing -> "removing"

let private later (now: DateTimeOffset) =
    function
    | Inactive retryAt when retryAt > now -> $"tried again in {int (ceil (retryAt - now).TotalSeconds)} s"
    | Inactive _ -> "tried with the next picture"
    | Draining
    | Removing -> "finishes what it has"
    | WorkerState.Drained -> "until it is resumed"
    | Active -> ""

let private hidden = attr "hidden" "hidden"

let private cell name look (content: XmlNode list) =
    td [ attr "data-name" name ] [ span [ _class look ] content ]

let private act action text address =
    let look = if action = "resume" then "drain" else action

    button
        [
            _type "submit"
            _name "action"
            _value action
            _class $"quiet small {look}"
            attr "aria-label" $"{text} {address}"
        ]
        [ str text ]

let private row now (models: string list) (worker: WorkerReport) =
    let address = string worker.Address

    let rests = worker.State = Draining || worker.State = WorkerState.Drained

    let median =
        match worker.Median with
        | Some median -> AnswerView.milliseconds median
        | None -> "–"

    tr
        [ _class (if worker.IsNext then "next" else ""); attr "data-worker" address ]
        [
            th
                [ attr "scope" "row" ]
                [
                    code [] [ str address ]
                    span (_class "turn" :: if worker.IsNext then [] else [ hidden ]) [ str "next" ]
                ]
            td
                [ attr "data-name" "State" ]
                [
                    span [ _class $"state {stateName worker.State}" ] [ str (stateName worker.State) ]
                    span [ _class "later" ] [ str (later now worker.State) ]
                ]
            cell "Models" "models" [ str (if models.IsEmpty then "–" else String.Join(", ", models)) ]
            cell "In flight" "flight" [ str (string worker.InFlight) ]
            cell "Median" "median" [ str median ]
            cell "Uses" "uses" [ str (string worker.Uses) ]
            cell "Failures" "failures" [ str (string worker.Failures) ]
            cell "Last error" "error" [ str (Option.defaultValue "–" worker.LastError) ]
            td
                [ _class "act" ]
                [
                    form
                        [ _class "change"; _method "post"; _action "/workers" ]
                        [
                            input [ _type "hidden"; _name "address"; _value address ]
                            act "probe" "Probe" address
                            (if rests then
                                 act "resume" "Resume" address
                             else
                                 act "drain" "Drain" address)
                            act "remove" "Remove" address
                        ]
                ]
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
                    Answered = None
                }
        ]

let column name = th [ attr "scope" "col" ] [ str name ]

/// `served` returns the models of a worker, as `id@version`.
let list now (served: WorkerAddress -> string list) (workers: WorkerReport[]) =
    let unless shown = if shown then [] else [ hidden ]

    [
        p
            (_class "none" :: unless (workers.Length = 0))
            [ str "No workers yet. Start one, then add its address above." ]
        div
            (_class "scroll" :: unless (workers.Length > 0))
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
                                        column "Models"
                                        column "In flight"
                                        column "Median"
                                        column "Uses"
                                        column "Failures"
                                        column "Last error"
                                        th [ attr "scope" "col" ] [ span [ _class "unseen" ] [ str "Actions" ] ]
                                    ]
                            ]
                        tbody [] [ for worker in workers -> row now (served worker.Address) worker ]
                    ]
            ]
    ]
