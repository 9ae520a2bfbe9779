/// What the page says when something is wrong, each for real, and each with a picture to look at.
module Tests.Expecto.Browser.ErrorsTests

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.EndToEnd
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

/// A page of a web node with these options and a worker of its own.
let private with' name look options (run: Tab -> WebNode -> Node -> Task) =
    testCaseTask name (fun () ->
        task {
            let port = Nodes.freePort ()
            use! worker = Nodes.worker port []
            use! web = Nodes.web [ port ] options
            do! visit web.Port look (fun tab -> run tab web worker)
        })

let private file name (bytes: byte[]) =
    let path = Path.Combine(Repository.artifacts "uploads", name)
    File.WriteAllBytes(path, bytes)
    path

let private give (tab: Tab) (path: string) =
    tab.Page.SetInputFilesAsync("#file", path)

let private failing (tab: Tab) (name: string) (title: string) (advice: string) =
    task {
        let card =
            tab.Page.Locator(".card[data-state=failed]", PageLocatorOptions(HasText = name))

        do! shows (card.Locator ".failure strong") title
        do! shows (card.Locator ".failure p") advice
        do! visible (card.Locator ".again")
    }

let private files (name, look) =
    with'
        $"empty, too large, damaged, and no picture: each says what to do ({name})"
        look
        [ "--Upload:MaxBytes=150000" ]
    <| fun tab _ _ ->
        task {
            let daisy = File.ReadAllBytes(sample "daisy")
            do! tab.Goto "/"

            do!
                tab.Page.SetInputFilesAsync(
                    "#file",
                    [
                        file "nothing.jpg" [||]
                        sample "honeycomb"
                        file "cut-short.png" daisy[..3000]
                        file "notes.txt" "no picture at all"B
                    ]
                )

            do! failing tab "nothing.jpg" "Empty file" "Choose another one"
            do! failing tab "honeycomb.png" "too large" "Make it smaller"
            do! failing tab "cut-short.png" "can't be read" "amaged"
            do! failing tab "notes.txt" "not a picture" "JPEG, PNG, WebP or GIF"
            do! shows (tab.Page.Locator "#counted") "0 named, 4 not"
            do! inside tab.Page
            do! tab.Screenshot $"errors-{name}"
        }

let private hurried =
    with'
        "more than a caller may send waits as long as it is told to, and is then named"
        phone
        [ "--Api:RequestsPerSecond=0.3"; "--Api:Burst=1" ]
    <| fun tab _ _ ->
        task {
            do! tab.Goto "/"
            do! tab.Page.SetInputFilesAsync("#file", [ sample "daisy"; sample "hourglass" ])
            let waiting = tab.Page.Locator ".card[data-state=paused]"
            do! shows (waiting.Locator ".doing") "Asking again in"
            do! shows (waiting.Locator ".failure") "Too many pictures at once"
            do! shows (waiting.Locator ".failure") "a little patience"
            do! tab.Screenshot "asked-too-often"
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 2
            do! tab.Screenshot "asked-again"
        }

let private silent =
    with'
        "a worker that stands still, and then a server that is gone: two sentences, and another try helps"
        phone
        [
            "--Pool:RequestSeconds=2"
            "--Client:SilenceSeconds=2"
            "--Pool:CheckSeconds=0"
        ]
    <| fun tab web worker ->
        task {
            do! tab.Goto "/"
            worker.Send Signal.Stop
            do! give tab (sample "daisy")
            do! failing tab "daisy.png" "time" "gain"
            worker.Send Signal.Continue
            do! only(tab).Locator(".again").ClickAsync()
            do! fiveRows (only tab) "daisy"
            web.Node.Send Signal.Kill
            let! _ = web.Node.Ended(TimeSpan.FromSeconds 10.0)
            do! give tab (sample "hourglass")
            do! failing tab "hourglass.png" "No connection" "Look whether it runs"
            do! tab.Screenshot "no-connection"
        }

let private keys = [ "--Api:Keys=a-key-of-the-tests-0123456789"; "--Api:Page=key" ]

let private opened =
    with'
        "where the page wants a key, one that is given as a password opens it"
        { phone with
            Password = Some "a-key-of-the-tests-0123456789"
        }
        keys
    <| fun tab _ _ ->
        task {
            do! tab.Goto "/"
            do! give tab (sample "daisy")
            do! fiveRows (only tab) "daisy"
            clean tab
        }

let tests =
    testSequenced
    <| testList
        "Errors"
        [
            yield!
                [ "phone", phone; "desktop-dark", { desktop with Dark = true } ]
                |> List.map files
            hurried
            silent
            opened
        ]
