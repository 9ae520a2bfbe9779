/// The page with the names of a model's classes, and a search in them. It needs no script.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.ClassesView

open System
open System.Globalization
open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Protocol.Core
open Web.Giraffe

/// The address of the page.
let address (id: string) = $"/models/{id}/classes"

let private search (query: string) =
    form
        [ _class "add"; _method "get"; _roleSearch ]
        [
            label [ _for "q" ] [ Layout.text "classes.search" ]
            input [ _id "q"; _name "q"; _type "search"; _value query; _maxlength "256" ]
            button [ _type "submit" ] [ Layout.text "classes.find" ]
        ]

/// Returns how well a name matches: 0 if it begins with the query, 1 if one of its words does, 2 if it contains the
/// query; None if it doesn't.
let private rank (query: string) (name: string) =
    let at = name.IndexOf(query, StringComparison.OrdinalIgnoreCase)

    if at < 0 then None
    elif at = 0 then Some 0
    elif " (-".Contains name[at - 1] then Some 1
    else Some 2

/// Returns the page. `labels`: the class names by index. `synonyms`: further names of each class, or empty. `query`: the
/// text that one of a class's names must contain; empty for all.
let page assets (model: ModelDescription) (labels: string[]) (synonyms: string[][]) (query: string) : XmlNode =
    let title = if model.Title = "" then model.Id else model.Title

    /// The class by its label or, ranked behind those, by a further name, which is then shown.
    let find (index: int) (label: string) =
        match rank query label with
        | Some rank -> Some(index, label, None, rank)
        | None ->
            Array.tryItem index synonyms
            |> Option.defaultValue [||]
            |> Array.choose (fun name -> rank query name |> Option.map (fun rank -> index, label, Some name, 3 + rank))
            |> Array.sortBy (fun (_, _, _, rank) -> rank)
            |> Array.tryHead

    let found =
        labels
        |> Array.mapi find
        |> Array.choose id
        |> Array.sortWith (fun (_, one, _, rank) (_, other, _, otherRank) ->
            match compare rank otherRank with
            | 0 -> String.Compare(one, other, CultureInfo.InvariantCulture, CompareOptions.IgnoreCase)
            | order -> order)

    let here =
        match query with
        | "" -> address model.Id
        | query -> $"{address model.Id}?q={Uri.EscapeDataString query}"

    Layout.page
        assets
        here
        [ "workers/workers.css"; "common.js" ]
        (Layout.titled "classes.title")
        [
            section
                [ _class "narrow" ]
                [
                    h1 [] [ Layout.text "classes.title" ]
                    p
                        [ _class "lead" ]
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
                        [ _class "fine"; _roleStatus ]
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
                            for index, label, synonym, _ in found do
                                li
                                    [ attr "data-index" (string index) ]
                                    [
                                        str label
                                        match synonym with
                                        | Some name -> span [ _class "fine" ] [ str $" · {name}" ]
                                        | None -> ()
                                    ]
                        ]
                ]
        ]
