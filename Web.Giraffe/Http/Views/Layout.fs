/// The common parts of every page: the head, the header, the footer, and the notices. Text goes through `str` or an
/// attribute's value, which the view engine escapes. Never use `rawText` for external input.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.Layout

open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Web.Giraffe

/// The address of the page's own files, in the language of the request; it changes with their content.
type Assets =
    {
        /// The result of `StaticFiles.root`.
        Root: string
        /// Returns the footer's text about the models in service.
        Models: unit -> string
    }

    member assets.Of(name: string) =
        $"{StaticFiles.ofLanguage assets.Root (Texts.current ())}/{name}"

let text (key: string) : XmlNode = str (Texts.text key)

/// Returns a page's title in the browser's tab.
let titled (key: string) : string =
    Texts.fill "layout.titled" [ "title", Texts.text key ]

/// The logo: a viewfinder around a point, like the frame around every picture.
let private mark =
    drawing
        "mark"
        32
        [
            tag
                "path"
                [
                    attr
                        "d"
                        "M4 11V7a3 3 0 0 1 3-3h4M21 4h4a3 3 0 0 1 3 3v4M28 21v4a3 3 0 0 1-3 3h-4M11 28H7a3 3 0 0 1-3-3v-4"
                ]
                []
            tag "circle" [ attr "cx" "16"; attr "cy" "16"; attr "r" "5" ] []
        ]

let private link current href key =
    let marks =
        if current = href then
            [ attr "aria-current" "page" ]
        else
            []

    a (_href href :: marks) [ text key ]

/// Links to the page in the other languages; a page without an address leads to the first page.
let private languages (path: string) =
    let address = if path = "" then "/" else path
    let separator = if address.Contains '?' then "&" else "?"

    nav
        [ _class "languages"; _named "layout.languages" ]
        [
            for language in Texts.languages do
                let name = language.Culture.Name

                if name <> (Texts.current ()).Culture.Name then
                    a
                        [
                            _href $"{address}{separator}lang={name}"
                            _lang name
                            _hreflang name
                            _rel "alternate"
                        ]
                        [ str language.Name ]
        ]

/// The switch between light and dark; the script shows it.
let private themeSwitch =
    button
        [ _type "button"; _id "theme"; _class "theme scripted"; _ariaPressed "false" ]
        [
            drawing
                "disc"
                24
                [
                    tag "circle" [ attr "cx" "12"; attr "cy" "12"; attr "r" "8.5" ] []
                    tag "path" [ attr "d" "M12 3.5a8.5 8.5 0 0 1 0 17z" ] []
                ]
            span [ _class "unseen" ] [ text "layout.dark" ]
        ]

/// Returns a page. `path` is its address; "" if the page has none of its own. `files` are its style sheets and scripts:
/// the first script runs, the others are its imports.
let page (assets: Assets) (path: string) (files: string list) (pageTitle: string) (content: XmlNode list) : XmlNode =
    let styles, modules =
        files |> List.partition (fun (name: string) -> name.EndsWith ".css")

    let language = Texts.current ()

    html
        [ _lang language.Culture.Name; _dir language.Direction ]
        [
            head
                []
                [
                    meta [ _charset "utf-8" ]
                    meta [ _name "viewport"; _content "width=device-width, initial-scale=1" ]
                    meta [ _name "color-scheme"; _content "light dark" ]
                    meta [ _name "description"; _content (Texts.text "layout.description") ]
                    meta
                        [
                            _name "theme-color"
                            _content "#f6f3ec"
                            _media "(prefers-color-scheme: light)"
                        ]
                    meta
                        [
                            _name "theme-color"
                            _content "#16130e"
                            _media "(prefers-color-scheme: dark)"
                        ]
                    title [] [ str pageTitle ]
                    Giraffe.ViewEngine.HtmlElements.link [ _rel "icon"; _href "/favicon.svg"; _type "image/svg+xml" ]
                    Giraffe.ViewEngine.HtmlElements.link [ _rel "apple-touch-icon"; _href "/icon-180.png" ]
                    Giraffe.ViewEngine.HtmlElements.link [ _rel "manifest"; _href "/manifest.webmanifest" ]

                    // Not deferred: it marks the page before the first paint, so that the layout doesn't shift. It stands before
                    // the style sheets, because a script waits for those before it, and the parser for the script.
                    script [ _src (assets.Of "early.js") ] []

                    for name in "app.css" :: styles do
                        Giraffe.ViewEngine.HtmlElements.link [ _rel "stylesheet"; _href (assets.Of name) ]

                    // Behind the style sheets: the page is painted before its scripts are compiled.
                    let later = attr "fetchpriority" "low"

                    for name in modules @ [ "language.js"; "texts.js" ] do
                        Giraffe.ViewEngine.HtmlElements.link [ _rel "modulepreload"; _href (assets.Of name); later ]

                    script [ _type "module"; _src (assets.Of(List.head modules)); later ] []
                ]
            body
                []
                [
                    a [ _class "skip"; _href "#main" ] [ text "layout.skip" ]
                    header
                        [ _class "top" ]
                        [
                            a [ _class "brand"; _href "/" ] [ mark; span [] [ text "layout.brand" ] ]
                            nav
                                [ _named "layout.pages" ]
                                [
                                    link path "/" "layout.recognize"
                                    link path "/workers" "layout.workers"
                                    link path "/docs" "layout.api"
                                ]
                            themeSwitch
                        ]
                    main [ _id "main"; _tabindex "-1" ] content
                    p [ _id "live-region"; _class "unseen"; _ariaLive "polite" ] []
                    footer
                        []
                        [
                            p [] [ str (assets.Models()); str " "; text "layout.privacy" ]
                            languages path
                        ]
                ]
        ]

type Severity =
    | Good
    | Bad

let private toned (tone: Severity) (content: XmlNode list) =
    let look, role =
        match tone with
        | Good -> "notice good", "status"
        | Bad -> "notice bad", "alert"

    div [ _class look; attr "role" role ] content

/// Returns a message for a page. Screen readers announce a bad one at once.
let notice (tone: Severity) (heading: string) (text: string) : XmlNode =
    toned tone [ strong [] [ str heading ]; p [] [ str text ] ]

/// Returns a page with only a message. `topic` is its subject in one word.
let message assets (topic: string) tone (heading: string) (text: string) (more: XmlNode list) : XmlNode =
    page
        assets
        ""
        [ "common.js" ]
        (Texts.fill "layout.titled" [ "title", heading ])
        [
            section
                [ _class "narrow" ]
                ([
                    p [ _class "eyebrow" ] [ str topic ]
                    h1 [] [ str heading ]
                    toned tone [ p [] [ str text ] ]
                 ]
                 @ more)
        ]

/// Returns the problem's title and detail in the language of the page. English is the problem's own text; the other
/// languages have one for each code and status, without the values of the case.
let words (problem: Problem) : string * string =
    let language = Texts.current ()

    let known (name: string) =
        match
            language.Texts.TryGetValue $"problem.{name}.title", language.Texts.TryGetValue $"problem.{name}.detail"
        with
        | (true, title), (true, detail) -> Some(title, detail)
        | _ -> None

    if language.Culture.Name = "en" then
        problem.Title, problem.Detail
    else
        Option.toList problem.Code @ [ string problem.Status ]
        |> List.tryPick known
        |> Option.defaultWith (fun () ->
            Texts.fill "problem.other.title" [ "status", string problem.Status ], Texts.text "problem.other.detail")

let problem assets (problem: Problem) : XmlNode =
    let title, detail = words problem

    message
        assets
        (string problem.Status)
        Bad
        title
        detail
        [ p [ _class "ways" ] [ a [ _href "/" ] [ text "layout.back" ] ] ]
