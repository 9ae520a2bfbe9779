/// The gallery of many pictures: tiles, sorting, filters, retries, and a reload.
module Tests.Expecto.Browser.BatchTests

open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright

let private photographs =
    lazy
        (Directory.GetFiles(photograph "labelled", "*.JPEG")
         |> Array.sort
         |> List.ofArray)

let private cards (tab: Tab) =
    tab.Page.Locator "#cards > .card:visible"

let private gallery (name, options) =
    case $"thirty pictures are tiles on one screen: sorted, filtered, opened, as a table ({name})" options (fun tab ->
        task {
            do! tab.Goto "/"
            do! giveAll tab (List.take 29 (List.rev photographs.Value) @ [ fileOf "notes.txt" "no picture"B ])
            do! answered tab 29
            do! shows (tab.Page.Locator "#counted") ", 1 failed"
            do! count (tab.Page.Locator ".tile") 30
            do! inside tab.Page
            do! axe tab "a gallery"
            do! tab.Screenshot $"gallery-{name}"

            do! select tab "sort" "surest"

            let! shares =
                tab.Page.EvaluateAsync<float[]>
                    "[...document.querySelectorAll('#cards > .card[data-state=answered] .best .sure')].map((at) => parseFloat(at.textContent.replace('>', ''))).filter((share) => !isNaN(share))"

            Expect.isGreaterThan shares.Length 10 "some are sure"
            Expect.equal (List.ofArray shares) (List.sortDescending (List.ofArray shares)) "most certain first"
            do! select tab "filter" "failed"
            do! count (cards tab) 1
            do! select tab "filter" "unsure"
            let! unsure = (cards tab).CountAsync()
            Expect.isGreaterThan unsure 0 "some are not sure"
            do! shows (tab.Page.Locator "#counted") $"{29 - unsure} of 30 recognised, {unsure} not sure, 1 failed"
            do! shows (cards tab).First ""
            do! select tab "filter" "all"

            let first = (cards tab).First
            do! (first.Locator ".open").ClickAsync()
            do! visible (first.Locator "tbody tr").First
            do! (first.Locator ".see").First.HoverAsync()
            do! visible (first.Locator ".heat")
            do! inside tab.Page
            do! tab.Screenshot $"tile-opened-{name}"

            do! tab.Page.ClickAsync "[data-view=table]"
            do! count (tab.Page.Locator "#table tbody tr") 30
            do! inside tab.Page
            do! axe tab "a table"
            do! tab.Screenshot $"table-{name}"
            do! tab.Page.Locator("#table tbody .link").Nth(3).ClickAsync()
            do! visible (tab.Page.Locator ".tile.opened tbody").First
        })

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
    case "a reload keeps the cards, with their maps; Clear and its undo" desktop (fun tab ->
        task {
            do! tab.Goto "/"
            do! giveAll tab [ sample "daisy"; sample "honeycomb"; fileOf "notes.txt" "no picture"B ]
            do! shows (tab.Page.Locator "#counted") "2 of 3 recognised, 1 failed"
            do! tab.Page.WaitForFunctionAsync written :> Task
            do! tab.Goto "/"
            do! shows (tab.Page.Locator "#counted") "2 of 3 recognised, 1 failed"
            let! before = names tab
            Expect.equal before [ "daisy.png"; "honeycomb.png"; "notes.txt" ] "in their order"
            do! (tab.Page.Locator(".card").First.Locator ".see").First.ClickAsync()
            do! visible (tab.Page.Locator ".card .heat")
            do! tab.Screenshot "reloaded"
            do! tab.Page.ClickAsync "#results .clear"
            do! count (tab.Page.Locator ".card") 0
            do! shows (tab.Page.Locator "#undo") "3 removed"
            do! tab.Screenshot "undo"
            do! tab.Page.ClickAsync "#undo button"
            let! again = names tab
            Expect.equal again before "as they were"
            do! tab.Page.ClickAsync "#results .clear"
            do! tab.Goto "/"
            do! count (tab.Page.Locator ".card") 0
        })

let private inTheMiddle =
    home "a reload in the middle of a batch goes on with it, and a copy of the tab has cards of its own" desktop
    <| fun tab ->
        task {
            let held = "**/api/classify*"
            do! tab.Route(held, fun _ -> Task.CompletedTask)
            do! giveAll tab [ sample "daisy"; sample "honeycomb"; sample "jellyfish" ]
            do! tab.Page.WaitForFunctionAsync written :> Task
            do! tab.Page.UnrouteAsync held
            do! tab.Goto "/"
            do! answered tab 3
            let! three = names tab
            Expect.equal three [ "daisy.png"; "honeycomb.png"; "jellyfish.png" ] "in their order"
            // As a browser copies a tab: with what is kept for it.
            let! kept = tab.Page.EvaluateAsync<string> "JSON.stringify(sessionStorage)"
            let! copy = tab.Page.Context.NewPageAsync()

            let! _ =
                copy.AddInitScriptAsync(
                    $"if (!sessionStorage.getItem('tab')) Object.assign(sessionStorage, JSON.parse('{kept}'));"
                )

            let! _ = copy.GotoAsync tab.Page.Url
            do! count (copy.Locator ".card") 3
            do! copy.ClickAsync "#results .clear"
            do! count (copy.Locator ".card") 0
            let! _ = copy.ReloadAsync()
            do! Assertions.Expect(copy.Locator "#stage").ToHaveAttributeAsync("data-state", "idle")
            do! tab.Goto "/"
            do! answered tab 3
        }

let private retried =
    case "failed pictures are retried together, except those that can never be recognised" phone (fun tab ->
        task {
            do! tab.Goto "/"

            do! tab.Route("**/api/classify*", _.AbortAsync())

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
            do! hidden (tab.Page.Locator "#results .retry")
        })

let private twoHundred =
    home "two hundred photographs stay below 250 MB of the renderer's memory" desktop (fun tab ->
        task {
            let pictures = photographs.Value @ photographs.Value
            do! giveAll tab pictures
            do! answered tab 200
            // Every tile is drawn once.
            do! tab.Run "scrollTo(0, document.body.scrollHeight)"
            do! Task.Delay 1000
            let! bytes = tab.RendererMemory()
            printfn $"200 photographs: {bytes / 1_000_000L} MB of the renderer's memory"
            do! tab.Screenshot "two-hundred"
            Expect.hasLength pictures 200 "all of them"
            Expect.isLessThan bytes 250_000_000L "bytes"
        })

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
