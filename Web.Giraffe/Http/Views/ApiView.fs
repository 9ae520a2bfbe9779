/// The API's reference, made from its OpenAPI document. The document's own texts are English.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.ApiView

open System.Collections.Generic
open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Microsoft.OpenApi
open Web.Giraffe

let private badge (call: ApiCall) =
    span [ _class "method" ] [ str call.Method ]

let private english content = div inEnglish content

let private access (call: ApiCall) =
    let schemes =
        [
            for requirement in SchemaView.many call.Operation.Security do
                for scheme in requirement.Keys do
                    string scheme.Reference.Id
        ]

    if List.contains "token" schemes then
        [ p [ _class "access" ] [ Layout.text "api.administrators" ] ]
    elif List.contains "key" schemes then
        [ p [ _class "access" ] [ Layout.text "api.keys" ] ]
    else
        []

let private parameters (call: ApiCall) =
    match SchemaView.many call.Operation.Parameters with
    | [] -> []
    | parameters ->
        [
            h4 [] [ Layout.text "api.parameters" ]
            dl
                (_class "entries" :: inEnglish)
                [
                    for parameter in parameters do
                        let place = parameter.In.GetValueOrDefault().ToString().ToLowerInvariant()

                        yield!
                            SchemaView.entry
                                (string parameter.Name)
                                (SchemaView.kind parameter.Schema @ [ str $" · {place}" ])
                                parameter.Required
                                parameter.Description
                ]
        ]

let private content (media: KeyValuePair<string, OpenApiMediaType> list) =
    [
        // Types of pictures share one line.
        for types, group in
            media
            |> List.groupBy (fun pair -> RenderView.AsString.htmlNodes (SchemaView.kind pair.Value.Schema)) do
            let names = group |> List.map (fun pair -> code [] [ str pair.Key ])

            let names =
                names |> List.reduce (fun left right -> span [] [ left; str ", "; right ])

            p
                [ _class "media" ]
                [
                    names
                    str " "
                    span [ _class "type" ] (SchemaView.kind group.Head.Value.Schema)
                ]

            for pair in group do
                for example in SchemaView.many pair.Value.Examples do
                    match example.Value.Value with
                    | null -> ()
                    | value ->
                        p [ _class "fine" ] [ str example.Key ]
                        pre [] [ code [] [ str (SchemaView.json value) ] ]
    ]

let private body (call: ApiCall) =
    match call.Operation.RequestBody with
    | null -> []
    | body ->
        [
            h4 [] [ Layout.text "api.body" ]
            english (content (SchemaView.many body.Content))
        ]

let private replies (call: ApiCall) =
    [
        h4 [] [ Layout.text "api.responses" ]
        for pair in SchemaView.many call.Operation.Responses do
            details
                [ _class "reply" ]
                [
                    summary
                        []
                        [
                            span
                                [ _class (if pair.Key.StartsWith '2' then "status fair" else "status") ]
                                [ str pair.Key ]
                            str " "
                            span inEnglish (SchemaView.prose pair.Value.Description)
                        ]
                    english (content (SchemaView.many pair.Value.Content))
                ]
    ]

let private article (origin: string) (call: ApiCall) =
    let command = ApiCall.curl origin call

    article
        [ _class "call"; _ariaLabelledBy call.Id ]
        [
            h3 [ _id call.Id ] [ span inEnglish [ str (string call.Operation.Summary) ] ]
            p [ _class "address"; _dir "ltr" ] [ badge call; str " "; code [] [ str call.Path ] ]
            english [ p [] (SchemaView.prose call.Operation.Description) ]
            yield! access call
            div
                [ _class "command" ]
                [
                    pre [ _dir "ltr" ] [ code [] [ str command ] ]
                    p
                        [ _class "tools" ]
                        [
                            button [ _type "button"; _class "quiet small copy scripted" ] [ Layout.text "api.copy" ]
                            if call.Method = "GET" && not (call.Path.Contains '{') then
                                a [ _href call.Path ] [ Layout.text "api.open" ]
                        ]
                ]
            yield! parameters call
            yield! body call
            yield! replies call
        ]

/// Returns the page. `origin` is the address of this web node, as the user reached it.
let page assets (origin: string) (document: OpenApiDocument) : XmlNode =
    let calls = ApiCall.ofDocument document

    let described =
        dict
            [
                for tag in SchemaView.many document.Tags do
                    string tag.Name, string tag.Description
            ]

    let order = List.ofSeq described.Keys

    // In the order of the document's tags; a tag that it does not describe comes last.
    let tags =
        calls
        |> List.groupBy ApiCall.tag
        |> List.sortBy (fun (tag, _) -> List.tryFindIndex ((=) tag) order |> Option.defaultValue System.Int32.MaxValue)
        |> List.map (fun (tag, calls) ->
            let heading =
                match described.TryGetValue tag with
                | true, description -> description
                | _ -> tag

            tag, heading, calls)

    Layout.page
        assets
        "/docs"
        [ "docs.css"; "docs.js"; "common.js"; "share.js" ]
        (Layout.titled "api.title")
        [
            h1 [] [ Layout.text "api.title" ]
            p
                [ _class "lead" ]
                [
                    Layout.text "api.lead"
                    str " "
                    a [ _href "/openapi/v1.json" ] [ Layout.text "api.document" ]
                ]
            div
                [ _class "reference" ]
                [
                    nav
                        [ _class "contents"; _named "api.contents" ]
                        [
                            for name, _, calls in tags do
                                p [ _class "eyebrow"; _lang "en" ] [ a [ _href $"#tag-{name}" ] [ str name ] ]

                                ul
                                    []
                                    [
                                        for call in calls ->
                                            li
                                                []
                                                [
                                                    a
                                                        (_href $"#{call.Id}" :: inEnglish)
                                                        [
                                                            badge call
                                                            str " "
                                                            span [] [ str (string call.Operation.Summary) ]
                                                        ]
                                                ]
                                    ]
                            p [ _class "eyebrow" ] [ a [ _href "#types" ] [ Layout.text "api.types" ] ]
                        ]
                    div
                        [ _class "calls" ]
                        [
                            for name, description, calls in tags do
                                section
                                    [ _ariaLabelledBy $"tag-{name}" ]
                                    [
                                        h2 (_id $"tag-{name}" :: inEnglish) [ str description ]
                                        yield! List.map (article origin) calls
                                    ]
                            SchemaView.components document
                        ]
                ]
        ]
