/// What somebody does who has never seen the project: names ten photographs, sees why, and scripts the same from `/docs`.
module Tests.Expecto.Browser.FirstVisitTests

open System.Diagnostics
open System.IO
open System.Text.Json
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

/// Ten photographs and drawings, each with the word that the network has for it.
let private pictures =
    [
        for name in [ "basketball.jpg"; "beaver.jpg"; "cheetah1.jpg"; "lion.webp" ] do
            let word = (Path.GetFileNameWithoutExtension name |> Unchecked.nonNull).TrimEnd '1'
            Path.Combine(Repository.photographs, name), word

        for name in
            [
                "crossword-puzzle"
                "daisy"
                "honeycomb"
                "hourglass"
                "jellyfish"
                "traffic-light"
            ] do
            sample name, name.Replace('-', ' ')
    ]

let private named (tab: Tab) =
    task {
        do! tab.Goto "/"
        do! tab.Page.SetInputFilesAsync("#file", pictures |> List.map fst)
        let cards = tab.Page.Locator ".card"
        do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 10

        for file, word in pictures do
            let card =
                cards.Filter(LocatorFilterOptions(HasText = Unchecked.nonNull (Path.GetFileName file)))

            do! shows (card.Locator ".best") word
    }

let private why (tab: Tab) (options: Options) name =
    task {
        let card = (tab.Page.Locator ".card").First
        let first = (card.Locator ".see").First

        if options.Touch then
            do! first.TapAsync()
        else
            do! first.HoverAsync()

        do! visible (card.Locator ".heat")
        do! shows (card.Locator ".legend") "mostly"
        do! tab.Screenshot $"newcomer-{name}"
    }

/// From the page's own link to the document, to the line that it prints for a shell.
let private scripted (tab: Tab) name =
    task {
        do! tab.Page.ClickAsync "nav a:has-text('API')"
        let command = tab.Page.Locator ".call:has(#classify) .command code"
        do! visible command
        do! inside tab.Page
        do! tab.Screenshot $"newcomer-docs-{name}"
        let! line = command.InnerTextAsync()
        return line.Replace("picture.jpg", "daisy.png")
    }

let private newcomer (name, options) =
    case $"ten photographs, why, and the same from a shell, within two minutes ({name})" options
    <| fun tab ->
        task {
            let clock = Stopwatch.StartNew()
            do! named tab
            do! why tab options name
            do! inside tab.Page
            let! line = scripted tab name
            let! answer = shell $"{line} --silent --max-time 60"
            use answer = JsonDocument.Parse answer
            let best = answer.RootElement.GetProperty("predictions")[0]
            Expect.equal (string (best.GetProperty "label")) "daisy" line
            printfn $"named, explained and scripted in {clock.Elapsed.TotalSeconds:F0} s ({name})"
            Expect.isLessThan clock.Elapsed.TotalMinutes 2.0 "minutes"
            clean tab
        }

/// `docs/page.png`, which the README shows, made anew: from the samples alone.
let private readme =
    case
        "the picture of the README: three samples named, and why"
        { desktop with
            Width = 1200
            Height = 1010
        }
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.SetInputFilesAsync("#file", [ sample "lighthouse"; sample "daisy"; sample "jellyfish" ])
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 3

            for index in [ 0; 2 ] do
                do! (tab.Page.Locator ".card").Nth(index).Locator(".see").First.ClickAsync()

            do! Assertions.Expect(tab.Page.Locator ".heat:visible").ToHaveCountAsync 2
            let! _ = tab.Page.EvaluateAsync "scrollTo({ top: 0, behavior: 'instant' })"
            do! tab.Page.Mouse.MoveAsync(5f, 5f)
            do! System.Threading.Tasks.Task.Delay 700
            let path = Path.Combine(Repository.artifacts "screenshots", "page.png")
            let! _ = tab.Page.ScreenshotAsync(PageScreenshotOptions(Path = path))
            clean tab
        }

let tests =
    testSequencedGroup "browser"
    <| testList "First visit" [ yield! List.map newcomer [ "phone", phone; "desktop", desktop ]; readme ]
