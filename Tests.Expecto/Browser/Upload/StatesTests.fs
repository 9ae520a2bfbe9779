/// The upload page without a network, a worker or a script, with large pictures, and in windows of every size.
module Tests.Expecto.Browser.StatesTests

open System
open System.IO
open Expecto
open Microsoft.Playwright
open Tests.Expecto

let private offline =
    case "without a network a picture waits for one" phone (fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.Context.SetOfflineAsync true
            do! give tab (sample "daisy")
            do! shows (only tab) "You're offline"
            do! tab.Screenshot "offline"
            do! tab.Page.Context.SetOfflineAsync false
            do! fiveRows (only tab) "daisy"
        })

let private wrongFile =
    case "a file that is no picture gets an error that says what to do" desktop (fun tab ->
        task {
            do! tab.Goto "/"
            do! give tab (fileOf "notes.txt" "no picture at all"B)
            do! shows (only(tab).Locator ".notice") "JPEG"
            do! tab.Screenshot "error"
            // The browser itself reports the 415 that the page then explains.
            Expect.isEmpty (tab.Complaints |> Array.filter (fun text -> not (text.Contains "415"))) "nothing else"
        })

let private whole =
    home "a large photograph is sent unchanged, with the answer of the whole file" desktop (fun tab ->
        task {
            use image = NetVips.Image.NewFromFile(photograph "dog.jpg")
            use large = image.Resize(2600.0 / float (max image.Width image.Height))
            let bytes = large.PngsaveBuffer()
            Expect.isGreaterThan bytes.Length 2_000_000 "large"
            let! web = site.Value
            let! _, answer = web.Classify bytes
            let best = answer.GetProperty("predictions")[0]
            let file = fileOf "large.png" bytes
            do! give tab file
            do! fiveRows (only tab) (string (best.GetProperty "label"))
            let! share = only(tab).Locator(".share").First.InnerTextAsync()
            let expected = 100.0 * best.GetProperty("probability").GetDouble()
            Expect.floatClose Accuracy.medium (float (share.TrimEnd '%')) expected "the same probability"
            do! hidden (only(tab).Locator ".note")
            File.Delete file
        })

let private history =
    home "the history stays in this browser until it is cleared" phone (fun tab ->
        task {
            do! tab.Page.ClickAsync "#samples button[value^='honeycomb']"
            do! fiveRows (only tab) "honeycomb"
            do! tab.Goto "/"
            do! tab.Page.ClickAsync "#history summary"
            do! shows (tab.Page.Locator "#history li") "honeycomb"
            do! tab.Page.ClickAsync "#history .clear"
            do! count (tab.Page.Locator "#history li") 0
            do! shows (tab.Page.Locator "#undo") "History cleared"
            do! tab.Page.ClickAsync "#undo button"
            do! shows (tab.Page.Locator "#history li") "honeycomb"
            do! tab.Page.UncheckAsync "#keep-history"
            do! tab.Page.ClickAsync "#samples button[value^='jellyfish']"
            do! shows (tab.Page.Locator(".card").First.Locator ".best") "jellyfish"
            do! count (tab.Page.Locator "#history li") 1
        })

let private theme =
    home "light and dark by the switch, remembered" desktop (fun tab ->
        task {
            do! tab.Page.ClickAsync "#theme"
            do! tab.Goto "/workers"
            do! root tab "data-theme" "dark"
            do! tab.Page.ClickAsync "#theme"
            do! count (tab.Page.Locator "html[data-theme=dark]") 0
        })

let private withoutScript =
    case "without JavaScript the form does the same" { desktop with Script = false } (fun tab ->
        task {
            let result = tab.Page.Locator "#result"
            do! tab.Goto "/"
            do! tab.Screenshot "upload-no-script"
            do! tab.Page.ClickAsync ".send"
            do! shows result "Choose"
            do! tab.Screenshot "failed-no-script"
            do! give tab (sample "honeycomb")
            do! tab.Page.ClickAsync ".send"
            do! fiveRows result "honeycomb"
            do! tab.Page.ClickAsync "#samples button[value^='digital-clock']"
            do! fiveRows result "digital clock"
            do! tab.Screenshot "result-no-script"
        })

let private extremes (pointer, look) =
    home $"one and ten at 320 pixels and at 3840, with {pointer}" look (fun tab ->
        task {
            do! give tab (sample "jellyfish")
            do! fiveRows (only tab) "jellyfish"
            do! inside tab.Page
            do! tab.Screenshot $"narrow-{pointer}"
            do! tab.Page.SetViewportSizeAsync(3840, 2160)
            do! inside tab.Page
            do! tab.Screenshot $"wide-{pointer}"
            do! tab.Page.SetViewportSizeAsync(320, 568)
            do! only(tab).Locator(".remove").ClickAsync()
            do! giveAll tab (List.map sample samples)
            do! answered tab 10
            do! inside tab.Page
            do! tab.Screenshot $"ten-320-{pointer}"
            do! tab.Page.SetViewportSizeAsync(3840, 2160)
            do! inside tab.Page
            do! tab.Screenshot $"ten-3840-{pointer}"
        })

let private forced =
    case "with forced colours (high contrast) the bars are still visible" { desktop with Dark = true } (fun tab ->
        task {
            do! tab.Page.EmulateMediaAsync(PageEmulateMediaOptions(ForcedColors = Nullable ForcedColors.Active))
            do! tab.Goto "/"
            do! giveAll tab [ sample "daisy"; sample "analog-clock" ]
            do! answered tab 2
            do! tab.Page.Locator(".see").First.ClickAsync()

            let! fill =
                tab.Page.EvaluateAsync<string[]>
                    "['.fill', '.track'].map((part) => getComputedStyle(document.querySelector(part)).fill)"

            Expect.notEqual fill[0] fill[1] "the bar is seen on its track"
            do! tab.Screenshot "forced-colors"
            clean tab
        })

let private noWorker =
    testTask "without a worker the page says so and tries again later" {
        let port = Nodes.freePort ()
        use! web = Nodes.web [ port ] []

        let isUnready () =
            task {
                let! status, _ = web.Get "/v2/health/ready"
                return status = 503
            }

        do!
            visit web.Port desktop (fun tab ->
                task {
                    // The first check finds nobody.
                    do! web.Node.UntilAsync("without a worker", TimeSpan.FromSeconds 60.0, isUnready)
                    do! tab.Goto "/"
                    do! shows (tab.Page.Locator "#no-workers") "No workers are available"
                    do! tab.Screenshot "no-workers-yet"
                    do! give tab (sample "daisy")
                    do! shows (only(tab).Locator ".notice strong") "No workers are available"
                    do! shows (only(tab).Locator ".notice p") "Retrying…"
                    do! shows (only(tab).Locator ".doing") "Retrying in"
                    do! tab.Screenshot "no-worker"
                    use! _worker = Nodes.worker port []
                    do! answered tab 1
                    do! fiveRows (only tab) "daisy"
                    do! count (tab.Page.Locator "#no-workers") 0
                })
    }

let tests =
    testSequencedGroup "browser"
    <| testList
        "States"
        [
            offline
            wrongFile
            whole
            history
            theme
            withoutScript
            yield! List.map extremes [ "mouse", narrow; "touch", { narrow with Touch = true } ]
            forced
            noWorker
        ]
