/// The upload page: each thing that a person does there.
module Tests.Expecto.Browser.PageTests

open System
open System.IO
open System.Net.Http
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.EndToEnd
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

let private percentage = Regex @"^\d{1,3}\.\d{3}\s?%$"

/// The table of an answer: five rows, category, bar, percentage with three decimals, most probable first.
let private fiveRows (place: ILocator) (expected: string) =
    task {
        let rows = place.Locator "tbody tr"
        do! Assertions.Expect(rows).ToHaveCountAsync 5
        do! shows (rows.First.Locator "th") expected
        let! shares = place.Locator("tbody .share").AllInnerTextsAsync()

        for share in shares do
            Expect.isTrue (percentage.IsMatch(share.Trim())) $"'{share}' is a percentage with three decimals"

        let numbers = [ for share in shares -> float (share.Trim().TrimEnd('%').Trim()) ]
        Expect.equal numbers (List.sortDescending numbers) "most probable first"
        do! shows place "127.0.0.1:"
        do! shows place " ms"
    }

let private only (tab: Tab) = tab.Page.Locator ".card"

let private upload =
    case "a picture is chosen, sent and named, with the progress, without leaving the page" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Screenshot "upload"
            do! slow tab 60_000
            do! tab.Page.SetInputFilesAsync("#file", Path.Combine(Repository.photographs, "basketball.jpg"))
            do! visible (only(tab).Locator "progress")
            do! shows (only(tab).Locator ".doing") "Uploading"
            do! tab.Screenshot "uploading"
            do! fiveRows (only tab) "basketball"
            Expect.equal tab.Page.Url (tab.Page.Url.TrimEnd('/') + "/") "the same page"
            clean tab
        }

/// Where the network looks: the middle 224 of a picture whose shorter side is 256, the longer cut to whole pixels.
let private square width height =
    let longer = int (256.0 * float (max width height) / float (min width height))
    let across, down = if width <= height then 256, longer else longer, 256

    let start length =
        Math.Round(float (length - 224) / 2.0, MidpointRounding.ToEven)

    start across / float across, start down / float down, 224.0 / float across, 224.0 / float down

let private why =
    case "pointing at a class lays its map over the square that the network saw, and another's when moved" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            // Stored on its side: 60 × 90 pixels that EXIF turns to 90 × 60, in the proportions of a camera.
            use image =
                NetVips.Image.NewFromFile(Path.Combine(Repository.photographs, "dog.jpg"))

            use turned = image.Rotate 90.0
            use turned = turned.Mutate(fun meta -> meta.Set("orientation", 8))
            let file = Path.Combine(Repository.artifacts "uploads", "turned.jpg")
            turned.WriteToFile file
            do! tab.Page.SetInputFilesAsync("#file", file)
            do! fiveRows (only tab) ""
            let heat = only(tab).Locator ".heat"
            do! Assertions.Expect(heat).ToBeHiddenAsync()
            let row index = only(tab).Locator("tbody tr").Nth index
            do! (row 0).HoverAsync()
            do! visible heat
            let! picture = only(tab).Locator(".picture").BoundingBoxAsync()
            let! over = heat.BoundingBoxAsync()
            let left, top, width, height = square image.Width image.Height

            let near (found: float32) expected =
                Expect.isLessThan (abs (float found - expected)) 1.0 "within a pixel"

            let full = Unchecked.nonNull picture
            let over = Unchecked.nonNull over

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
            do! Assertions.Expect(heat).ToBeHiddenAsync()
            clean tab
        }

let private keyboard =
    case "a sample is tried and explained with the keyboard alone, and the answer is announced" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.FocusAsync "#samples li:first-child button"
            do! tab.Page.Keyboard.PressAsync "Enter"
            do! fiveRows (only tab) "analog clock"
            do! shows (tab.Page.Locator "#said") "analog clock"
            do! tab.Page.FocusAsync ".remove"

            for _ in 1..20 do
                let! there = tab.Page.EvaluateAsync<bool> "document.activeElement.matches('.see')"

                if not there then
                    do! tab.Page.Keyboard.PressAsync "Shift+Tab"

            do! visible (only(tab).Locator ".heat")
            do! tab.Page.Keyboard.PressAsync "Enter"
            do! shows (tab.Page.Locator "#said") "seen most"
            clean tab
        }

let private ten (name, options) =
    case $"ten photographs are named at once, and why is seen ({name})" options
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Screenshot $"empty-{name}"
            do! tab.Page.SetInputFilesAsync("#file", samples |> List.map sample)
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 10
            do! shows (tab.Page.Locator "#counted") "all named"

            for file in samples do
                let card = tab.Page.Locator(".card", PageLocatorOptions(HasText = $"{file}.png"))
                do! shows (card.Locator ".best") (file.Replace('-', ' '))

            let first = (tab.Page.Locator ".card").First
            do! (first.Locator ".see").First.ClickAsync()
            do! visible (first.Locator ".heat")
            do! shows (first.Locator ".legend") "seen most"
            do! inside tab.Page
            do! tab.Screenshot $"ten-{name}"
            clean tab
        }

let private flow =
    case "fifty keep to four at a time" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            let mutable running = 0
            let mutable most = 0
            let gate = obj ()

            let change by =
                lock gate (fun () ->
                    running <- running + by
                    most <- max most running)

            let asks (request: IRequest) = request.Url.Contains "/api/classify"

            tab.Page.Request.Add(fun request ->
                if asks request then
                    change 1)

            tab.Page.RequestFinished.Add(fun request ->
                if asks request then
                    change -1)

            do! tab.Page.SetInputFilesAsync("#file", [ for index in 0..49 -> sample samples[index % 10] ])

            do!
                Assertions
                    .Expect(tab.Page.Locator ".card[data-state=answered]")
                    .ToHaveCountAsync(50, LocatorAssertionsToHaveCountOptions(Timeout = Nullable 60_000f))

            Expect.isLessThanOrEqual most 4 "in flight"
            clean tab
        }

let private cancelled =
    case "a picture is cancelled, and tried again" phone
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! slow tab 2_000
            do! tab.Page.SetInputFilesAsync("#file", sample "daisy")
            do! only(tab).Locator(".cancel").ClickAsync()
            do! shows (only(tab).Locator ".failure") "Cancelled"
            do! tab.Screenshot "cancelled"
            do! slow tab -1
            do! only(tab).Locator(".again").ClickAsync()
            do! fiveRows (only tab) "daisy"
            do! only(tab).Locator(".remove").ClickAsync()
            do! Assertions.Expect(only tab).ToHaveCountAsync 0
        }

let private offline =
    case "without a network a picture waits for one" phone
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.Context.SetOfflineAsync true
            do! tab.Page.SetInputFilesAsync("#file", sample "daisy")
            do! shows (only tab) "You are offline"
            do! tab.Screenshot "offline"
            do! tab.Page.Context.SetOfflineAsync false
            do! fiveRows (only tab) "daisy"
        }

let private wrongFile =
    case "what is no picture gets a sentence that says what to do" desktop
    <| fun tab ->
        task {
            let file = Path.Combine(Repository.artifacts "uploads", "notes.txt")
            File.WriteAllText(file, "no picture at all")
            do! tab.Goto "/"
            do! tab.Page.SetInputFilesAsync("#file", file)
            do! shows (only(tab).Locator ".notice") "JPEG"
            do! tab.Screenshot "error"
            // The browser itself reports the 415 that the page then explains.
            Expect.isEmpty (tab.Complaints |> Array.filter (fun text -> not (text.Contains "415"))) "nothing else"
        }

let private best (port: int) (bytes: byte[]) =
    task {
        use client = new HttpClient()

        let! answer =
            client.PostAsync($"http://localhost:{port}/api/classify", new ByteArrayContent(bytes))

        let! text = answer.Content.ReadAsStringAsync()
        use document = JsonDocument.Parse text

        let first =
            document.RootElement.GetProperty("predictions").EnumerateArray() |> Seq.head

        return string (first.GetProperty("label").GetString())
    }

let private shrunk =
    case "a large photograph goes out smaller, says so, and is named the same" desktop
    <| fun tab ->
        task {
            let! port = site.Value

            for name in [ "basketball.jpg"; "beaver.jpg"; "cheetah1.jpg"; "dog.jpg"; "lion.webp" ] do
                let original = Repository.photograph name
                let! expected = best port original
                use image = NetVips.Image.NewFromBuffer original
                use large = image.Resize(2600.0 / float (max image.Width image.Height))

                let file =
                    Path.Combine(Repository.artifacts "uploads", string (Path.ChangeExtension(name, "large.png")))

                large.WriteToFile file
                Expect.isGreaterThan (FileInfo(file).Length) 2_000_000L "large"
                do! tab.Goto "/"
                do! tab.Page.SetInputFilesAsync("#file", file)
                do! fiveRows (only tab) expected
                do! shows (only(tab).Locator ".note") "Made smaller"
                File.Delete file

            do! tab.Screenshot "shrunk"
            do! tab.Page.Locator("#shrink").UncheckAsync()
            do! tab.Goto "/"
            do! Assertions.Expect(tab.Page.Locator "#shrink").Not.ToBeCheckedAsync()
            clean tab
        }

let private history =
    case "the answers so far are kept in this browser, and forgotten when told" phone
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.ClickAsync "#samples button[value^='honeycomb']"
            do! fiveRows (only tab) "honeycomb"
            do! tab.Goto "/"
            do! tab.Page.ClickAsync "#history summary"
            do! shows (tab.Page.Locator "#history li") "honeycomb"
            do! tab.Screenshot "history"
            do! tab.Page.ClickAsync "#history .clear"
            do! Assertions.Expect(tab.Page.Locator "#history").ToBeHiddenAsync()
            clean tab
        }

let private theme =
    case "light and dark by the switch, remembered" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.ClickAsync "#theme"
            do! tab.Goto "/workers"
            do! Assertions.Expect(tab.Page.Locator "html").ToHaveAttributeAsync("data-theme", "dark")
            do! tab.Page.ClickAsync "#theme"
            do! Assertions.Expect(tab.Page.Locator "html").Not.ToHaveAttributeAsync("data-theme", "dark")
        }

let private withoutScript =
    case "without JavaScript the form does the same" { desktop with Script = false }
    <| fun tab ->
        task {
            let result = tab.Page.Locator "#result"
            do! tab.Goto "/"
            do! tab.Screenshot "upload-no-script"
            do! tab.Page.ClickAsync ".send"
            do! shows result "Choose"
            do! tab.Page.SetInputFilesAsync("#file", sample "honeycomb")
            do! tab.Page.ClickAsync ".send"
            do! fiveRows result "honeycomb"
            do! tab.Page.ClickAsync "#samples button[value^='digital-clock']"
            do! fiveRows result "digital clock"
            do! tab.Screenshot "result-no-script"
        }

let private narrow =
    case "320 pixels are enough, and 3840 are not too many" { phone with Width = 320; Height = 568 }
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.ClickAsync "#samples button[value^='jellyfish']"
            do! fiveRows (only tab) "jellyfish"
            do! inside tab.Page
            do! tab.Screenshot "narrow"
            do! tab.Page.SetViewportSizeAsync(3840, 2160)
            do! inside tab.Page
            do! tab.Screenshot "wide"
        }

let private noWorker =
    testCaseTask "with no worker left the page says so, and asks again when one may be there"
    <| fun () ->
        task {
            let port = Nodes.freePort ()
            use! web = Nodes.web [ port ] []

            do!
                visit web.Port desktop (fun tab ->
                    task {
                        do! tab.Goto "/"
                        do! tab.Page.SetInputFilesAsync("#file", sample "daisy")
                        do! shows (only(tab).Locator ".notice") "No active worker"
                        do! shows (only(tab).Locator ".doing") "Asking again"
                        do! tab.Screenshot "no-worker"
                        use! _worker = Nodes.worker port []

                        do!
                            Assertions
                                .Expect(only(tab).Locator "tbody tr")
                                .ToHaveCountAsync(5, LocatorAssertionsToHaveCountOptions(Timeout = Nullable 40_000f))
                    })
        }

let tests =
    testSequenced
    <| testList
        "Page"
        [
            upload
            why
            keyboard
            yield! List.map ten both
            flow
            cancelled
            offline
            wrongFile
            shrunk
            history
            theme
            withoutScript
            narrow
            noWorker
        ]
