/// The ways in for a picture that is not just chosen: before the script is there, as a folder, cropped first, by its address.
module Tests.Expecto.Browser.WaysInTests

open System
open System.Collections.Generic
open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

/// On a slow network a visitor is faster than the script.
let private early =
    case "a picture that is chosen before the script is loaded is recognised" phone
    <| fun tab ->
        task {
            let chosen = TaskCompletionSource()

            let later (route: IRoute) : Task =
                task {
                    do! chosen.Task
                    do! route.ContinueAsync()
                }

            let! _ = tab.Page.RouteAsync("**/home.js", Func<IRoute, Task> later)
            let loaded = tab.Goto "/"
            do! give tab (sample "daisy")
            Expect.isFalse loaded.IsCompleted "the script is not there"
            chosen.SetResult()
            do! loaded
            do! fiveRows (only tab) "daisy"
            clean tab
        }

/// Drops a file or a folder of this machine, as a file manager does.
let private drop (tab: Tab) (path: string) =
    task {
        let! session = tab.Page.Context.NewCDPSessionAsync tab.Page

        let data =
            dict<string, obj> [ "items", Array.empty<obj>; "files", [| path |]; "dragOperationsMask", 1 ]

        for kind in [ "dragEnter"; "dragOver"; "drop" ] do
            let event = Dictionary<string, obj>()
            event["type"] <- kind
            event["x"] <- 200
            event["y"] <- 200
            event["data"] <- data
            let! _ = session.SendAsync("Input.dispatchDragEvent", event)
            ()
    }

let private folder =
    case "the pictures of a dropped folder and of those in it are taken, its other files are not" desktop
    <| fun tab ->
        task {
            let root = Path.Combine(Repository.artifacts "uploads", "album")
            let inner = Path.Combine(root, "summer")
            Directory.CreateDirectory inner |> ignore
            File.Copy(sample "daisy", Path.Combine(root, "daisy.png"), true)
            File.Copy(sample "hourglass", Path.Combine(inner, "hourglass.png"), true)
            File.WriteAllText(Path.Combine(inner, "notes.txt"), "no picture")
            do! tab.Goto "/"
            do! drop tab root
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 2
            let! names = tab.Page.Locator(".card .name").AllInnerTextsAsync()
            Expect.equal (List.sort (List.ofSeq names)) [ "daisy.png"; "hourglass.png" ] "names"
            clean tab
        }

/// How many pictures the page has sent.
let private sent (tab: Tab) =
    tab.Page.EvaluateAsync<int>
        "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/api/classify')).length"

/// A white picture with a dog at its right end.
let private wide () =
    use image =
        NetVips.Image.NewFromFile(Path.Combine(Repository.photographs, "dog.jpg"))

    use wide =
        image.Embed(2 * image.Width, 0, 3 * image.Width, image.Height, extend = Nullable NetVips.Enums.Extend.White)

    fileOf "wide.jpg" (wide.JpegsaveBuffer())

let private cropped (name, options) =
    case $"where the user crops first, nothing is sent before the part is chosen ({name})" options
    <| fun tab ->
        task {
            let view = tab.Page.Locator "#crop-view"
            do! tab.Goto "/"
            do! openOptions tab
            do! tab.Page.Locator("#crop-first").CheckAsync()
            do! give tab (wide ())
            do! visible view
            do! inside tab.Page
            do! axe tab "cropping before sending"
            do! tab.Screenshot $"crop-first-{name}"

            for _ in 1..40 do
                do! view.Locator(".part").PressAsync "ArrowRight"

            let! before = sent tab
            Expect.equal before 0 "nothing was sent"
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
            let! names = tab.Page.Locator(".card .name").AllInnerTextsAsync()
            Expect.equal (List.ofSeq names) [ "daisy.png"; "wide, cropped.jpg" ] "two"
            clean tab
        }

/// Another site, with one picture.
let private otherSite () =
    task {
        let builder = WebApplication.CreateSlimBuilder()
        builder.Logging.ClearProviders() |> ignore
        builder.WebHost.UseUrls "http://127.0.0.1:0" |> ignore
        let app = builder.Build()

        app.MapGet("/daisy.png", RequestDelegate(fun context -> context.Response.SendFileAsync(sample "daisy")))
        |> ignore

        do! app.StartAsync()
        return app
    }

let private address (name, options) =
    ofItsOwn
        $"where the operator allows it, a picture is fetched by its address ({name})"
        options
        [ "--Http:FetchNetworks=127.0.0.0/8" ]
    <| fun tab _ _ ->
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
            do! Assertions.Expect(tab.Page.Locator "#error-notice").ToBeHiddenAsync()
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
        "a text is no picture, and an address that is dropped into a field belongs there"
        desktop
        [ "--Http:FetchNetworks=127.0.0.0/8" ]
    <| fun tab _ _ ->
        task {
            do! tab.Goto "/"
            do! openOptions tab
            let! ofText = takes tab "main" "text/html" "<b>some words</b>"
            Expect.isFalse ofText "a text"
            let! ofField = takes tab "#address" "text/uri-list" "http://127.0.0.1:9/daisy.png"
            Expect.isFalse ofField "an address, in the field"
            do! Assertions.Expect(tab.Page.Locator "#error-notice").ToBeHiddenAsync()
            let! ofAddress = takes tab "main" "text/uri-list" "http://127.0.0.1:9/daisy.png"
            Expect.isTrue ofAddress "an address, on the page"
            do! shows (tab.Page.Locator "#error-notice") "Can't fetch the picture"
        }

let private sizes = [ "phone", phone; "desktop", desktop ]

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
