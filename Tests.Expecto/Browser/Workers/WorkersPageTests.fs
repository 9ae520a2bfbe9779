/// The workers' page; and for both pages accessibility, the weight of the scripts and the first paint.
module Tests.Expecto.Browser.WorkersPageTests

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto

let private admin (name, options) =
    home $"the admin page is live: adds, drains, resumes, probes and removes ({name})" options (fun tab ->
        task {
            do! tab.Page.ClickAsync "#samples li:first-child button"
            do! visible (tab.Page.Locator ".answer")
            do! tab.Goto "/workers"

            let added = row tab "127.0.0.1:7777"
            do! shows (tab.Page.Locator "#link") "Live"
            do! enter tab "127.0.0.1:7777"
            do! visible added
            do! shows (tab.Page.Locator "#notice.bad") "Added, but it doesn't answer"
            do! enter tab "127.0.0.1:7777"
            do! shows (tab.Page.Locator "#notice.bad") "is in the list already. Nothing was changed."
            do! choose tab added "probe"
            do! shows (tab.Page.Locator "#notice") "gave no answer"
            do! choose tab added "drain"
            do! shows (added.Locator ".state") "drained"
            do! visible (tab.Page.Locator "#charts")
            do! inside tab.Page
            do! tab.Screenshot $"workers-{name}"
            do! tab.Page.ClickAsync "#charts summary"
            do! count (tab.Page.Locator ".minutes tbody tr") 15
            do! inside tab.Page
            do! tab.Screenshot $"workers-table-{name}"
            do! choose tab added "drain"
            do! shows (tab.Page.Locator "#notice") "receives requests again"
            do! choose tab added "remove"
            do! count (tab.Page.Locator "tr[data-worker]") 1
        })

let private plain =
    case "without JavaScript the admin page's forms do the same" { desktop with Script = false } (fun tab ->
        task {
            do! tab.Goto "/workers"
            do! enter tab "nonsense"
            do! shows (tab.Page.Locator "main") "nonsense"
            do! tab.Screenshot "workers-no-script"

            let act (row: ILocator) name =
                task {
                    do! row.Locator(".more").ClickAsync()
                    do! row.Locator($".menu .{name}").ClickAsync()
                }

            let first = tab.Page.Locator("tr[data-worker]").First
            do! act first "drain"
            do! shows (tab.Page.Locator "main") "finishes its requests"
            do! act first "drain"
            do! shows (tab.Page.Locator "main") "receives requests again"
            do! enter tab "127.0.0.1:9"
            do! shows (tab.Page.Locator "main") "Added, but it doesn't answer"
            let added = row tab "127.0.0.1:9"
            do! act added "remove"
            do! shows (tab.Page.Locator "main") "receives no more requests"
            do! tab.Page.ClickAsync "main form:not(.add) button:has-text('Undo')"
            do! visible added
            do! act added "remove"
        })

let private accessible (name, options) =
    case $"axe-core finds no violation ({name})" options (fun tab ->
        task {
            do! tab.Goto "/"
            do! axe tab "empty"
            do! giveAll tab [ sample "daisy"; Path.Combine(Repository.root, "LICENSE") ]
            do! visible (tab.Page.Locator ".card .answer")
            do! visible (tab.Page.Locator ".card[data-state=failed] .failure")
            do! (tab.Page.Locator ".see").First.ClickAsync()
            do! Task.Delay 700
            do! axe tab "answered and failed"
            do! tab.Page.ClickAsync "#history summary"
            do! axe tab "history"
            do! tab.Screenshot $"history-{name}"
            do! tab.Goto "/nowhere"
            do! axe tab "a problem"
            do! tab.Goto "/workers"
            do! visible (tab.Page.Locator "#charts")
            do! tab.Page.ClickAsync "#charts summary"
            do! axe tab "workers"
        })

/// What the page loads of scripts, bytes; what its worker loads too is the same file.
let private weight =
    """() => [...new Map(performance.getEntriesByType("resource")
        .filter(({ name }) => /\.js$/.test(new URL(name).pathname))
        .map(({ name, decodedBodySize }) => [name, decodedBodySize])).values()]
        .reduce((sum, size) => sum + size, 0)"""

let private light =
    case "each page's scripts together are under 120 KB" desktop (fun tab ->
        task {
            for path in [ "/"; "/workers" ] do
                do! tab.Goto path
                do! tab.Page.WaitForLoadStateAsync LoadState.Load
                let! bytes = tab.Page.EvaluateAsync<int> weight
                printfn $"{path}: {bytes} bytes of script"
                Expect.isGreaterThan bytes 10_000 "they were loaded"
                Expect.isLessThan bytes 120_000 path
        })

let private soon =
    case "the first paint is there within 100 ms, where nothing else runs" desktop (fun tab ->
        task {
            let mutable best = Double.MaxValue
            let mutable tries = 0

            while best >= 100.0 && tries < 20 do
                tries <- tries + 1
                do! tab.Goto "/"
                do! Task.Delay 300

                let! paint =
                    tab.Page.EvaluateAsync<float>
                        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 1e9"

                best <- min best paint

            let load = load ()
            printfn $"first contentful paint: {best:F0} ms, the best of {tries}, at {load:F1} processes a processor"
            Expect.isLessThan best (100.0 * load) "milliseconds"
        })

let tests =
    testSequencedGroup "browser"
    <| testList
        "Workers and both"
        [
            yield! List.map admin looks
            plain
            yield! List.map accessible looks
            light
            soon
        ]
