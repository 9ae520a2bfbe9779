/// The pages as a person sees them, in a real browser, with a real worker behind them.
module Tests.Expecto.Browser.PageTests

open System
open System.IO
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.EndToEnd
open Tests.Expecto.Browser.Browser

let private sample name =
    Path.Combine(Repository.root, "samples", $"{name}.png")

/// A web node with one worker, for all of them.
let private site =
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

let private onSite options run =
    task {
        let! port = site.Value
        do! visit port options run
    }

let private shows (locator: ILocator) (text: string) : Task =
    Assertions.Expect(locator).ToContainTextAsync text

let private percentage = Regex @"^\d{1,3}\.\d{3}\s?%$"

/// The table of the answer: five rows, category, bar, percentage with three decimals, most probable first.
let private fiveRows (page: IPage) (expected: string) =
    task {
        let rows = page.Locator "#result tbody tr"
        do! Assertions.Expect(rows).ToHaveCountAsync 5
        do! shows (rows.First.Locator "th") expected
        let! shares = page.Locator("#result tbody .share").AllInnerTextsAsync()

        for share in shares do
            Expect.isTrue (percentage.IsMatch(share.Trim())) $"'{share}' is a percentage with three decimals"

        let numbers = [ for share in shares -> float (share.Trim().TrimEnd('%').Trim()) ]
        Expect.equal numbers (List.sortDescending numbers) "most probable first"
        do! shows (page.Locator "#result") "127.0.0.1:"
        do! shows (page.Locator "#result") " ms"
    }

let private clean (tab: Tab) =
    Expect.isEmpty tab.Complaints "no console errors, and no request to any other host"

let private case name options run =
    testCaseTask name (fun () -> onSite options (fun tab -> run tab))

let private upload =
    case "a picture is chosen, sent and named, with the progress, without leaving the page" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Screenshot "upload"
            // Slow enough for the progress to be seen.
            let! session = tab.Page.Context.NewCDPSessionAsync tab.Page

            let slow = Collections.Generic.Dictionary<string, obj>()
            slow["offline"] <- false
            slow["latency"] <- 20
            slow["downloadThroughput"] <- -1
            slow["uploadThroughput"] <- 60_000
            let! _ = session.SendAsync("Network.emulateNetworkConditions", slow)
            do! tab.Page.SetInputFilesAsync("#file", Path.Combine(Repository.photographs, "basketball.jpg"))
            do! Assertions.Expect(tab.Page.Locator "#progress").ToBeVisibleAsync()
            let! source = tab.Page.Locator(".preview img").GetAttributeAsync "src"
            Expect.stringStarts (string source) "blob:" "the preview is the picture itself"
            do! fiveRows tab.Page "basketball"
            Expect.equal tab.Page.Url (tab.Page.Url.TrimEnd('/') + "/") "the same page"
            clean tab
        }

let private samples =
    case "a sample is tried with one click" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.ClickAsync "#samples button[value^='crossword']"
            do! fiveRows tab.Page "crossword puzzle"
            do! tab.Screenshot "result"
            clean tab
        }

let private dark =
    case "dark, and as narrow as a phone" { phone with Dark = true }
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.SetInputFilesAsync("#file", sample "traffic-light")
            do! fiveRows tab.Page "traffic light"
            do! tab.Screenshot "result-phone-dark"

            let! overflow =
                tab.Page.EvaluateAsync<int>
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"

            Expect.isLessThanOrEqual overflow 0 "nothing reaches over the side"
            clean tab
        }

let private wrongFile =
    case "what is no picture gets a sentence that says what to do" desktop
    <| fun tab ->
        task {
            let file = Path.Combine(Repository.artifacts "uploads", "notes.txt")
            File.WriteAllText(file, "no picture at all")
            do! tab.Goto "/"
            do! tab.Page.SetInputFilesAsync("#file", file)
            let notice = tab.Page.Locator "#result .notice"
            do! shows notice "JPEG"
            do! tab.Screenshot "error"
            // The browser itself reports the 415 that the page then explains.
            let others = tab.Complaints |> Array.filter (fun text -> not (text.Contains "415"))
            Expect.isEmpty others "nothing else"
        }

let private withoutScript =
    case "without JavaScript the form does the same" { desktop with Script = false }
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Screenshot "upload-no-script"
            do! tab.Page.ClickAsync ".send"
            do! shows (tab.Page.Locator "#result") "Choose"
            do! tab.Screenshot "no-file-no-script"
            do! tab.Page.SetInputFilesAsync("#file", sample "honeycomb")
            do! tab.Page.ClickAsync ".send"
            do! fiveRows tab.Page "honeycomb"
            do! tab.Screenshot "result-no-script"
            do! tab.Page.ClickAsync "#samples button[value^='digital-clock']"
            do! fiveRows tab.Page "digital clock"
        }

let private keyboard =
    case "a sample is tried with the keyboard alone, and the answer is announced" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.FocusAsync "#samples li:first-child button"
            do! tab.Page.Keyboard.PressAsync "Enter"
            do! Assertions.Expect(tab.Page.Locator "#result tbody tr").ToHaveCountAsync 5
            let! live = tab.Page.Locator("#result").GetAttributeAsync "aria-live"
            Expect.equal (string live) "polite" "a screen reader hears of it"
            clean tab
        }

let private admin =
    case "the admin page lists, adds and removes workers" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/workers"
            let body = tab.Page.Locator "main"
            do! shows body "127.0.0.1:"
            do! tab.Page.FillAsync("input[name='address']", "127.0.0.1:7777")
            do! tab.Page.Keyboard.PressAsync "Enter"
            do! shows body "127.0.0.1:7777"
            do! tab.Screenshot "workers"
            let row = tab.Page.Locator("tr", PageLocatorOptions(HasText = "127.0.0.1:7777"))
            do! row.Locator("button").Last.ClickAsync()
            do! Assertions.Expect(tab.Page.Locator "tbody tr").ToHaveCountAsync 1
            do! tab.Page.FillAsync("input[name='address']", "nonsense")
            do! tab.Page.Keyboard.PressAsync "Enter"
            do! shows body "nonsense"
            do! tab.Screenshot "workers-error"
            Expect.isEmpty (tab.Complaints |> Array.filter (fun text -> not (text.Contains "400"))) "nothing else"
        }

let private noWorker =
    testCaseTask "with no worker left the page says so"
    <| fun () ->
        task {
            use! web = Nodes.web [ Nodes.freePort () ] []

            do!
                visit web.Port desktop (fun tab ->
                    task {
                        do! tab.Goto "/"
                        do! tab.Page.SetInputFilesAsync("#file", sample "daisy")
                        do! shows (tab.Page.Locator "#result .notice") "No active worker"
                        do! tab.Screenshot "no-worker"
                    })
        }

let tests =
    testSequenced
    <| testList "Page" [ upload; samples; dark; wrongFile; withoutScript; keyboard; admin; noWorker ]
