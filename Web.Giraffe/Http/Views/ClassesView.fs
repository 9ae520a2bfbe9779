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

let private number (count: int) =
    count.ToString("N0", CultureInfo.InvariantCulture)

let private search (query: string) =
    form
        [ _method "get"; attr "role" "search" ]
        [
            p
                []
                [
                    label [ _for "q" ] [ str "Find a class " ]
                    input [ _id "q"; _name "q"; _type "search"; _value query; _maxlength "256" ]
                    str " "
                    button [ _type "submit"; _class "quiet small" ] [ str "Find" ]
                ]
        ]

/// Returns the page. `labels`: the class names by index. `query`: the text that names must contain; empty for all.
let page assets (model: ModelDescription) (labels: string[]) (query: string) : XmlNode =
    let title = if model.Title = "" then model.Id else model.Title

    let found =
        labels
        |> Array.indexed
        |> Array.filter (fun (_, label) -> label.Contains(query, StringComparison.OrdinalIgnoreCase))
        |> Array.sortWith (fun (_, one) (_, other) ->
            String.Compare(one, other, CultureInfo.InvariantCulture, CompareOptions.IgnoreCase))

    Layout.page
        assets
        ""
        [ "common.js" ]
        $"What {title} can recognise"
        [
            section
                [ _class "narrow" ]
                [
                    h1 [] [ str "What the model knows" ]
                    p
                        []
                        [
                            str (
                                if model.Covers = "" then
                                    $"{title} has {number labels.Length} classes."
                                else
                                    $"{title}: {model.Covers}."
                            )
                        ]
                    search query
                    p
                        [ _class "fine"; attr "role" "status" ]
                        [
                            str (
                                match found.Length with
                                | 0 -> $"No class contains “{query}”."
                                | count when query = "" -> $"{number count} classes, by name."
                                | 1 -> "1 class."
                                | count -> $"{number count} classes."
                            )
                        ]
                    ul
                        [ _class "classes" ]
                        [
                            for index, label in found -> li [ attr "data-index" (string index) ] [ str label ]
                        ]
                ]
        ]
