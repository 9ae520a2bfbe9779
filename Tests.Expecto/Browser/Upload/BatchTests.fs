/// Many pictures as a whole: their state on one screen, sorted, filtered, retried, removed and kept.
module Tests.Expecto.Browser.BatchTests

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

let private photographs =
    lazy
        (Directory.GetFiles(Path.Combine(Repository.photographs, "labelled"), "*.JPEG")
         |> Array.sort
         |> List.ofArray)

let private cards (tab: Tab) =
    tab.Page.Locator "#cards > .card:visible"

let private choose (tab: Tab) (id: string) (value: string) =
    task {
        let! _ = tab.Page.SelectOptionAsync($"#{id}", value)
        ()
    }

let private names (tab: Tab) =
    tab.Page.Locator("#cards > .card:visible .name").AllInnerTextsAsync()

let private gallery (name, options) =
    case $"thirty are tiles on one screen: sorted, filtered, opened, as a table ({name})" options
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! giveAll tab (List.take 29 (List.rev photographs.Value) @ [ fileOf "notes.txt" "no picture"B ])
            do! answered tab 29
            do! shows (tab.Page.Locator "#counted") ", 1 failed"
            do! Assertions.Expect(tab.Page.Locator ".tile").ToHaveCountAsync 30
            do! inside tab.Page
            do! axe tab "a gallery"
            do! tab.Screenshot $"gallery-{name}"

            do! choose tab "sort" "surest"

            let! shares =
                tab.Page.EvaluateAsync<float[]>
                    "[...document.querySelectorAll('#cards > .card[data-state=answered] .best .sure')].map((at) => parseFloat(at.textContent.replace('>', ''))).filter((share) => !isNaN(share))"

            Expect.isGreaterThan shares.Length 10 "some are sure"
            Expect.equal (List.ofArray shares) (List.sortDescending (List.ofArray shares)) "most certain first"
            do! choose tab "filter" "failed"
            do! Assertions.Expect(cards tab).ToHaveCountAsync 1
            do! choose tab "filter" "unsure"
            let! unsure = (cards tab).CountAsync()
            Expect.isGreaterThan unsure 0 "some are not sure"
            do! shows (tab.Page.Locator "#counted") $"{29 - unsure} of 30 recognised, {unsure} not sure, 1 failed"
            do! shows (cards tab).First ""
            do! choose tab "filter" "all"

            let first = (cards tab).First
            do! (first.Locator ".open").ClickAsync()
            do! visible (first.Locator "tbody tr").First
            do! (first.Locator ".see").First.HoverAsync()
            do! visible (first.Locator ".heat")
            do! inside tab.Page
            do! tab.Screenshot $"tile-opened-{name}"

            do! tab.Page.ClickAsync "[data-view=table]"
            do! Assertions.Expect(tab.Page.Locator "#table tbody tr").ToHaveCountAsync 30
            do! inside tab.Page
            do! axe tab "a table"
            do! tab.Screenshot $"table-{name}"
            do! tab.Page.Locator("#table tbody .link").Nth(3).ClickAsync()
            do! visible (tab.Page.Locator ".tile.opened tbody").First
        }

/// Whether the three cards are in the browser's database.
let private written =
    """() => new Promise((resolve) => {
        const opening = indexedDB.open("recognition");
        opening.onsuccess = () => {
            const counting = opening.result.transaction("cards").objectStore("cards").count();
            counting.onsuccess = () => {
                opening.result.close();
                resolve(counting.result === 3);
            };
        };
    })"""

let private reloaded =
    case "a reload keeps the cards, with their maps; Clear and its undo" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! giveAll tab [ sample "daisy"; sample "honeycomb"; fileOf "notes.txt" "no picture"B ]
            do! shows (tab.Page.Locator "#counted") "2 of 3 recognised, 1 failed"
            do! tab.Page.WaitForFunctionAsync written :> Task
            do! tab.Goto "/"
            do! shows (tab.Page.Locator "#counted") "2 of 3 recognised, 1 failed"
            let! before = names tab
            Expect.equal (List.ofSeq before) [ "daisy.png"; "honeycomb.png"; "notes.txt" ] "in their order"
            do! (tab.Page.Locator(".card").First.Locator ".see").First.ClickAsync()
            do! visible (tab.Page.Locator ".card .heat")
            do! tab.Screenshot "reloaded"
            do! tab.Page.ClickAsync "#results .clear"
            do! Assertions.Expect(tab.Page.Locator ".card").ToHaveCountAsync 0
            do! shows (tab.Page.Locator "#undo") "3 removed"
            do! tab.Screenshot "undo"
            do! tab.Page.ClickAsync "#undo button"
            let! again = names tab
            Expect.equal (List.ofSeq again) (List.ofSeq before) "as they were"
            do! tab.Page.ClickAsync "#results .clear"
            do! tab.Goto "/"
            do! Assertions.Expect(tab.Page.Locator ".card").ToHaveCountAsync 0
        }

let private inTheMiddle =
    case "a reload in the middle of a batch goes on with it, and a copy of the tab has cards of its own" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            let held = "**/api/classify*"
            let! _ = tab.Page.RouteAsync(held, Func<IRoute, Task>(fun _ -> Task.CompletedTask))
            do! giveAll tab [ sample "daisy"; sample "honeycomb"; sample "jellyfish" ]
            do! tab.Page.WaitForFunctionAsync written :> Task
            do! tab.Page.UnrouteAsync held
            do! tab.Goto "/"
            do! answered tab 3
            let! three = names tab
            Expect.equal (List.ofSeq three) [ "daisy.png"; "honeycomb.png"; "jellyfish.png" ] "in their order"
            // As a browser copies a tab: with what is kept for it.
            let! kept = tab.Page.EvaluateAsync<string> "JSON.stringify(sessionStorage)"
            let! copy = tab.Page.Context.NewPageAsync()

            let! _ =
                copy.AddInitScriptAsync(
                    $"if (!sessionStorage.getItem('tab')) Object.assign(sessionStorage, JSON.parse('{kept}'));"
                )

            let! _ = copy.GotoAsync tab.Page.Url
            do! Assertions.Expect(copy.Locator ".card").ToHaveCountAsync 3
            do! copy.ClickAsync "#results .clear"
            do! Assertions.Expect(copy.Locator ".card").ToHaveCountAsync 0
            let! _ = copy.ReloadAsync()
            do! Assertions.Expect(copy.Locator "#stage").ToHaveAttributeAsync("data-state", "idle")
            do! tab.Goto "/"
            do! answered tab 3
            clean tab
        }

let private retried =
    case "those that failed are tried again together, but for what can never be recognised" phone
    <| fun tab ->
        task {
            do! tab.Goto "/"

            let! _ =
                tab.Page.RouteAsync("**/api/classify*", Func<IRoute, Task>(fun route -> route.AbortAsync()))

            do!
                giveAll
                    tab
                    [
                        sample "daisy"
                        sample "honeycomb"
                        sample "jellyfish"
                        fileOf "nothing.jpg" [||]
                    ]

            do! shows (tab.Page.Locator "#counted") "0 of 4 recognised, 4 failed"
            do! inside tab.Page
            do! tab.Screenshot "all-failed"
            do! tab.Page.UnrouteAsync "**/api/classify*"
            do! tab.Page.ClickAsync "#results .retry"
            // An empty file stays one.
            do! shows (tab.Page.Locator "#counted") "3 of 4 recognised, 1 failed"
            do! Assertions.Expect(tab.Page.Locator "#results .retry").ToBeHiddenAsync()
        }

let private twoHundred =
    case "two hundred photographs stay below 250 MB of the renderer's memory" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            let pictures = photographs.Value @ photographs.Value
            do! giveAll tab pictures
            do! answered tab 200
            // Every tile is drawn once.
            do! tab.Page.EvaluateAsync "scrollTo(0, document.body.scrollHeight)" :> Task
            do! Task.Delay 1000
            let! bytes = tab.RendererMemory()
            printfn $"200 photographs: {bytes / 1_000_000L} MB of the renderer's memory"
            do! tab.Screenshot "two-hundred"
            Expect.hasLength pictures 200 "all of them"
            Expect.isLessThan bytes 250_000_000L "bytes"
            clean tab
        }

let tests =
    testSequencedGroup "browser"
    <| testList
        "Batches"
        [
            yield! List.map gallery [ "phone-dark", { phone with Dark = true }; "desktop", desktop ]
            reloaded
            inTheMiddle
            retried
            twoHundred
        ]
