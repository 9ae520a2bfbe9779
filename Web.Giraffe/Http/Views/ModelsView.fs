/// The choice of a model on the upload page, and the table of models on the admin page.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.ModelsView

open System
open System.Text.Json
open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Protocol.Core
open Web.Giraffe

/// The models that pages offer.
type Offer =
    {
        /// Those in service.
        Ready: ClusterModel list
        Default: string
    }

let offer (directory: ModelDirectory) : Offer =
    {
        Ready = directory.Models |> List.filter (fun model -> not model.Workers.IsEmpty)
        Default = directory.Default
    }

/// The name to display.
let title (model: ClusterModel) =
    if model.Description.Title = "" then
        model.Description.Id
    else
        model.Description.Title

/// Returns the display name of the model that answered, with its version where that is known.
let nameOf (offer: Offer) (id: string) (version: string) =
    let name =
        offer.Ready
        |> List.tryFind (fun model -> model.Description.Id = id)
        |> Option.map title
        |> Option.defaultValue id

    if version = "" then
        name
    else
        Texts.fill "models.version" [ "model", name; "version", version ]

/// Returns what a model can name, in the language of the page where it is said in the words of this project's manifests.
let covers (model: ModelDescription) =
    if model.Covers = Texts.languages.Head.Texts["models.covers"] then
        Texts.text "models.covers"
    else
        model.Covers

/// Returns the number of classes that a model distinguishes, as text for users.
let knows (model: ClusterModel) =
    if model.Description.Covers <> "" then
        covers model.Description
    else
        Texts.fill "models.knows" [ "classes", Texts.number (int64 model.Description.Classes) ]

/// The data of each model for the script: its name, the number of its classes, and the part of a picture that is its
/// input.
let forScript (offer: Offer) =
    JsonSerializer.Serialize(
        dict
            [
                for model in offer.Ready ->
                    let described = model.Description

                    described.Id,
                    {|
                        title = title model
                        knows = knows model
                        classes = described.Classes
                        width = described.Width
                        height = described.Height
                        resize =
                            match described.Resize with
                            | InputResize.Unknown -> ""
                            | InputResize.ShorterSide _ -> "shorter-side"
                            | InputResize.Stretch -> "stretch"
                            | InputResize.Fit -> "fit"
                        side =
                            match described.Resize with
                            | InputResize.ShorterSide side -> side
                            | _ -> 0
                    |}
            ]
    )

let private choice (id: string) (text: string) isChosen =
    option
        [
            _value id
            if isChosen then
                _selected
        ]
        [ str text ]

let private list (offer: Offer) (look: string) (key: string) (fieldId: string) attributes first (chosen: string) =
    match offer.Ready with
    | []
    | [ _ ] -> []
    | models ->
        [
            p
                [ _class $"model-choice {look}" ]
                [
                    label [ _for fieldId ] [ Layout.text key ]
                    HtmlElements.select
                        (_id fieldId :: attributes)
                        [
                            yield! first

                            for model in models do
                                let id = model.Description.Id
                                choice id (title model) (id = chosen)
                        ]
                ]
        ]

/// Returns a labelled list of the models; none unless there are at least two. `chosen` is preselected.
let select (offer: Offer) (fieldId: string) (look: string) (chosen: string) : XmlNode list =
    list offer look "models.choose" fieldId [ _name "model"; attr "data-default" offer.Default ] [] chosen

/// Returns the list of models to compare with, for the script.
let comparison (offer: Offer) : XmlNode list =
    let none = choice "" (Texts.text "models.nocompare") true
    list offer "scripted" "models.compare" "compare" [] [ none ] ""

/// Returns the footer's text about the models in service.
let summary (directory: ModelDirectory) =
    match (offer directory).Ready with
    | [] -> ""
    | [ model ] ->
        Texts.fill
            "models.one"
            [
                "model", title model
                "classes", Texts.number (int64 model.Description.Classes)
            ]
    | models ->
        Texts.fill
            "models.several"
            [
                "count", Texts.number (int64 models.Length)
                "models", String.Join("; ", List.map title models)
            ]

let private state (model: ClusterModel) =
    match model.Description.State with
    | _ when not model.Workers.IsEmpty -> "ready"
    | ModelState.Loading -> "loading"
    | _ -> "failed"

let private row (fallback: string) (model: ClusterModel) =
    let id = model.Description.Id

    tr
        []
        [
            th
                [ _scope "row" ]
                [
                    code [] [ str id ]
                    if id = fallback then
                        span [ _class "turn" ] [ Layout.text "models.default" ]
                ]
            td [ _dataName "models.name" ] [ span [] [ str model.Description.Title ] ]
            td
                [ _dataName "models.versions" ]
                [
                    span
                        []
                        [
                            str (
                                if model.Versions.IsEmpty then
                                    "–"
                                else
                                    String.Join(", ", model.Versions)
                            )
                        ]
                ]
            td [ _dataName "models.workers" ] [ span [] [ str (string model.Workers.Length) ] ]
            td
                [ _dataName "models.state" ]
                [
                    span [] [ Layout.text $"models.{state model}" ]
                    span [ _class "later" ] [ str (String.Join("; ", model.Errors)) ]
                ]
        ]

/// The table of models; hidden while no worker describes any.
let table (directory: ModelDirectory) : XmlNode =
    let models = directory.Models

    section
        [
            _id "models"
            _ariaLabelledBy "models-title"
            if models.IsEmpty then
                _hidden
        ]
        [
            h2 [ _id "models-title" ] [ Layout.text "models.title" ]
            div
                [ _class "scroll" ]
                [
                    HtmlElements.table
                        [ _class "listed" ]
                        [
                            thead
                                []
                                [
                                    columns
                                        [
                                            "models.model"
                                            "models.name"
                                            "models.versions"
                                            "models.workers"
                                            "models.state"
                                        ]
                                ]
                            tbody [] (List.map (row directory.Default) models)
                        ]
                ]
        ]
