/// The pages as a person sees them, in a real browser, with a real worker behind them: what all their tests share.
module Tests.Expecto.Browser.Pages

open System
open System.Diagnostics
open System.Globalization
open System.IO
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Deque.AxeCore.Playwright
open Tests.Expecto
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

/// A page of a web node with these options, and with a worker of its own.
let ofItsOwn name look options (run: Tab -> WebNode -> Node -> Task) =
    testCaseTask name (fun () ->
        task {
            let port = Nodes.freePort ()
            use! worker = Nodes.worker port []
            use! web = Nodes.web [ port ] options
            do! visit web.Port look (fun tab -> run tab web worker)
        })

let shows (locator: ILocator) (text: string) : Task =
    Assertions.Expect(locator).ToContainTextAsync text

let visible (locator: ILocator) : Task =
    Assertions.Expect(locator).ToBeVisibleAsync()

let private percentage = Regex @"^\d{1,3}\.\d{3}\s?%$"

/// The table of an answer: five rows, category, bar, percentage with three decimals, most probable first.
let fiveRows (place: ILocator) (expected: string) =
    task {
        let rows = place.Locator "tbody tr"
        do! Assertions.Expect(rows).ToHaveCountAsync 5
        do! shows (rows.First.Locator "th") expected
        let! shares = place.Locator("tbody .share").AllInnerTextsAsync()

        for share in shares do
            Expect.isTrue (percentage.IsMatch(share.Trim())) $"'{share}' is a percentage with three decimals"

        let numbers = [ for share in shares -> float (share.Trim().TrimEnd('%').Trim()) ]
        Expect.equal numbers (List.sortDescending numbers) "most probable first"
        // What is behind "Details" is read, too.
        do! shows (place.Locator ".worker") "127.0.0.1:"
        do! shows (place.Locator ".time") " ms"
    }

/// Opens what an answer says for programmers.
let details (card: ILocator) =
    task {
        do! card.Locator(".details > summary").ClickAsync()
        do! card.Locator(".code > summary").ClickAsync()
    }

/// Chooses an action from the menu of a worker's row; a removal is confirmed.
let choose (tab: Tab) (row: ILocator) (action: string) : Task =
    task {
        do! row.Locator(".more").ClickAsync()
        do! row.Locator($".menu .{action}").ClickAsync()

        if action = "remove" then
            do! tab.Page.ClickAsync "#removal button[value=remove]"
    }

/// The one card.
let only (tab: Tab) = tab.Page.Locator ".card"

/// A file on the disk, outside git.
let fileOf name (bytes: byte[]) =
    let path = Path.Combine(Repository.artifacts "uploads", name)
    File.WriteAllBytes(path, bytes)
    path

let give (tab: Tab) (path: string) =
    tab.Page.SetInputFilesAsync("#file", path)

let giveAll (tab: Tab) (paths: string list) =
    tab.Page.SetInputFilesAsync("#file", paths)

/// So many pictures have an answer.
let answered (tab: Tab) (count: int) : Task =
    Assertions
        .Expect(tab.Page.Locator ".card[data-state=answered]")
        .ToHaveCountAsync(count, LocatorAssertionsToHaveCountOptions(Timeout = Nullable 120_000f))

/// Opens the options of the upload page, where they are not open.
let openOptions (tab: Tab) =
    task {
        let! isOpen = tab.Page.Locator(".options[open]").CountAsync()

        if isOpen = 0 then
            do! tab.Page.ClickAsync ".options > summary"
    }

let private failed (tab: Tab) (name: string) (title: string) (advice: string) =
    task {
        let card =
            tab.Page.Locator(".card[data-state=failed]", PageLocatorOptions(HasText = name))

        do! shows (card.Locator ".failure strong") title
        do! shows (card.Locator ".failure p") advice
        return card.Locator ".again"
    }

/// The card of the file `name` has failed, in words that hold `title` and `advice`, and can be tried again.
let failing (tab: Tab) (name: string) (title: string) (advice: string) =
    task {
        let! again = failed tab name title advice
        do! visible again
    }

/// The same of a file that no attempt will make a picture of.
let failingForGood (tab: Tab) (name: string) (title: string) (advice: string) =
    task {
        let! again = failed tab name title advice
        do! Assertions.Expect(again).ToBeHiddenAsync()
    }

/// Opens the page and signs in with a key.
let signIn (tab: Tab) (key: string) =
    task {
        do! tab.Goto "/"
        do! tab.Page.FillAsync("#key", key)
        do! tab.Page.ClickAsync "form[action='/sign-in'] button"
    }

let clean (tab: Tab) =
    Expect.isEmpty tab.Complaints "no console errors, and no request to any other host"

/// What reaches over the right edge of the page, and by how much.
let private over =
    """() => {
        const edge = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= edge) return [];
        const found = [...document.body.querySelectorAll("*")]
            .filter((element) => element.getBoundingClientRect().right > edge)
            .map((element) => element.outerHTML.slice(0, 120));
        return [document.documentElement.scrollWidth - edge + " px", ...found];
    }"""

let inside (page: IPage) : Task =
    task {
        let! found = page.EvaluateAsync<string[]> over

        if found.Length > 0 then
            failtest $"over the side: {String.Join('\n', found)}"
    }

/// axe-core's rules but for those in `passed`; `where` is the state that the page is in.
let axeBut (passed: string list) (tab: Tab) where =
    task {
        let! found = tab.Page.RunAxe()

        let said =
            [
                for rule in found.Violations do
                    if not (List.contains rule.Id passed) then
                        for node in rule.Nodes do
                            $"{where}: {rule.Id}: {rule.Help}: {node.Html}"
            ]

        if not said.IsEmpty then
            failtest (String.Join('\n', said))
    }

let axe (tab: Tab) where = axeBut [] tab where

/// Runs what the page says to run, in the folder of the picture.
let shell (command: string) =
    task {
        let start =
            ProcessStartInfo(
                "/bin/sh",
                [ "-c"; command ],
                RedirectStandardOutput = true,
                WorkingDirectory = Path.Combine(Repository.root, "samples")
            )

        use run = Unchecked.nonNull (Process.Start start)
        let! text = run.StandardOutput.ReadToEndAsync()
        do! run.WaitForExitAsync()
        return text
    }

/// How many processes want each processor: above 1 a page waits for others, and not for itself.
let load () =
    let text = File.ReadAllText "/proc/loadavg"

    max
        1.0
        (Double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture)
         / float Environment.ProcessorCount)

let both =
    [
        "phone", phone
        "desktop", desktop
        "phone-dark", { phone with Dark = true }
        "desktop-dark", { desktop with Dark = true }
    ]
