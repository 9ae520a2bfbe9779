/// Every page: the weight of the first visit, right to left, German, print, forced colours, the size of touch targets.
module Tests.Expecto.Browser.SiteTests

open System
open Expecto
open Microsoft.Playwright

let private pages =
    [ "home", "/"; "workers", "/workers"; "docs", "/docs"; "nowhere", "/nowhere" ]

let private rtl (name, look) =
    case $"right to left, no page is wider than its window ({name})" look (fun tab ->
        task {
            for page, path in pages do
                do! tab.Goto path
                do! tab.Run "document.documentElement.dir = 'rtl'"
                do! inside tab.Page

                let! left =
                    tab.Page.EvaluateAsync<int>
                        "() => Math.min(0, ...[...document.querySelectorAll('main *:not(.unseen)')].filter((one) => one.checkVisibility()).map((one) => Math.round(one.getBoundingClientRect().left)))"

                Expect.isGreaterThan left -2 $"{path}: over the left side"
                do! tab.Screenshot $"rtl-{page}-{name}"
        })

let private german (name, look) =
    case $"in German, after the choice in the footer, on every page ({name})" look (fun tab ->
        task {
            do! tab.Goto "/docs"
            do! tab.Page.ClickAsync ".languages a[lang=de]"

            for page, path in pages do
                do! tab.Goto path
                do! root tab "lang" "de"

                if page = "workers" then
                    do! visible (tab.Page.Locator "#charts")
                    do! shows (tab.Page.Locator "#summary") "Workern aktiv"

                do! inside tab.Page
                do! axe tab $"{path} in German"
                do! tab.Screenshot $"german-{page}-{name}"
        })

/// The targets that are smaller than a finger; links within a sentence may be.
let private small =
    """() => [...document.querySelectorAll("button, summary, select, input:not([type=hidden], [type=checkbox]), nav a, label:has(input)")]
        .filter((one) => one.checkVisibility() && !one.closest(".unseen"))
        .filter((one) => one.getBoundingClientRect().height < 43.5)
        .map((one) => one.outerHTML.slice(0, 100))"""

let private fingers =
    case "on touch every target of /workers and /docs is 44 pixels high" phone (fun tab ->
        task {
            for path in [ "/workers"; "/docs" ] do
                do! tab.Goto path

                if path = "/workers" then
                    do! visible (tab.Page.Locator "#charts")

                let! found = tab.Page.EvaluateAsync<string[]> small
                Expect.equal (List.ofArray found) [] path
        })

let private media =
    case "in the system's colours, and on paper" desktop (fun tab ->
        task {
            for page, path in pages do
                do! tab.Goto path

                do! tab.Page.EmulateMediaAsync(PageEmulateMediaOptions(ForcedColors = Nullable ForcedColors.Active))

                do! tab.Screenshot $"forced-{page}"

                do!
                    tab.Page.EmulateMediaAsync(
                        PageEmulateMediaOptions(
                            ForcedColors = Nullable ForcedColors.None,
                            Media = Nullable Media.Print
                        )
                    )

                do! hidden (tab.Page.Locator "header.top nav")
                do! hidden (tab.Page.Locator "footer")
                do! tab.Screenshot $"print-{page}"
                do! tab.Page.EmulateMediaAsync(PageEmulateMediaOptions(Media = Nullable Media.Screen))
        })

let private sheets =
    home "three answers print on three sheets" desktop (fun tab ->
        task {
            do! giveAll tab [ sample "daisy"; sample "lighthouse"; sample "jellyfish" ]
            do! answered tab 3
            let! pdf = tab.Page.PdfAsync(PagePdfOptions(Format = "A4"))
            let text = Text.Encoding.Latin1.GetString pdf
            let pages = Text.RegularExpressions.Regex.Matches(text, @"/Type\s*/Page\b(?!s)")
            Expect.equal pages.Count 3 "sheets"
            do! tab.Page.EmulateMediaAsync(PageEmulateMediaOptions(Media = Nullable Media.Print))
            do! tab.Screenshot "print-answers"
        })

/// When the page's largest part was painted.
let private largestPaint =
    """() => new Promise((resolve) => new PerformanceObserver((list) => resolve(Math.round(list.getEntries().at(-1).startTime)))
        .observe({ type: "largest-contentful-paint", buffered: true }))"""

let private first (name, look) =
    case $"the first visit is under 200 kB ({name})" look (fun tab ->
        task {
            // The time is the page's, not that of compiling a node's code for its first visitor.
            do! tab.Warm "/"
            do! tab.Command("Emulation.setCPUThrottlingRate", [ "rate", 4 ])
            do! tab.Goto "/"
            do! tab.Page.WaitForLoadStateAsync LoadState.NetworkIdle
            // Every sample, those below the window too.
            do! (tab.Page.Locator ".samples li").Last.ScrollIntoViewIfNeededAsync()
            do! tab.Page.WaitForLoadStateAsync LoadState.NetworkIdle
            let! bytes = transferred tab
            let! painted = tab.Page.EvaluateAsync<int> largestPaint

            printfn
                $"first visit ({name}): {bytes} bytes; largest paint after {painted} ms on a CPU slowed four times, at load {load ():F1}"

            Expect.isGreaterThan bytes 20_000 "they were counted"
            Expect.isLessThan bytes 200_000 "bytes"
        })

let tests =
    testSequencedGroup "browser"
    <| testList
        "Site"
        [
            yield! List.map rtl sizes
            yield! List.map german sizes
            fingers
            media
            sheets
            yield! List.map first sizes
        ]
