/// The page with the names of a model's classes, and a search in them. It needs no script.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.ClassesView

open System
open System.Globalization
open Giraffe.ViewEngine
open Protocol.Core
open Web.Giraffe

/// The address of the page.
let address (id: string) = $"/models/{id}/classes"

let private search (query: string) =
    form
        [ _method "get"; attr "role" "search" ]
        [
            p
                []
                [
                    label [ _for "q" ] [ Layout.text "classes.search"; str " " ]
                    input [ _id "q"; _name "q"; _type "search"; _value query; _maxlength "256" ]
                    str " "
                    button [ _type "submit"; _class "quiet small" ] [ Layout.text "classes.find" ]
                ]
        ]

/// Returns the page. `labels`: the class names by index. `synonyms`: further names of each class, or empty. `query`: the
/// text that one of a class's names must contain; empty for all.
let page assets (model: ModelDescription) (labels: string[]) (synonyms: string[][]) (query: string) : XmlNode =
    let title = if model.Title = "" then model.Id else model.Title

    let contains (name: string) =
        name.Contains(query, StringComparison.OrdinalIgnoreCase)

    /// The further name by which the query finds the class.
    let synonym (index: int, label: string) =
        if contains label then
            None
        else
            Array.tryItem index synonyms |> Option.bind (Array.tryFind contains)

    let found =
        labels
        |> Array.indexed
        |> Array.filter (fun one -> contains (snd one) || (synonym one).IsSome)
        |> Array.sortWith (fun (_, one) (_, other) ->
            String.Compare(one, other, CultureInfo.InvariantCulture, CompareOptions.IgnoreCase))

    Layout.page
        assets
        ""
        [ "common.js" ]
        (Layout.titled "classes.title")
        [
            section
                [ _class "narrow" ]
                [
                    h1 [] [ Layout.text "classes.title" ]
                    p
                        []
                        [
                            str (
                                if model.Covers = "" then
                                    Texts.fill
                                        "models.one"
                                        [ "model", title; "classes", Texts.number (int64 labels.Length) ]
                                else
                                    $"{title}: {ModelsView.covers model}."
                            )
                        ]
                    search query
                    p
                        [ _class "fine"; attr "role" "status" ]
                        [
                            str (
                                if found.Length = 0 then
                                    Texts.fill "classes.none" [ "query", query ]
                                else
                                    Texts.count "classes.found" (int64 found.Length) []
                            )
                        ]
                    ul
                        [ _class "classes" ]
                        [
                            for index, label in found do
                                li
                                    [ attr "data-index" (string index) ]
                                    [
                                        str label
                                        match synonym (index, label) with
                                        | Some name -> span [ _class "fine" ] [ str $" · {name}" ]
                                        | None -> ()
                                    ]
                        ]
                ]
        ]
