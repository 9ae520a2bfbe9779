/// What holds of every page: the first visit's weight, right to left, print, forced colours, targets for fingers.
module Tests.Expecto.Browser.SiteTests

open System
open System.Collections.Generic
open Expecto
open Microsoft.Playwright
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

let private pages =
    [ "home", "/"; "workers", "/workers"; "docs", "/docs"; "nowhere", "/nowhere" ]

let private rtl (name, options) =
    case $"right to left, no page is wider than its window ({name})" options
    <| fun tab ->
        task {
            for page, path in pages do
                do! tab.Goto path
                do! tab.Page.EvaluateAsync "document.documentElement.dir = 'rtl'" :> Threading.Tasks.Task
                do! inside tab.Page

                let! left =
                    tab.Page.EvaluateAsync<int>
                        "() => Math.min(0, ...[...document.querySelectorAll('main *:not(.unseen)')].filter((one) => one.checkVisibility()).map((one) => Math.round(one.getBoundingClientRect().left)))"

                Expect.isGreaterThan left -2 $"{path}: over the left side"
                do! tab.Screenshot $"rtl-{page}-{name}"
        }

let private german (name, options) =
    case $"in German, after the choice in the footer, on every page ({name})" options
    <| fun tab ->
        task {
            do! tab.Goto "/docs"
            do! tab.Page.ClickAsync ".languages a[lang=de]"

            for page, path in pages do
                do! tab.Goto path
                do! Assertions.Expect(tab.Page.Locator "html").ToHaveAttributeAsync("lang", "de")

                if page = "workers" then
                    do! visible (tab.Page.Locator "#charts")
                    do! shows (tab.Page.Locator "#summary") "Workern aktiv"

                do! inside tab.Page
                do! axe tab $"{path} in German"
                do! tab.Screenshot $"german-{page}-{name}"
        }

/// The targets that are smaller than a finger; links within a sentence may be.
let private small =
    """() => [...document.querySelectorAll("button, summary, select, input:not([type=hidden], [type=checkbox]), nav a, label:has(input)")]
        .filter((one) => one.checkVisibility() && !one.closest(".unseen"))
        .filter((one) => one.getBoundingClientRect().height < 43.5)
        .map((one) => one.outerHTML.slice(0, 100))"""

let private fingers =
    case "on touch every target of /workers and /docs is 44 pixels high" phone
    <| fun tab ->
        task {
            for path in [ "/workers"; "/docs" ] do
                do! tab.Goto path

                if path = "/workers" then
                    do! visible (tab.Page.Locator "#charts")

                let! found = tab.Page.EvaluateAsync<string[]> small
                Expect.equal (List.ofArray found) [] path
        }

let private looks =
    case "in the system's colours, and on paper" desktop
    <| fun tab ->
        task {
            for page, path in pages do
                do! tab.Goto path

                do! tab.Page.EmulateMediaAsync(PageEmulateMediaOptions(ForcedColors = Nullable ForcedColors.Active))

                do! tab.Screenshot $"forced-{page}"

                do!
                    tab.Page.EmulateMediaAsync(
                        PageEmulateMediaOptions(ForcedColors = Nullable ForcedColors.None, Media = Nullable Media.Print)
                    )

                do! Assertions.Expect(tab.Page.Locator "header.top nav").ToBeHiddenAsync()
                do! Assertions.Expect(tab.Page.Locator "footer").ToBeHiddenAsync()
                do! tab.Screenshot $"print-{page}"
                do! tab.Page.EmulateMediaAsync(PageEmulateMediaOptions(Media = Nullable Media.Screen))
        }

let private sheets =
    case "three answers print on three sheets" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! giveAll tab [ sample "daisy"; sample "lighthouse"; sample "jellyfish" ]
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 3
            let! pdf = tab.Page.PdfAsync(PagePdfOptions(Format = "A4"))
            let text = Text.Encoding.Latin1.GetString pdf
            let pages = Text.RegularExpressions.Regex.Matches(text, @"/Type\s*/Page\b(?!s)")
            Expect.equal pages.Count 3 "sheets"
            do! tab.Page.EmulateMediaAsync(PageEmulateMediaOptions(Media = Nullable Media.Print))
            do! tab.Screenshot "print-answers"
        }

/// What crosses the wire, the page's own document included, and when its largest part was painted.
let private visit' =
    """() => new Promise((resolve) => new PerformanceObserver((list) => resolve({
            bytes: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
                .reduce((sum, { transferSize }) => sum + transferSize, 0),
            painted: Math.round(list.getEntries().at(-1).startTime),
        })).observe({ type: "largest-contentful-paint", buffered: true }))"""

let private first (name, options: Options) =
    case $"the first visit is under 200 kB ({name})" options
    <| fun tab ->
        task {
            // The time is the page's, not that of compiling a node's code for its first visitor.
            do! tab.Warm "/"
            let! session = tab.Page.Context.NewCDPSessionAsync tab.Page
            let slow = Dictionary<string, obj>()
            slow["rate"] <- 4
            let! _ = session.SendAsync("Emulation.setCPUThrottlingRate", slow)
            do! tab.Goto "/"
            do! tab.Page.WaitForLoadStateAsync LoadState.NetworkIdle
            // Every sample, those below the window too.
            do! (tab.Page.Locator ".samples li").Last.ScrollIntoViewIfNeededAsync()
            do! tab.Page.WaitForLoadStateAsync LoadState.NetworkIdle
            let! found = tab.Page.EvaluateAsync<Dictionary<string, int>> visit'

            printfn
                $"""first visit ({name}): {found["bytes"]} bytes; largest paint after {found["painted"]} ms on a CPU slowed four times, at load {load ():F1}"""

            Expect.isGreaterThan found["bytes"] 20_000 "they were counted"
            Expect.isLessThan found["bytes"] 200_000 "bytes"
        }

let tests =
    testSequencedGroup "browser"
    <| testList
        "Site"
        [
            yield! List.map rtl [ "phone", phone; "desktop", desktop ]
            yield! List.map german [ "phone", phone; "desktop", desktop ]
            fingers
            looks
            sheets
            yield! List.map first [ "phone", phone; "desktop", desktop ]
        ]
