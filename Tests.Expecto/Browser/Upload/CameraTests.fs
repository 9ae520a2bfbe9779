/// The live camera, with Chromium's test video; and cropping a picture.
module Tests.Expecto.Browser.CameraTests

open System.Threading.Tasks
open Expecto

let private live (name, look) =
    home
        $"frames are answered one after the other, and a snapshot is a picture like any other ({name})"
        { look with Camera = true }
    <| fun tab ->
        task {
            do! tab.Page.ClickAsync "#live"
            let view = tab.Page.Locator "#camera-view"
            do! shows (view.Locator ".rate") "frames a second"
            do! Task.Delay 3000
            let! rate = view.GetAttributeAsync "data-rate"
            printfn $"live camera ({name}): {rate} frames a second, at {load ():F1} processes a processor"
            let! counts = requests tab
            Expect.equal counts[1] 1 "never more than one on its way"
            do! visible (view.Locator ".heat")
            let! video = bounds (view.Locator "video")
            let! heat = bounds (view.Locator ".heat")
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
        }

let private cut =
    home "a picture is turned, a part of it is moved and recognised" desktop (fun tab ->
        task {
            use wide = wide ()
            use turned = wide.Rotate 90.0
            let file = fileOf "on-its-side.jpg" (turned.JpegsaveBuffer())
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

            do! fiveRows (card tab "on-its-side, cropped.jpg") "Samoyed"
        })

let tests =
    testSequencedGroup "browser"
    <| testList "Camera" [ yield! List.map live sizes; cut ]
