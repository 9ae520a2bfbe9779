/// Other ways to give a picture: before the script is loaded, as a folder, cropped first, by its address.
module Tests.Expecto.Browser.WaysInTests

open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.AspNetCore.Http
open Microsoft.Playwright
open Tests.Expecto

/// On a slow network a visitor is faster than the script.
let private early =
    case "a picture that is chosen before the script is loaded is recognised" phone (fun tab ->
        task {
            let chosen = TaskCompletionSource()

            let later (route: IRoute) : Task =
                task {
                    do! chosen.Task
                    do! route.ContinueAsync()
                }

            do! tab.Route("**/home.js", later)
            let loaded = tab.Goto "/"
            do! give tab (sample "daisy")
            Expect.isFalse loaded.IsCompleted "the script is not there"
            chosen.SetResult()
            do! loaded
            do! fiveRows (only tab) "daisy"
            clean tab
        })

/// Drops a file or a folder of this machine, as a file manager does.
let private drop (tab: Tab) (path: string) =
    task {
        let data =
            dict<string, obj> [ "items", Array.empty<obj>; "files", [| path |]; "dragOperationsMask", 1 ]

        for kind in [ "dragEnter"; "dragOver"; "drop" ] do
            do! tab.Command("Input.dispatchDragEvent", [ "type", kind; "x", 200; "y", 200; "data", data ])
    }

let private folder =
    home "the pictures of a dropped folder and of those in it are taken, its other files are not" desktop (fun tab ->
        task {
            let root = Path.Combine(Repository.artifacts "uploads", "album")
            let inner = Path.Combine(root, "summer")
            Directory.CreateDirectory inner |> ignore
            File.Copy(sample "daisy", Path.Combine(root, "daisy.png"), true)
            File.Copy(sample "hourglass", Path.Combine(inner, "hourglass.png"), true)
            File.WriteAllText(Path.Combine(inner, "notes.txt"), "no picture")
            do! drop tab root
            do! answered tab 2
            let! names = names tab
            Expect.equal (List.sort names) [ "daisy.png"; "hourglass.png" ] "names"
        })

let private cropped (name, options) =
    case $"with cropping first, nothing is sent before the part is chosen ({name})" options (fun tab ->
        task {
            let view = tab.Page.Locator "#crop-view"
            do! tab.Goto "/"
            do! openOptions tab
            do! tab.Page.Locator("#crop-first").CheckAsync()
            use wide = wide ()
            do! give tab (fileOf "wide.jpg" (wide.JpegsaveBuffer()))
            do! visible view
            do! inside tab.Page
            do! axe tab "cropping before sending"
            do! tab.Screenshot $"crop-first-{name}"

            for _ in 1..40 do
                do! view.Locator(".part").PressAsync "ArrowRight"

            let! sent = requests tab
            Expect.equal sent[0] 0 "nothing was sent"
            do! view.Locator(".go").ClickAsync()
            do! fiveRows (only tab) "Samoyed"
            do! shows (only(tab).Locator ".name") "wide, cropped.jpg"
            // The next one is left as it is: then the file itself is sent. Of what is closed nothing is.
            do! tab.Goto "/"
            do! giveAll tab [ sample "daisy"; sample "hourglass" ]
            do! view.Locator(".go").ClickAsync()
            // The dialog shows the second one.
            do! shows (view.Locator ".of") "hourglass.png"
            do! view.Locator(".close").ClickAsync()
            do! fiveRows (tab.Page.Locator(".card").First) "daisy"
            let! names = names tab
            Expect.equal names [ "daisy.png"; "wide, cropped.jpg" ] "two"
            clean tab
        })

/// Another site, with one picture.
let private otherSite () =
    LocalSite.serve (fun context ->
        if context.Request.Path.Value = "/daisy.png" then
            context.Response.SendFileAsync(sample "daisy")
        else
            context.Response.StatusCode <- 404
            Task.CompletedTask)

let private address (name, options) =
    ofItsOwn
        $"where the operator allows it, a picture is fetched by its address ({name})"
        options
        [ "--Http:FetchNetworks=127.0.0.0/8" ]
    <| fun tab _ ->
        task {
            use! site = otherSite ()
            let other = Seq.head site.Urls
            do! tab.Goto "/"
            do! openOptions tab
            do! inside tab.Page
            do! axe tab "with a field for an address"
            do! tab.Screenshot $"address-{name}"
            do! tab.Page.FillAsync("#address", $"{other}/nothing.png")
            do! tab.Page.ClickAsync ".by-address button"
            do! visible (tab.Page.Locator "#error-notice")
            do! tab.Screenshot $"address-failed-{name}"
            do! tab.Page.FillAsync("#address", $"{other}/daisy.png")
            do! tab.Page.ClickAsync ".by-address button"
            do! fiveRows (only tab) "daisy"
            do! hidden (tab.Page.Locator "#error-notice")
            // An address is pasted anywhere.
            do! tab.Page.EvaluateAsync($"navigator.clipboard.writeText('{other}/daisy.png')") :> Task
            do! tab.Page.FocusAsync "#main"
            do! tab.Page.Keyboard.PressAsync "Control+V"
            do! answered tab 2
        }

/// What a drop of this data does: whether the page takes it. Typed events, as no mouse drags between windows here.
let private takes (tab: Tab) (place: string) (mediaType: string) (data: string) =
    tab.Page.EvaluateAsync<bool>(
        """([place, type, data]) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.setData(type, data);
            const send = (kind) =>
                !document.querySelector(place).dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
            send("dragenter");
            send("dragover");
            return send("drop");
        }""",
        [| place; mediaType; data |]
    )

let private texts =
    ofItsOwn
        "a dropped text is ignored, and an address dropped into a field stays there"
        desktop
        [ "--Http:FetchNetworks=127.0.0.0/8" ]
    <| fun tab _ ->
        task {
            do! tab.Goto "/"
            do! openOptions tab
            let! ofText = takes tab "main" "text/html" "<b>some words</b>"
            Expect.isFalse ofText "a text"
            let! ofField = takes tab "#address" "text/uri-list" "http://127.0.0.1:9/daisy.png"
            Expect.isFalse ofField "an address, in the field"
            do! hidden (tab.Page.Locator "#error-notice")
            let! ofAddress = takes tab "main" "text/uri-list" "http://127.0.0.1:9/daisy.png"
            Expect.isTrue ofAddress "an address, on the page"
            do! shows (tab.Page.Locator "#error-notice") "Can't fetch the picture"
        }

let tests =
    testSequencedGroup "browser"
    <| testList
        "Ways in"
        [
            early
            folder
            texts
            yield! List.map cropped sizes
            yield! List.map address sizes
        ]
