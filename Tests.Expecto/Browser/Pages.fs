/// The pages as a person sees them, in a real browser, with a real worker behind them: what all their tests share.
module Tests.Expecto.Browser.Pages

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.EndToEnd
open Tests.Expecto.Browser.Browser

let sample name =
    Path.Combine(Repository.root, "samples", $"{name}.png")

let samples =
    [
        "analog-clock"
        "crossword-puzzle"
        "daisy"
        "digital-clock"
        "honeycomb"
        "hourglass"
        "jellyfish"
        "lighthouse"
        "soccer-ball"
        "traffic-light"
    ]

/// A web node with one worker, for all of them.
let site =
    lazy
        (task {
            let port = Nodes.freePort ()
            let! worker = Nodes.worker port []
            let! web = Nodes.web [ port ] []

            AppDomain.CurrentDomain.ProcessExit.Add(fun _ ->
                (web :> IDisposable).Dispose()
                (worker :> IDisposable).Dispose())

            return web.Port
        })

let case name options (run: Tab -> Task) =
    testCaseTask name (fun () ->
        task {
            let! port = site.Value
            do! visit port options run
        })

let shows (locator: ILocator) (text: string) : Task =
    Assertions.Expect(locator).ToContainTextAsync text

let visible (locator: ILocator) : Task =
    Assertions.Expect(locator).ToBeVisibleAsync()

let clean (tab: Tab) =
    Expect.isEmpty tab.Complaints "no console errors, and no request to any other host"

let inside (page: IPage) : Task =
    task {
        let! overflow =
            page.EvaluateAsync<int> "document.documentElement.scrollWidth - document.documentElement.clientWidth"

        Expect.isLessThanOrEqual overflow 0 "nothing reaches over the side"
    }

/// Uploads at this many bytes a second; -1 for as fast as it goes.
let slow (tab: Tab) (upload: int) : Task =
    task {
        let! session = tab.Page.Context.NewCDPSessionAsync tab.Page
        let conditions = Collections.Generic.Dictionary<string, obj>()
        conditions["offline"] <- false
        conditions["latency"] <- (if upload < 0 then 0 else 20)
        conditions["downloadThroughput"] <- -1
        conditions["uploadThroughput"] <- upload
        let! _ = session.SendAsync("Network.emulateNetworkConditions", conditions)
        ()
    }

let both =
    [
        "phone", phone
        "desktop", desktop
        "phone-dark", { phone with Dark = true }
        "desktop-dark", { desktop with Dark = true }
    ]
