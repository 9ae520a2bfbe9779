/// The live camera, with Chromium's own moving picture; and the part of a picture that the user cuts out.
module Tests.Expecto.Browser.CameraTests

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

/// How many requests were on their way at most at the same time, by the browser's own clock.
let private together =
    """() => {
        const asked = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/api/classify"));
        return Math.max(...asked.map(({ startTime }) =>
            asked.filter((other) => other.startTime <= startTime && startTime < other.responseEnd).length));
    }"""

let private live (name, options) =
    case $"frames are answered one after the other, and a snapshot is a picture as any other ({name})" options
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.ClickAsync "#live"
            let view = tab.Page.Locator "#camera-view"
            do! shows (view.Locator ".rate") "frames a second"
            do! Task.Delay 3000
            let! rate = view.GetAttributeAsync "data-rate"
            printfn $"live camera ({name}): {rate} frames a second, at {load ():F1} processes a processor"
            let! most = tab.Page.EvaluateAsync<int> together
            Expect.equal most 1 "never more than one on its way"
            do! visible (view.Locator ".heat")
            let! video = view.Locator("video").BoundingBoxAsync()
            let! heat = view.Locator(".heat").BoundingBoxAsync()
            let video, heat = Unchecked.nonNull video, Unchecked.nonNull heat
            Expect.isGreaterThanOrEqual heat.X (video.X - 1f) "over the video"
            Expect.isLessThanOrEqual (heat.X + heat.Width) (video.X + video.Width + 1f) "over the video"
            do! inside tab.Page
            do! axe tab "the live camera"
            do! tab.Screenshot $"live-{name}"
            do! view.Locator(".snapshot").ClickAsync()
            do! fiveRows (only tab) ""
            do! shows (only(tab).Locator ".name") "camera "

            let! isOn =
                tab.Page.EvaluateAsync<bool> "document.querySelector('#camera-view video').srcObject !== null"

            Expect.isFalse isOn "the camera is off"
            clean tab
        }

let private cut =
    case "a picture is turned, a part of it is moved and recognised" desktop
    <| fun tab ->
        task {
            use image =
                NetVips.Image.NewFromFile(Path.Combine(Repository.photographs, "dog.jpg"))

            use wide =
                image.Embed(
                    2 * image.Width,
                    0,
                    3 * image.Width,
                    image.Height,
                    extend = Nullable NetVips.Enums.Extend.White
                )

            use turned = wide.Rotate 90.0
            let file = fileOf "on-its-side.jpg" (turned.JpegsaveBuffer())
            do! tab.Goto "/"
            do! give tab file
            do! fiveRows (only tab) ""
            do! only(tab).Locator(".adjust").ClickAsync()
            let view = tab.Page.Locator "#crop-view"
            do! view.Locator(".left").ClickAsync()
            do! axe tab "cropping"
            let part = view.Locator ".part"
            // To the right end, where the dog is: by keyboard.
            do! part.FocusAsync()

            for _ in 1..40 do
                do! tab.Page.Keyboard.PressAsync "ArrowRight"

            do! tab.Screenshot "crop"
            do! view.Locator(".go").ClickAsync()

            let card =
                tab.Page.Locator(".card", PageLocatorOptions(HasText = "on-its-side, cropped.jpg"))

            do! fiveRows card "Samoyed"
            clean tab
        }

let tests =
    testSequencedGroup "browser"
    <| testList
        "Camera"
        [
            yield!
                [
                    "phone", { phone with Camera = true }
                    "desktop", { desktop with Camera = true }
                ]
                |> List.map live
            cut
        ]
