/// The upload page: choosing pictures, the explanation of an answer, cancelling, samples.
module Tests.Expecto.Browser.PageTests

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto

let private upload =
    home "a picture is chosen, sent and recognised, with the progress, without leaving the page" desktop (fun tab ->
        task {
            do! tab.Screenshot "upload"
            do! tab.Upload 60_000
            do! give tab (photograph "basketball.jpg")
            do! visible (only(tab).Locator "progress")
            do! shows (only(tab).Locator ".doing") "Uploading"
            do! tab.Screenshot "uploading"
            do! fiveRows (only tab) "basketball"
            Expect.equal tab.Page.Url (tab.Page.Url.TrimEnd('/') + "/") "the same page"
        })

/// Where the network looks: the middle 224 of a picture whose shorter side is 256, the longer cut to whole pixels.
let private square width height =
    let longer = int (256.0 * float (max width height) / float (min width height))
    let across, down = if width <= height then 256, longer else longer, 256

    let start length =
        Math.Round(float (length - 224) / 2.0, MidpointRounding.ToEven)

    start across / float across, start down / float down, 224.0 / float across, 224.0 / float down

/// Counts the maps that the page lays over pictures from now on, however short each of them stays.
let private watchMaps =
    """() => {
        globalThis.maps = 0;
        const count = ({ addedNodes }) => [...addedNodes].filter((node) => node.classList?.contains("heat")).length;
        new MutationObserver((changes) => { for (const change of changes) maps += count(change); })
            .observe(document.body, { subtree: true, childList: true });
    }"""

let private why =
    home "pointing at a class lays its map over the square that the network saw, and another's when moved" desktop
    <| fun tab ->
        task {
            // Stored on its side: 60 × 90 pixels that EXIF turns to 90 × 60, in the proportions of a camera.
            use image = NetVips.Image.NewFromFile(photograph "dog.jpg")
            use turned = image.Rotate 90.0
            use turned = turned.Mutate(fun meta -> meta.Set("orientation", 8))
            let file = Path.Combine(Repository.artifacts "uploads", "turned.jpg")
            turned.WriteToFile file
            do! tab.Run watchMaps
            do! give tab file
            do! fiveRows (only tab) ""
            let heat = only(tab).Locator ".heat"
            // On arrival the first map shows for a moment.
            let! _ = tab.Page.WaitForFunctionAsync "maps > 0"
            do! count heat 0
            let row index = only(tab).Locator("tbody tr").Nth index
            do! (row 0).HoverAsync()
            do! visible heat
            let! full = bounds (only(tab).Locator ".picture")
            let! over = bounds heat
            let left, top, width, height = square image.Width image.Height

            let near (found: float32) expected =
                Expect.isLessThan (abs (float found - expected)) 1.0 "within a pixel"

            Expect.isLessThan
                (abs (float full.Width / float full.Height - float image.Width / float image.Height))
                0.02
                "upright"

            near (over.X - full.X) (left * float full.Width)
            near (over.Y - full.Y) (top * float full.Height)
            near over.Width (width * float full.Width)
            near over.Height (height * float full.Height)

            let drawn () =
                heat.EvaluateAsync<string> "canvas => canvas.toDataURL()"

            let! first = drawn ()
            do! tab.Screenshot "why"
            do! (row 3).HoverAsync()
            let! fourth = drawn ()
            Expect.notEqual first fourth "another class, another map"
            do! tab.Page.Mouse.MoveAsync(5f, 5f)
            do! count heat 0
        }

let private keyboard =
    home "a sample is tried and explained with the keyboard alone, and the answer is announced" desktop (fun tab ->
        task {
            do! tab.Page.FocusAsync "#samples li:first-child button"
            do! tab.Page.Keyboard.PressAsync "Enter"
            do! fiveRows (only tab) "analog clock"
            do! shows (tab.Page.Locator "#live-region") "An analog clock ("
            do! tab.Page.FocusAsync ".remove"

            for _ in 1..20 do
                let! there = tab.Page.EvaluateAsync<bool> "document.activeElement.matches('.see')"

                if not there then
                    do! tab.Page.Keyboard.PressAsync "Shift+Tab"

            do! visible (only(tab).Locator ".heat")
            do! tab.Page.Keyboard.PressAsync "Enter"
            do! shows (tab.Page.Locator "#live-region") "the model looked mostly"
            do! tab.Screenshot "explained"
        })

let private ten (name, options) =
    home $"ten pictures are recognised at once, and explained ({name})" options (fun tab ->
        task {
            do! tab.Screenshot $"empty-{name}"
            do! giveAll tab (samples |> List.map sample)
            do! answered tab 10
            do! shows (tab.Page.Locator "#counted") "10 of 10 recognised"

            for file in samples do
                // The network's own word for a lighthouse.
                let word = file.Replace("lighthouse", "beacon").Replace('-', ' ')
                do! shows ((card tab $"{file}.png").Locator ".best") word

            let first = (tab.Page.Locator ".card").First
            do! (first.Locator ".see").First.ClickAsync()
            do! visible (first.Locator ".heat")
            do! shows (first.Locator ".legend") "mostly"
            do! inside tab.Page
            do! tab.Screenshot $"ten-{name}"
        })

let private cancelled =
    home "a picture is cancelled, and tried again" phone (fun tab ->
        task {
            do! tab.Upload 2_000
            do! give tab (sample "daisy")
            do! only(tab).Locator(".cancel").ClickAsync()
            do! shows (only(tab).Locator ".failure") "Cancelled"
            do! tab.Screenshot "cancelled"
            do! tab.Upload -1
            do! only(tab).Locator(".again").ClickAsync()
            do! fiveRows (only tab) "daisy"
            do! only(tab).Locator(".remove").ClickAsync()
            do! count (only tab) 0
            do! tab.Page.ClickAsync "#undo button"
            do! fiveRows (only tab) "daisy"
        })

/// `docs/page.png`, which the README shows, made anew: from the samples alone.
let private readme =
    home
        "the picture of the README: three samples recognised, and explained"
        { desktop with
            Width = 1200
            Height = 1010
        }
    <| fun tab ->
        task {
            do! giveAll tab [ sample "lighthouse"; sample "daisy"; sample "jellyfish" ]
            do! answered tab 3

            for index in [ 0; 2 ] do
                do! (tab.Page.Locator ".card").Nth(index).Locator(".see").First.ClickAsync()

            do! count (tab.Page.Locator ".heat:visible") 2
            do! tab.Run "scrollTo({ top: 0, behavior: 'instant' })"
            do! tab.Page.Mouse.MoveAsync(5f, 5f)
            do! Task.Delay 700
            let path = Path.Combine(Repository.artifacts "screenshots", "page.png")
            let! _ = tab.Page.ScreenshotAsync(PageScreenshotOptions(Path = path))
            ()
        }

let tests =
    testSequencedGroup "browser"
    <| testList "Page" [ upload; why; keyboard; yield! List.map ten looks; cancelled; readme ]
