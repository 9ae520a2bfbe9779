/// The pages by touch alone and by keyboard alone.
module Tests.Expecto.Browser.TouchAndKeyboardTests

open System.Text.Json
open Expecto
open Microsoft.Playwright

let private camera =
    home "on a phone the camera takes a picture, and a tap on a name shows where it was seen" phone (fun tab ->
        task {
            do! Assertions.Expect(tab.Page.Locator "#camera").ToHaveAttributeAsync("capture", "environment")
            do! visible (tab.Page.Locator ".take-photo")

            let tap () =
                tab.Page.Locator(".take-photo").TapAsync()

            let! chooser = tab.Page.RunAndWaitForFileChooserAsync tap
            Expect.isFalse chooser.IsMultiple "one picture at a time"
            do! chooser.SetFilesAsync(sample "jellyfish")
            do! fiveRows (only tab) "jellyfish"
            do! visible (only(tab).Locator ".tapped")
            let heat = only(tab).Locator ".heat"
            do! count heat 0
            let see index = only(tab).Locator(".see").Nth index

            let drawn () =
                heat.EvaluateAsync<string> "canvas => canvas.toDataURL()"

            do! (see 0).TapAsync()
            do! visible heat
            let! first = drawn ()
            do! tab.Screenshot "tapped"
            do! (see 1).TapAsync()
            let! second = drawn ()
            Expect.notEqual first second "another class, another map"
            do! (see 1).TapAsync()
            do! count heat 0
        })

/// Where the keyboard is, and whether one sees it: the element's own name, and the width of its outline.
let private focus =
    """() => {
        const at = document.activeElement;
        const ring = at.matches("#file, #camera, #folder") ? at.nextElementSibling : at;
        const { outlineStyle, outlineWidth } = getComputedStyle(ring, at.matches(".see") ? "::after" : null);
        return [at.outerHTML.slice(0, 90), outlineStyle === "none" ? 0 : parseFloat(outlineWidth)];
    }"""

/// Presses Tab until the keyboard is at `selector`, if it is not there already. Every stop on the way has to be seen.
let private tabTo (tab: Tab) (selector: string) =
    task {
        let isThere () =
            tab.Page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector)

        let! already = isThere ()
        let mutable there = already
        let mutable presses = 0

        while not there do
            presses <- presses + 1

            if presses > 60 then
                failtest $"60 presses of Tab do not lead to {selector}"

            do! tab.Page.Keyboard.PressAsync "Tab"
            let! at = tab.Page.EvaluateAsync<JsonElement> focus
            Expect.isGreaterThan (at[1].GetDouble()) 1.0 $"the focus is seen on {at[0]}"

            let! is = isThere ()
            there <- is
    }

let private keyboard =
    case "from the first Tab to the last: choose, see why, copy, remove, add and drain a worker" desktop (fun tab ->
        task {
            let press key = tab.Page.Keyboard.PressAsync key
            // Playwright catches the browser's dialog from the first listener on, and does not wait until it does.
            tab.Page.FileChooser.Add ignore
            do! tab.Goto "/"
            do! tabTo tab ".skip"
            do! tab.Screenshot "skip"
            do! tabTo tab "#theme"
            do! press "Enter"
            do! root tab "data-theme" "dark"
            do! tabTo tab "#file"
            let! chooser = tab.Page.RunAndWaitForFileChooserAsync(fun () -> press "Enter")
            do! chooser.SetFilesAsync [ sample "daisy"; sample "honeycomb" ]
            do! answered tab 2
            do! tabTo tab "#results .export summary"
            do! press "Enter"
            do! tabTo tab "#results .json"
            do! press "Enter"
            do! shows (tab.Page.Locator "#live-region") "Copied"
            let! copied = tab.Page.EvaluateAsync<string> "navigator.clipboard.readText()"
            use copied = JsonDocument.Parse copied

            let names =
                [
                    for answer in copied.RootElement.EnumerateArray() -> string (answer.GetProperty "name")
                ]

            Expect.equal names [ "daisy.png"; "honeycomb.png" ] "the clipboard holds the answers"
            do! tabTo tab ".see"
            do! press "Enter"
            do! visible (tab.Page.Locator ".card .heat").First
            do! shows (tab.Page.Locator "#live-region") "the model looked mostly"
            do! tab.Screenshot "by-keyboard"
            do! tabTo tab ".card .remove"
            do! press "Enter"
            do! count (tab.Page.Locator ".card") 1
            do! tab.Goto "/workers"
            do! shows (tab.Page.Locator "#link") "Live"
            do! tabTo tab "#address"
            do! tab.Page.Keyboard.TypeAsync "127.0.0.1:7778"
            do! press "Enter"
            let added = "tr[data-worker='127.0.0.1:7778']"
            do! visible (tab.Page.Locator added)
            do! tabTo tab $"{added} .more"
            do! press "Enter"
            do! tabTo tab $"{added} .drain"
            do! press "Enter"
            do! shows (tab.Page.Locator $"{added} .state") "drained"
            do! tabTo tab $"{added} .more"
            do! press "Enter"
            do! tabTo tab $"{added} .remove"
            do! press "Enter"
            do! visible (tab.Page.Locator "#removal")
            do! press "Enter"
            do! count (tab.Page.Locator added) 0
            clean tab
        })

let private widths =
    case "no page is wider than a screen, from 320 pixels to 3840" narrow (fun tab ->
        task {
            for path in [ "/"; "/workers"; "/docs" ] do
                for width, height in [ 320, 568; 1440, 900; 3840, 2160 ] do
                    do! tab.Page.SetViewportSizeAsync(width, height)
                    do! tab.Goto path
                    do! inside tab.Page

                    // The reference is too long for a picture of every size.
                    if path <> "/docs" then
                        do! tab.Screenshot $"""width-{path.Trim('/')}-{width}"""
        })

let tests =
    testSequencedGroup "browser"
    <| testList "Touch and keyboard" [ camera; keyboard; widths ]
