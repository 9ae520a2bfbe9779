/// The fixture of the browser tests: a real web node and worker, and what a user does on their pages.
[<AutoOpen>]
module Tests.Expecto.Browser.Pages

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto

let sample = Repository.sample

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

let photograph name =
    Path.Combine(Repository.photographs, name)

/// A web node with one worker, for all of them.
let site =
    lazy
        (task {
            let! web = Nodes.service [] []
            AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> (web :> IDisposable).Dispose())
            return web
        })

let case name look (run: Tab -> Task) =
    testCaseTask name (fun () ->
        task {
            let! web = site.Value
            do! visit web.Port look run
        })

let clean (tab: Tab) =
    Expect.isEmpty tab.Complaints "no console errors, and no request to any other host"

/// A case on the upload page, on which nothing goes wrong.
let home name look (run: Tab -> Task) =
    case name look (fun tab ->
        task {
            do! tab.Goto "/"
            do! run tab
            clean tab
        })

/// A page of a web node with these options, and with `count` workers of its own.
let withWorkers count name look options (run: Tab -> WebNode -> Task) =
    testCaseTask name (fun () ->
        task {
            use! web = Nodes.serviceOf count [] options
            do! visit web.Port look (fun tab -> run tab web)
        })

/// A page of a web node with these options, and with a worker of its own.
let ofItsOwn name look options run = withWorkers 1 name look options run

/// A file on the disk, outside git.
let fileOf name (bytes: byte[]) =
    let path = Path.Combine(Repository.artifacts "uploads", name)
    File.WriteAllBytes(path, bytes)
    path

/// A white picture with a dog at its right end.
let wide () =
    use image = NetVips.Image.NewFromFile(photograph "dog.jpg")

    image.Embed(2 * image.Width, 0, 3 * image.Width, image.Height, extend = Nullable NetVips.Enums.Extend.White)

let give (tab: Tab) (path: string) =
    tab.Page.SetInputFilesAsync("#file", path)

let giveAll (tab: Tab) (paths: string list) =
    tab.Page.SetInputFilesAsync("#file", paths)

/// The one card.
let only (tab: Tab) = tab.Page.Locator ".card"

/// The card of the file `name`.
let card (tab: Tab) (name: string) =
    tab.Page.Locator(".card", PageLocatorOptions(HasText = name))

/// Opens what an answer says for programmers, and returns the code.
let details (card: ILocator) =
    task {
        do! card.Locator(".details > summary").ClickAsync()
        do! card.Locator(".code > summary").ClickAsync()
        return! card.Locator(".code code").InnerTextAsync()
    }

/// Opens the options of the upload page, where they are not open.
let openOptions (tab: Tab) =
    task {
        let! isOpen = tab.Page.Locator(".options[open]").CountAsync()

        if isOpen = 0 then
            do! tab.Page.ClickAsync ".options > summary"
    }

/// Opens the page and signs in with a key.
let signIn (tab: Tab) (key: string) =
    task {
        do! tab.Goto "/"
        do! tab.Page.FillAsync("#key", key)
        do! tab.Page.ClickAsync "form[action='/sign-in'] button"
    }

/// Chooses an option of the list `id`.
let select (tab: Tab) (id: string) (value: string) : Task =
    tab.Page.SelectOptionAsync($"#{id}", value)

/// The row of a worker.
let row (tab: Tab) (address: string) =
    tab.Page.Locator $"tr[data-worker='{address}']"

/// Chooses an action from the menu of a worker's row; a removal is confirmed.
let choose (tab: Tab) (row: ILocator) (action: string) : Task =
    task {
        do! row.Locator(".more").ClickAsync()
        do! row.Locator($".menu .{action}").ClickAsync()

        if action = "remove" then
            do! tab.Page.ClickAsync "#removal button[value=remove]"
    }

/// Enters an address on the workers' page.
let enter (tab: Tab) (address: string) =
    task {
        do! tab.Page.FillAsync("input#address", address)
        do! tab.Page.Keyboard.PressAsync "Enter"
    }

/// Clicks what saves a file, and returns the file's path.
let saved (tab: Tab) (selector: string) =
    task {
        let! download =
            tab.Page.RunAndWaitForDownloadAsync(fun () -> tab.Page.Locator(selector).ClickAsync())

        let path = Path.Combine(Repository.artifacts "uploads", download.SuggestedFilename)
        do! download.SaveAsAsync path
        return path
    }

/// What a command of the page prints, run in the folder of the picture.
let shell (command: string) =
    task {
        let start =
            ProcessStartInfo(
                "/bin/sh",
                [ "-c"; command ],
                RedirectStandardOutput = true,
                WorkingDirectory = Repository.samples
            )

        use run = Unchecked.nonNull (Process.Start start)
        let! text = run.StandardOutput.ReadToEndAsync()
        do! run.WaitForExitAsync()
        return text
    }

/// The most probable class of the JSON that a command prints.
let firstLabel (json: string) =
    use answer = JsonDocument.Parse json
    string (answer.RootElement.GetProperty("predictions").[0].GetProperty "label")

let kill (web: WebNode) =
    task {
        web.Node.Send Signal.Kill
        let! _ = web.Node.EndedAsync(TimeSpan.FromSeconds 10.0)
        ()
    }

/// Starts a web node on the port of one that ended.
let restart (web: WebNode) options =
    task {
        let node =
            Nodes.startWeb web.Port ([ "--Registry:Path="; "--Http:DrainSeconds=0" ] @ options)

        do! node.UntilAsync("listening", TimeSpan.FromSeconds 60.0, (fun () -> Nodes.listens web.Port))
        return node
    }
